"""Who does the work of a branch on one day: managers, who stands in for them, and who visits in their stead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max

from office.models import Branch, Capacity, Employee, Leave, Role

CHIEFS = (Role.MARKET_DIRECTOR, Role.BRANCH_MANAGER, Role.TEAM_LEADER)  # in this order, for clients without a manager
VISITORS = (Role.SERVICE_STAFF, Role.HEAD_OFFICE_SERVICE, Role.BRANCH_MANAGER)  # for visits the owner must not make
WORKING_DAYS_A_WEEK = 5
DEFAULT_MINUTES = 1200  # a week, of a person without a capacity row: the model's own default


@dataclass(frozen=True)
class Posts:
    """The people of one branch on one day, as ids.

    `acting` leads from a manager to who does his work; `chief` takes clients nobody serves.
    """

    acting: dict[int, int] = field(default_factory=dict)
    chief: int | None = None
    visitors: list[int] = field(default_factory=list)
    compliance: int | None = None
    day_minutes: dict[int, float] = field(default_factory=dict)

    @property
    def at_desk(self) -> list[int]:
        """Who is there on that day."""
        return sorted({pk for pk, stand_in in self.acting.items() if pk == stand_in})

    def columns(self) -> dict[str, Any]:
        """Return what the statements of the night name."""
        return {
            "o_manager": list(self.acting),
            "o_acting": list(self.acting.values()),
            "chief": self.chief,
            "visitors": self.visitors,
            "visitor_count": max(len(self.visitors), 1),
            "compliance": self.compliance,
            "at_desk": self.at_desk,
            "b_owner": list(self.day_minutes),
            "b_minutes": list(self.day_minutes.values()),
        }


ACTING_TABLE = "unnest(%(o_manager)s::bigint[], %(o_acting)s::bigint[]) AS o(manager_id, acting_id)"
BUDGET_TABLE = "unnest(%(b_owner)s::bigint[], %(b_minutes)s::float8[]) AS b(owner_id, minutes)"


def posts(branch: Branch, on: date) -> Posts:
    """Return who does the work of the branch on that day.

    A manager on leave is stood in for by his substitute, else by his team's leader; one who left by
    the leader, else by the chief.
    """
    people = {person.pk: person for person in Employee.objects.filter(branch=branch).select_related("team")}
    leaves = Leave.objects.filter(employee__branch=branch, starts_on__lte=on, ends_on__gte=on).order_by("pk")
    away = {leave.employee_id: leave.substitute_id for leave in leaves}
    there = {pk for pk, person in people.items() if person.is_employed(on) and pk not in away}
    chief = _first(people, there, CHIEFS)
    return Posts(
        acting={pk: stand_in for pk, person in people.items() if (stand_in := _acting(person, away, there, chief))},
        chief=chief,
        visitors=next((found for role in VISITORS if (found := _holding(people, there, role))), []),
        compliance=_first(people, there, (Role.COMPLIANCE,)),
        day_minutes=_day_minutes(branch, on, there),
    )


def _acting(person: Employee, away: dict[int, int | None], there: set[int], chief: int | None) -> int | None:
    if person.pk in there:
        return person.pk
    leader = person.team.leader_id if person.team else None
    return next((pk for pk in (away.get(person.pk), leader, chief) if pk in there), None)


def _holding(people: dict[int, Employee], there: set[int], role: str) -> list[int]:
    return sorted(pk for pk in there if people[pk].has_role(role))


def _first(people: dict[int, Employee], there: set[int], roles: tuple[Role, ...]) -> int | None:
    return next((found[0] for role in roles if (found := _holding(people, there, role))), None)


def _day_minutes(branch: Branch, on: date, there: set[int]) -> dict[int, float]:
    """Return how many minutes of service each person has on one day: a fifth of the week's, less the reserve."""
    rows = Capacity.objects.filter(employee__branch=branch, valid_from__lte=on)
    latest = dict(rows.values_list("employee").annotate(Max("valid_from")))
    week = dict.fromkeys(there, float(DEFAULT_MINUTES))
    for row in rows:
        if row.employee_id in there and latest[row.employee_id] == row.valid_from:
            week[row.employee_id] = row.minutes_per_week * float(1 - row.reserved_ratio)
    return {pk: minutes / WORKING_DAYS_A_WEEK for pk, minutes in week.items()}
