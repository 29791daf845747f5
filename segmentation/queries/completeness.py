"""How complete the archive of each manager's clients is (SEG-17): what sorting and matching need to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from clients.models import Client, ClientStanding

FIELDS = {
    "birth_date": "年龄",
    "education_level": "文化程度",
    "occupation": "职业",
    "risk_level": "风险承受能力",
    "first_market_entry_on": "入市时间",
    "phone_masked": "手机",
}
DATES = {"birth_date", "first_market_entry_on"}


@dataclass(frozen=True)
class Completeness:
    """One manager's persons: how many, and the share of each field that is filled, in the order of FIELDS."""

    manager_id: int | None
    manager: str
    clients: int
    filled: list[int]

    @property
    def shares(self) -> list[float]:
        """Filled fields over clients, 0 to 1."""
        return [count / self.clients if self.clients else 0.0 for count in self.filled]

    @property
    def overall(self) -> float:
        """The mean of the shares."""
        return sum(self.shares) / len(self.shares)


def completeness(rows: QuerySet[ClientStanding]) -> list[Completeness]:
    """Return a line per manager, the least complete first; institutions have no age and are left out."""
    persons = rows.filter(is_closed=False, client__kind=Client.Kind.PERSON)
    counts = {f"has_{name}": Count("pk", filter=_filled(name)) for name in FIELDS}
    grouped = persons.values("manager", "manager__name").annotate(clients=Count("pk"), **counts)
    found: list[dict[str, Any]] = [dict(row) for row in grouped.order_by()]
    lines = [
        Completeness(
            row["manager"],
            row["manager__name"] or "营业部统一服务",
            row["clients"],
            [row[f"has_{name}"] for name in FIELDS],
        )
        for row in found
    ]
    return sorted(lines, key=lambda line: (line.overall, line.manager))


def together(lines: list[Completeness]) -> Completeness:
    """Return the sum of all lines."""
    filled = [sum(counts) for counts in zip(*(line.filled for line in lines), strict=True)] or [0] * len(FIELDS)
    return Completeness(None, "合计", sum(line.clients for line in lines), filled)


def _filled(name: str) -> Q:
    empty = Q(**{f"client__{name}": None}) if name in DATES else Q(**{f"client__{name}": ""})
    return ~empty
