"""The Celery app: `celery -A branchcrm worker` and `celery -A branchcrm beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branchcrm.settings")

app = Celery("branchcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
