"""What the service policy asks of the branch: clients each row speaks of, minutes a week, contacts due tonight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from clients.models import ClientStanding
from office.models import Branch
from service_logs.models import Way
from service_logs.rules.policy import Terms, narrowest

DAYS_A_WEEK = 7


@dataclass(frozen=True)
class Load:
    """The work one row of the policy makes."""

    clients: int
    minutes_a_week: float  # of talks; a batch of messages costs its minutes once
    due: int  # clients whose last contact lies a whole rhythm back


@dataclass(frozen=True)
class Group:
    """Clients of one grade, tier and value type with one day of last contact."""

    grade: str
    tier: str
    value_type: str
    is_core: bool
    last_contact_on: date | None
    clients: int


def groups(branch: Branch) -> list[Group]:
    """Return the open clients of the branch, counted by what a policy tells apart and by day of last contact."""
    rows = (
        ClientStanding.objects.filter(branch=branch, is_closed=False)
        .order_by()
        .values_list("grade", "tier", "value_type", "is_core", "last_contact_on")
        .annotate(clients=Count("pk"))
    )
    return [Group(*row) for row in rows]


def loads(rows: Iterable[Terms], found: Iterable[Group], on: date) -> dict[tuple[str, str, str, str], Load]:
    """Return the key of every row → its work where it is the narrowest; `on` is the next day served."""
    rows = list(rows)
    held: dict[tuple[str, str, str, str], list[Group]] = {row.key: [] for row in rows}
    for group in found:
        for way in Way.values:
            row = narrowest(rows, group.grade, group.tier, group.value_type, way)
            if row is not None:
                held[row.key].append(group)
    return {row.key: _load(row, held[row.key], on) for row in rows}


def _load(row: Terms, held: list[Group], on: date) -> Load:
    edge = on - timedelta(days=row.rhythm_days)
    return Load(
        clients=sum(group.clients for group in held),
        minutes_a_week=_minutes(row, held),
        due=sum(group.clients for group in held if group.last_contact_on is None or group.last_contact_on <= edge),
    )


def _minutes(row: Terms, held: list[Group]) -> float:
    times = DAYS_A_WEEK / row.rhythm_days
    if row.way == Way.MESSAGE:
        return row.minutes * times if held else 0.0
    core = row.minutes if row.core_minutes is None else row.core_minutes
    return sum(group.clients * (core if group.is_core else row.minutes) for group in held) * times
