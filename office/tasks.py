"""Background work of the office; `manage.py calendar check` is the twin by hand."""

import logging
from functools import partial
from typing import Any

from celery import current_app, shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from office.counting import is_first
from office.operations.calendar import warn_of_calendar_end
from office.operations.calls import forget_call_book
from office.operations.idempotency import forget_old_calls

logger = logging.getLogger(__name__)
GATHERED = 1  # seconds


@shared_task(acks_late=True, ignore_result=True)
def watch_calendar() -> None:
    """Tell those who may upload a year when fewer than 30 trading days are left; the same news arrives once a month."""
    warn_of_calendar_end(timezone.localdate())


@shared_task(acks_late=True, ignore_result=True)
def forget_api_calls() -> None:
    """Forget answers kept under Idempotency-Keys that nobody repeats any more, and the book of calls of last year."""
    now = timezone.now()
    forget_old_calls(now)
    forget_call_book(now)


def soon(name: str, *args: Any) -> None:
    """Send a task of any app, by its name, once what is being written has landed; a broker that is down loses it.

    Callers need not wait for what a floor above does, and beat looks again for whatever was lost.
    """
    transaction.on_commit(partial(_send, name, args))


def soon_together(name: str, *args: Any) -> None:
    """Send a task as `soon` does, for work that looks for all there is to do: one for all who ask within a second.

    It begins when the second is over, and so sees what every one of them wrote.
    """
    transaction.on_commit(partial(_send_together, name, args))


def _send_together(name: str, args: tuple[Any, ...]) -> None:
    if is_first(f"office.soon:{name}{args}", GATHERED):
        _send(name, args, countdown=GATHERED)


def _send(name: str, args: tuple[Any, ...], **when: int) -> None:
    try:
        current_app.send_task(name, args=args, retry=False, **when)
    except OperationalError:
        logger.warning("%s was not sent: the broker does not answer", name)
