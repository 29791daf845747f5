"""Requests for another manager as the list, one page and the client's page read them."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, QuerySet

from clients.models import Client
from office.models import Branch, Employee
from segmentation.models import ManagerChangeRequest
from segmentation.queries.allocation import eligible_managers

ORDER = ["-asked_at", "-pk"]
SHOWN = ("client__standing__manager", "present", "wished", "given_to", "taken_by", "decided_by", "service_key")


def seen_changes(user: Employee) -> QuerySet[ManagerChangeRequest]:
    """Return the requests that `user` may know of, with what a line shows."""
    return ManagerChangeRequest.objects.visible_to(user).select_related(*SHOWN)


def state_counts(user: Employee) -> dict[str, int]:
    """Return how many requests stand in each state; one query."""
    rows = ManagerChangeRequest.objects.visible_to(user).order_by().values_list("state")
    found = dict.fromkeys(ManagerChangeRequest.State.values, 0)
    found.update(rows.annotate(count=Count("pk")))
    return found


def changes_of(client: Client, user: Employee) -> QuerySet[ManagerChangeRequest]:
    """Return what one client asked for, latest first."""
    return seen_changes(user).filter(client=client).order_by(*ORDER)


def candidates(branch: Branch, on: date, *, but: int | None = None) -> QuerySet[Employee]:
    """Return who may be given clients on that day, without the employee `but`, by name."""
    able = [pk for pk, why in eligible_managers(branch, on).items() if why is None and pk != but]
    return Employee.objects.filter(pk__in=able).order_by("pinyin", "pk")
