"""Grievances as the list and the client's page read them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from clients.models import Client
from clients.queries.search import matching_clients
from office.models import Employee, Role
from office.rights import GRANTS, REACH, Reach
from retention.models import Grievance

ORDER = ["due_on", "pk"]
DONE_ORDER = ["-logged_at", "-pk"]
EDIT = "retention.edit_grievance"
PARTS = {"open": "未办结", "late": "已过期", "mine": "由我负责", "closed": "已办结"}


def seen_grievances(user: Employee) -> QuerySet[Grievance]:
    """Return the grievances `user` may know of, with what a line shows."""
    return Grievance.objects.visible_to(user).select_related("client__standing__manager", "owner", "logged_by")


def grievance_list(user: Employee, wanted: dict[str, Any], today: date) -> QuerySet[Grievance]:
    """Return the grievances that the cleaned filter `wanted` asks for."""
    rows = seen_grievances(user)
    part = wanted.get("part") or "open"
    rows = rows.filter(closed_at__isnull=part != "closed")
    if part == "late":
        rows = rows.filter(due_on__lt=today)
    if part == "mine":
        rows = rows.filter(owner=user)
    if wanted.get("kind"):
        rows = rows.filter(kind__in=wanted["kind"])
    if wanted.get("q"):
        rows = rows.filter(client__in=matching_clients(user, wanted["q"]))
    return rows


def order_of(part: str) -> list[str]:
    """Return the order of a part: what is due first, of what is done the latest first."""
    return DONE_ORDER if part == "closed" else ORDER


def late_count(user: Employee, today: date) -> int:
    """Return how many grievances should have been put right before today."""
    return Grievance.objects.visible_to(user).open().filter(due_on__lt=today).count()


def may_own(client: Client) -> QuerySet[Employee]:
    """Return who of the branch may put a client's grievance right: those in post who may see him."""
    wide = [role for role in GRANTS[EDIT] if REACH.get(role) == Reach.BRANCH]
    fits = Q(roles__overlap=wide)
    manager = client.standing.manager
    if manager is not None:
        fits |= Q(pk=manager.pk)
        if manager.team_id is not None:
            fits |= Q(team=manager.team_id, roles__contains=[Role.TEAM_LEADER])
    return Employee.objects.filter(fits, branch=client.branch_id, is_active=True).order_by("pinyin", "pk")


def grievances_of(client: Client, user: Employee) -> list[Grievance]:
    """Return the latest grievances of one client, the open ones first."""
    rows = seen_grievances(user).filter(client=client)
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-pk")[:5])
