"""Who works here: lists and the page of one employee."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from office.models import Capacity, Employee, Leave, Team

SORTS = {
    "name": ["pinyin", "name"],
    "staff_no": ["staff_no"],
    "team": ["team__name", "pinyin"],
    "hired_on": ["hired_on"],
    "capacity": ["minutes"],
    "last_login": ["last_login"],
}


def staff_list(user: Employee, on: date, wanted: dict[str, Any], sort: str = "name") -> QuerySet[Employee]:
    """Return the employees of the branch of `user` that the cleaned StaffFilter `wanted` asks for.

    Each carries `minutes` (of service a week, by the capacity valid on that day, None without one)
    and `is_away` (on leave on that day). `sort` is a key of SORTS, "-" before it for descending.
    """
    capacity = Capacity.objects.filter(employee=OuterRef("pk"), valid_from__lte=on).order_by("-valid_from")
    leave = Leave.objects.filter(employee=OuterRef("pk"), starts_on__lte=on, ends_on__gte=on)
    rows = (
        Employee.objects.filter(branch_id=user.branch_id or 0)
        .filter(_matching(wanted.get("q") or ""))
        .select_related("team")
        .annotate(minutes=Subquery(capacity.values("minutes_per_week")[:1]), is_away=Exists(leave))
    )
    if wanted.get("team"):
        rows = rows.filter(team=wanted["team"])
    if wanted.get("role"):
        rows = rows.filter(roles__contains=[wanted["role"]])
    return _in_state(rows, wanted.get("state") or "employed").order_by(*_order(sort))


def employee(user: Employee, pk: int) -> QuerySet[Employee]:
    """Return the query set that holds the employee `pk` if he works at the branch of `user`."""
    return Employee.objects.filter(pk=pk, branch_id=user.branch_id or 0).select_related("team", "branch")


def team_list(user: Employee) -> QuerySet[Team]:
    """Return the teams of the branch with their leader and `size`, the number of active members."""
    active = Count("members", filter=Q(members__is_active=True))
    return (
        Team.objects.filter(branch_id=user.branch_id or 0)
        .select_related("leader")
        .annotate(size=active)
        .order_by("name", "pk")
    )


def _matching(text: str) -> Q:
    typed = text.strip().lower()
    return Q(name__icontains=typed) | Q(pinyin__startswith=typed) | Q(staff_no__startswith=typed) if typed else Q()


def _in_state(rows: QuerySet[Employee], state: str) -> QuerySet[Employee]:
    if state == "all":
        return rows
    if state == "away":
        return rows.filter(Q(is_away=True), is_active=True)
    return rows.filter(is_active=state != "left")


def _order(sort: str) -> list[str]:
    key, sign = sort.removeprefix("-"), "-" if sort.startswith("-") else ""
    return [sign + column for column in SORTS.get(key, SORTS["name"])] + ["pk"]
