"""What lies on one employee's desk: saved views and notices."""

from dataclasses import dataclass

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
