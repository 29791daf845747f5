"""The service policy as it holds at one branch."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db.models import Q

from clients.models import Client, Grade, Tier, ValueType
from office.models import Branch
from service_logs.models import Channel, ServicePolicy, Way
from service_logs.rules.policy import Terms, narrowest, overlaid, title


def policies(branch: Branch) -> list[ServicePolicy]:
    """Return the rows that hold at the branch, its own in the place of the house's, in the order of the grades."""
    rows = ServicePolicy.objects.filter(Q(branch=None) | Q(branch=branch)).order_by("branch_id", "pk")
    held: dict[tuple[str, ...], ServicePolicy] = {}
    for row in sorted(rows, key=lambda row: row.branch_id is not None):
        held[row.key] = row
    order = [str(grade) for grade in Grade.values]
    return sorted(
        held.values(), key=lambda row: (order.index(row.grade), row.way != Way.TALK, row.tier, row.value_type)
    )


def terms_of(row: ServicePolicy) -> Terms:
    """Return a row as the pure rules take it."""
    return Terms(
        grade=row.grade,
        way=row.way,
        channel=row.channel,
        rhythm_days=row.rhythm_days,
        minutes=row.minutes,
        content=row.content,
        tier=row.tier,
        value_type=row.value_type,
        fallback=row.fallback,
        core_minutes=row.core_minutes,
        focus=row.focus,
        qualifying=tuple(row.qualifying),
        is_active=row.is_active,
    )


def terms(branch: Branch) -> list[Terms]:
    """Return the policy of the branch as the pure rules take it."""
    return overlaid((), (terms_of(row) for row in policies(branch)))


@dataclass(frozen=True)
class Owed:
    """What is owed to one client: the terms of a talk and of a message, None where nothing is."""

    talk: Terms | None
    message: Terms | None

    @property
    def rhythms(self) -> dict[str, int]:
        """Way → days between contacts."""
        return {terms.way: terms.rhythm_days for terms in (self.talk, self.message) if terms}


def owed_to(client: Client) -> Owed:
    """Return what the policy owes to one client by its present grade, tier and value type."""
    standing, rows = client.standing, terms(client.branch)
    talk, message = (
        narrowest(rows, standing.grade, standing.tier, standing.value_type, way) for way in (Way.TALK, Way.MESSAGE)
    )
    return Owed(talk, message)


def grid(branch: Branch) -> list[tuple[str, str, str, Terms]]:
    """Return (grade, tier, value type, terms) of every group of clients and way in which something is owed to it."""
    rows = terms(branch)
    found = []
    for grade, tier, value_type, way in product(Grade.values, Tier.values, ValueType.values, Way.values):
        held = narrowest(rows, grade, tier, value_type, way)
        if held is not None:
            found.append((grade, tier, value_type, held))
    return found


def grid_columns(branch: Branch) -> dict[str, list[Any]]:
    """Return the grid as the columns that POLICY_TABLE unnests."""
    rows = grid(branch)
    return {
        "p_grade": [grade for grade, _, _, _ in rows],
        "p_tier": [tier for _, tier, _, _ in rows],
        "p_type": [value_type for _, _, value_type, _ in rows],
        "p_way": [held.way for *_, held in rows],
        "p_channel": [held.channel for *_, held in rows],
        "p_fallback": [held.fallback for *_, held in rows],
        "p_rhythm": [held.rhythm_days for *_, held in rows],
        "p_minutes": [held.minutes for *_, held in rows],
        "p_core": [held.core_minutes if held.core_minutes is not None else held.minutes for *_, held in rows],
        "p_title": [
            title(held.rhythm_days, str(Channel(held.channel).label), held.way, held.focus) for *_, held in rows
        ],
    }


POLICY_TABLE = """
unnest(%(p_grade)s::text[], %(p_tier)s::text[], %(p_type)s::text[], %(p_way)s::text[], %(p_channel)s::text[],
       %(p_fallback)s::text[], %(p_rhythm)s::integer[], %(p_minutes)s::float8[], %(p_core)s::float8[],
       %(p_title)s::text[])
    AS p(grade, tier, value_type, way, channel, fallback, rhythm, minutes, core_minutes, title)
"""
