"""What lies on one employee's desk: saved views, notices, and what each app waits for him to do."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import QuerySet

from office.models import Employee, Notice, SavedView


@dataclass(frozen=True)
class ViewTab:
    """A saved view as components/views.html draws it."""

    pk: int
    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Waiting:
    """What one part of the house waits for: how many, in which words, where they are listed, whether it presses."""

    label: str
    count: int
    url: str
    presses: bool = False


def waiting_for(employee: Employee, now: datetime) -> list[Waiting]:
    """Return what the apps wait for `employee` to do, what presses first.

    An app that waits for people says so by `waiting_for` in its AppConfig, as it does for the audit book
    by `audit_hidden`. Nothing is returned for what nobody waits for.
    """
    asking = [config for config in apps.get_app_configs() if hasattr(config, "waiting_for")]
    found = [one for config in asking for one in config.waiting_for(employee, now) if one.count]
    return sorted(found, key=lambda one: not one.presses)


def saved_views(employee: Employee, page: str, url: str, query: str) -> list[ViewTab]:
    """Return the views an employee saved of the list `page` at `url`; the one that says `query` is current."""
    rows = SavedView.objects.filter(employee=employee, page=page).order_by("name", "pk")
    return [ViewTab(row.pk, row.name, f"{url}?{row.query}", row.query == query) for row in rows]


def notice_list(employee: Employee) -> QuerySet[Notice]:
    """Return the notices of an employee, newest first."""
    return Notice.objects.filter(employee=employee).order_by("-created_at", "-pk")


def unread_count(employee: Employee) -> int:
    """Return how many notices an employee has not read."""
    return Notice.objects.filter(employee=employee, read_at=None).count()
