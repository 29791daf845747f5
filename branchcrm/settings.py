"""Settings of branchcrm, top to bottom as Django reads them.

What differs between machines comes from the environment; a missing or wrong value raises
ImproperlyConfigured, and no secret has a default. `make run` and `make test` set all of them.
"""

import os
from pathlib import Path

import dj_database_url
import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF

from branchcrm.environment import env_bool, env_limits, env_list, env_required, mail_backend

django_stubs_ext.monkeypatch()  # so that ModelForm[Client] and its kin mean something at run time

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env_required("SECRET_KEY")
DEBUG = env_bool("DEBUG", default=False)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", default="127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", default="")

# --- Applications ---------------------------------------------------------------------------------
# Floors of docs/architecture.md, roof last: an app imports only from those above it in this list.

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_linear_migrations",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "rest_framework",
    "template_partials",
    "office",
    "clients",
    "service_logs",
    "complaints",
    "segmentation",
    "retention",
    "branchcrm",
]

MIDDLEWARE = [
    "office.middleware.CallerAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "office.middleware.PasswordChangeMiddleware",
    "office.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "branchcrm.urls"
WSGI_APPLICATION = "branchcrm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["office.templatetags.crm", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "office.context_processors.shell",
            ],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------

DATABASE = dj_database_url.parse(env_required("DATABASE_URL"), conn_max_age=60)
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_required("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "{HOST}:{PORT}/{NAME}".format_map(DATABASE),  # counts of one database are not those of another
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},  # no page waits for what it can do without
    }
}

# --- Who ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "office.Employee"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "office.rights.RoleBackend"]
LOGIN_URL = "office:login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "office:login"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if env_bool("CRM_FAST_HASHER", default=False)  # tests only: argon2 costs 0.4 s for every user made
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_FORM_FIELD = "username"  # of the login form; the default is the name of the model's field
AXES_LOCKOUT_CALLABLE = "office.views.account.locked"
AXES_RESET_ON_SUCCESS = True
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # by staff number on purpose: a branch sits behind one address

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "office.staticfinder.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if env_bool("CRM_PLAIN_STATIC", default=False)  # tests only: no collectstatic there
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = env_bool("CRM_PLAIN_STATIC", default=False)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a plan of a few thousand lines is approved in one form

# --- Safety ---------------------------------------------------------------------------------------

SECURE = env_bool("CRM_SECURE", default=True)  # the office is reached over HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Tabler's form arrows are data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "office.api_errors.api_exception_handler",
    "DEFAULT_SCHEMA_CLASS": "office.api.description.HouseSchema",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "branchcrm",
    "VERSION": "1",
    "DESCRIPTION": "柜台与营业部之间的接口。金额一律以分为单位（…_fen），日期为 YYYY-MM-DD，时间带时区。",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "FeedState": "clients.models.RestFeed.State",
        "BatchState": "clients.models.ImportBatch.State",
        "TaskState": "service_logs.models.Task.State",
        "TaskKind": "service_logs.models.catalogue.Kind",
        "ClientStatus": "clients.models.Client.Status",
        "ClientKind": "clients.models.Client.Kind",
        "Tier": "clients.models.Tier",
        "RequestState": "retention.models.ClosureRequest.State",
        "RequestKind": "retention.models.ClosureRequest.Kind",
        "RequestChannel": "retention.models.ClosureRequest.Channel",
        "RequestReason": "retention.models.Reason",
        "ChangeState": "segmentation.models.ManagerChangeRequest.State",
        "ChangeReason": "segmentation.models.ManagerChangeRequest.Reason",
        "ChangeChannel": "segmentation.models.ManagerChangeRequest.Channel",
        "ServiceChannel": "service_logs.models.Channel",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "office.api.description.add_errors",
    ],
}
CRM_API_PART_BYTES = int(os.environ.get("CRM_API_PART_BYTES", str(1 << 30)))  # of one part of a feed, as it is sent

