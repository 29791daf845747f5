"""What is done to the lines behind the bell."""

from collections.abc import Iterable
from datetime import datetime

from office.models import Employee, Notice


def notify(employees: Iterable[Employee], key: str, text: str, url: str = "") -> int:
    """Put a line behind the bell of each employee once per `key`; return how many of them are new."""
    before = Notice.objects.filter(key=key).count()
    notices = [Notice(employee=employee, key=key, text=text[:200], url=url) for employee in employees]
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1_000)
    return Notice.objects.filter(key=key).count() - before


def mark_read(employee: Employee, at: datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark the unread notices of an employee, or those of `notice_ids`, as read; return how many."""
    unread = Notice.objects.filter(employee=employee, read_at=None)
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    return unread.update(read_at=at)
