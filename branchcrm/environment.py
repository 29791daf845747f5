"""Values from the environment, checked as they are read."""

import os

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def env_required(name: str) -> str:
    """Return the value of `name`. Raises ImproperlyConfigured if it is unset or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set (`make run` and `make test` set it for you)")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    """Return `name` as a truth value. Raises ImproperlyConfigured for anything but 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def env_list(name: str, *, default: str) -> list[str]:
    """Return the comma-separated values of `name`, without blanks."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_limits(name: str, *, default: dict[str, float]) -> dict[str, float]:
    """Return `default` with the limits that `name` sets as "tiers=0.05,types=0.1".

    Raises ImproperlyConfigured for a limit that does not exist or is no number from 0 to 1.
    """
    limits = dict(default)
    for part in env_list(name, default=""):
        key, _, text = part.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if key not in default or not 0 <= value <= 1:
            raise ImproperlyConfigured(f"{name}: {part!r} is none of {', '.join(default)} = a share from 0 to 1")
        limits[key] = value
    return limits


def mail_backend(host: str, folder: str) -> str:
    """Return Django's way to send mail: by a server, into a folder, or to the console."""
    if host:
        return "smtp"
    return "filebased" if folder else "console"
