"""Background work of the office; `manage.py calendar check` is the twin by hand."""

from celery import shared_task
from django.utils import timezone

from office.operations.calendar import warn_of_calendar_end


@shared_task(acks_late=True, ignore_result=True)
def watch_calendar() -> None:
    """Tell those who may upload a year when fewer than 30 trading days are left; the same news arrives once a month."""
    warn_of_calendar_end(timezone.localdate())
