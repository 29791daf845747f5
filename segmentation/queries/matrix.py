"""Strengths and weaknesses of all managers side by side (MGR-01, MGR-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from clients.models import ClientStanding
from office.models import Employee, EmployeeSkill, Skill
from segmentation.allocation.book import CORE_VIP_MINUTES, WEEKLY_MINUTES
from segmentation.queries.allocation import capacities, eligible_managers

STRONG, WEAK = 4, 1  # levels from and up to which a skill counts as a strength or a weakness


@dataclass
class Profile:
    """One manager: what he knows, how much he carries, and what keeps him from being given clients."""

    employee: Employee
    levels: list[tuple[str, str, EmployeeSkill | None]]  # skill, its name, the row
    clients: int = 0
    minutes: float = 0.0
    capacity: float = 0.0
    max_clients: int = 0
    hindrance: str = ""
    strengths: list[str] = field(default_factory=list)
    weaknesses: list[str] = field(default_factory=list)

    @property
    def load_share(self) -> float:
        """Weekly minutes of his clients over capacity, 0 without one."""
        return self.minutes / self.capacity if self.capacity else 0.0

    @property
    def mean_level(self) -> float:
        """Mean level over all skills, a missing one counting 0."""
        return sum(row.level for _, _, row in self.levels if row) / len(self.levels)

    @property
    def unassessed(self) -> int:
        """How many skills nobody has assessed."""
        return sum(row is None for _, _, row in self.levels)

    def level(self, skill: str) -> int:
        """Return the level of a skill, 0 where nothing was assessed."""
        return next((row.level for name, _, row in self.levels if name == skill and row), 0)


def profiles(user: Employee, on: date, *, team: str = "", sort: str = "-mean") -> list[Profile]:
    """Return the serving staff of the user's branch; `sort` is a skill, mean, load, clients or name, "-" descending."""
    branch = user.branch
    if branch is None:
        return []
    hindered = eligible_managers(branch, on)
    carried = _carried(user)
    room = capacities(branch, on)
    people = Employee.objects.filter(branch=branch, pk__in=list(hindered)).select_related("team")
    wanted = people.filter(team_id=int(team)) if team.isdecimal() else people
    rows = [
        _profile(person, hindered, carried, room)
        for person in wanted.prefetch_related("skills").order_by("staff_no")
        if hindered[person.pk] is None or (person.pk in carried and person.is_active)
    ]
    return _sorted(rows, sort)


def _carried(user: Employee) -> dict[int | None, tuple[int, float]]:
    """Return clients and weekly minutes by manager, counted in the database."""
    groups = (
        ClientStanding.objects.filter(branch_id=user.branch_id or 0, is_closed=False)
        .exclude(manager=None)
        .values("manager", "grade")
        .annotate(clients=Count("pk"), core=Count("pk", filter=Q(is_core=True)))
    )
    found: dict[int | None, tuple[int, float]] = {}
    for group in groups:
        each = WEEKLY_MINUTES.get(group["grade"], WEEKLY_MINUTES["potential"])
        core = group["core"] if group["grade"] == "vip" else 0
        clients, minutes = found.get(group["manager"], (0, 0.0))
        more = (group["clients"] - core) * each + core * CORE_VIP_MINUTES
        found[group["manager"]] = (clients + group["clients"], minutes + more)
    return found


def _profile(
    person: Employee,
    hindered: Mapping[int, object],
    carried: dict[int | None, tuple[int, float]],
    room: dict[int, tuple[float, int]],
) -> Profile:
    known = {row.skill: row for row in person.skills.all()}
    levels = [(str(skill), str(skill.label), known.get(str(skill))) for skill in Skill]
    clients, minutes = carried.get(person.pk, (0, 0.0))
    capacity, most = room.get(person.pk, (0.0, 0))
    why = hindered[person.pk]
    return Profile(
        employee=person,
        levels=levels,
        clients=clients,
        minutes=minutes,
        capacity=capacity,
        max_clients=most,
        hindrance=str(getattr(why, "value", "")),
        strengths=[label for _, label, row in levels if row and row.level >= STRONG],
        weaknesses=[label for _, label, row in levels if row and row.level <= WEAK],
    )


def _sorted(rows: list[Profile], sort: str) -> list[Profile]:
    key = sort.removeprefix("-")
    rank = {
        "mean": lambda row: row.mean_level,
        "load": lambda row: row.load_share,
        "clients": lambda row: row.clients,
        "name": lambda row: row.employee.pinyin,
    }.get(key) or (lambda row: row.level(key))
    return sorted(rows, key=rank, reverse=sort.startswith("-"))