# --- Work in the background -----------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    # Seen by those who come at 08:25.
    "calendar": {"task": "office.tasks.watch_calendar", "schedule": crontab(hour=8, minute=0)},
    "api calls": {"task": "office.tasks.forget_api_calls", "schedule": crontab(hour=3, minute=10)},
    # Before each look of the nights below; a folder that was taken in is passed over.
    "deliveries": {"task": "clients.tasks.import_deliveries", "schedule": crontab(hour="18-23,0-7", minute="5-59/15")},
    # What happened by day; a view asks at once, this looks again for what a broker lost.
    "same-day": {"task": "branchcrm.tasks.raise_same_day", "schedule": crontab(hour="8-17", minute="*")},
    # Inside working time, which the operation itself keeps to.
    "complaints": {"task": "complaints.tasks.watch_deadlines", "schedule": crontab(hour="8-17", minute="*/10")},
    "old-papers": {"task": "complaints.tasks.remove_expired_papers", "schedule": crontab(day_of_month=1, hour=7)},
    "complaint-reports": {"task": "complaints.tasks.remind_of_reports", "schedule": crontab(hour=8, minute=20)},
    # Closes what is over and writes reminders, in working time only; nothing of it is sent by night.
    "surveys": {"task": "complaints.tasks.watch_surveys", "schedule": crontab(hour="8-17", minute=40)},
    "requests": {"task": "retention.tasks.watch_clocks", "schedule": crontab(hour="8-18", minute="2-59/10")},
    # Published by 07:30. Each call is safe to repeat: a night already published or held ends at once,
    # one still without a feed waits for the next quarter of an hour, from 06:00 on it degrades.
    "nights": {"task": "branchcrm.tasks.start_nights", "schedule": crontab(hour="2-7", minute="*/15")},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}  # seconds: longer than any night

# --- Our own --------------------------------------------------------------------------------------

CRM_FIELD_KEYS = env_required("CRM_FIELD_KEYS")  # "1:base64[,2:base64]", AES-256; the highest id encrypts
CRM_INDEX_KEY = env_required("CRM_INDEX_KEY")  # base64, HMAC-SHA256 of the blind indexes
CRM_FEED_DIR = env_list("CRM_FEED_DIR", default=str(BASE_DIR / ".data" / "feed"))[
    0
]  # where the counter drops its files
# Papers of complaints; no web server serves this folder.
CRM_FILES_DIR = env_list("CRM_FILES_DIR", default=str(BASE_DIR / ".data" / "files"))[0]
# What a night may differ by before a person must look at it (nightly.md §8), as shares; "tiers=0.08,types=0.2" in the
# environment changes single ones. `ranks` is a correlation and a minimum, all others are maxima.
CRM_GATES = env_limits(
    "CRM_GATES",
    default={
        "clients": 0.02,  # number of clients against the previous run
        "assets": 0.0001,  # Σ assets of the scores against the counter's accounts
        "commission": 0.0001,  # Σ net commission likewise
        "promise": 0.0001,  # what was delivered against what the manifest promised
        "unknown": 0.001,  # rows refused because client or account are unknown
        "tiers": 0.05,  # clients whose tier changed
        "types": 0.10,  # clients whose value type changed
        "ranks": 0.95,  # Spearman's, of the values with those of the previous run
    },
)

# --- Logs and mail --------------------------------------------------------------------------------

# The night's report goes out by EMAIL_HOST; without one it is kept as files in CRM_MAIL_DIR, or printed.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_USER", ""), os.environ.get("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_TLS", default=False)
EMAIL_FILE_PATH = os.environ.get("CRM_MAIL_DIR", "")
EMAIL_BACKEND = f"django.core.mail.backends.{mail_backend(EMAIL_HOST, EMAIL_FILE_PATH)}.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "branchcrm@localhost")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}},  # a line for every good sign-in says nothing
}
