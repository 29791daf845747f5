"""Who may handle, approve and be told: everybody of the branch but those the complaint names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from complaints.models import Complaint
from complaints.rules.escalation import Level
from office.models import Branch, Employee, Leave, Role
from office.rights import GRANTS

# Who takes a complaint that its first hearer may not handle, in this order.
LINE = (
    Role.SERVICE_STAFF,
    Role.TEAM_LEADER,
    Role.DIRECTOR_ASSISTANT,
    Role.MARKET_DIRECTOR,
    Role.BRANCH_MANAGER,
    Role.COMPLIANCE,
)
LEVEL_ROLES = {
    Level.LEADER: Role.TEAM_LEADER,
    Level.DIRECTOR: Role.MARKET_DIRECTOR,
    Level.BRANCH_HEAD: Role.BRANCH_MANAGER,
    Level.COMPLIANCE: Role.COMPLIANCE,
}


def handlers(branch: Branch, on: date, *, avoid: Iterable[int] = ()) -> QuerySet[Employee]:
    """Return who may handle complaints of the branch, without those of `avoid` (ids)."""
    return _holding(branch, "complaints.handle_complaint", on).exclude(pk__in=list(avoid))


def eligible_handlers(complaint: Complaint, on: date) -> QuerySet[Employee]:
    """Return who may handle this complaint; nobody it names, and not who approved it."""
    avoid = complaint.parties.values("employee_id")
    found = _holding(complaint.branch, "complaints.handle_complaint", on).exclude(pk__in=avoid)
    return found.exclude(pk=complaint.approver_id or 0)


def eligible_approvers(complaint: Complaint, on: date) -> QuerySet[Employee]:
    """Return who may approve the plan: neither named, nor handler, nor author; after a review its reviewer alone."""
    avoid = complaint.parties.values("employee_id")
    found = _holding(complaint.branch, "complaints.approve_complaint", on).exclude(pk__in=avoid)
    if complaint.reviewer_id:
        found = found.filter(pk=complaint.reviewer_id)
    return found.exclude(pk__in=[pk for pk in (complaint.handler_id, complaint.planned_by_id) if pk])


def next_handler(branch: Branch, on: date, *, avoid: Iterable[int], manager_id: int | None = None) -> Employee | None:
    """Return who comes next in line to handle a complaint; None if everybody is named.

    Who is at work comes before who is away; of several of one post whoever has least to do. Of the
    leaders the one of the client's manager comes first.
    """
    people = list(handlers(branch, on, avoid=avoid).select_related("team"))
    away = _away(branch, on)
    load = _load(branch)
    leader = Employee.objects.filter(pk=manager_id or 0).values_list("team__leader_id", flat=True).first()

    def place(person: Employee) -> tuple[bool, int, bool, int, int]:
        post = min(LINE.index(role) for role in LINE if person.has_role(role))
        return person.pk in away, post, person.pk != leader, load.get(person.pk, 0), person.pk

    return min((person for person in people if person.has_role(*LINE)), key=place, default=None)


def told_at(complaint: Complaint, level: Level, on: date) -> list[Employee]:
    """Return who is told when a clock rises to `level`; nobody the complaint names."""
    found = _employed(complaint.branch, on).filter(roles__contains=[LEVEL_ROLES[level]])
    found = found.exclude(pk__in=complaint.parties.values("employee_id"))
    if level == Level.LEADER:
        found = found.filter(_leads_this(complaint))
    return list(found.order_by("pk"))


def _leads_this(complaint: Complaint) -> Q:
    manager = complaint.client.standing.manager_id if complaint.client is not None else None
    concerned = [pk for pk in (manager, complaint.handler_id) if pk]
    return Q(led_teams__members__in=concerned)


def _employed(branch: Branch, on: date) -> QuerySet[Employee]:
    return Employee.objects.filter(Q(left_on=None) | Q(left_on__gt=on), branch=branch, is_active=True)


def _holding(branch: Branch, permission: str, on: date) -> QuerySet[Employee]:
    return _employed(branch, on).filter(roles__overlap=sorted(GRANTS.get(permission, set())))


def _away(branch: Branch, on: date) -> set[int]:
    rows = Leave.objects.filter(employee__branch=branch, starts_on__lte=on, ends_on__gte=on)
    return set(rows.values_list("employee_id", flat=True))


def _load(branch: Branch) -> dict[int, int]:
    load: dict[int, int] = {}
    for handler_id in Complaint.objects.filter(branch=branch).open().values_list("handler_id", flat=True):
        if handler_id:
            load[handler_id] = load.get(handler_id, 0) + 1
    return load
