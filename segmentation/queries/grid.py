"""Where a client stands in the grid of service: value high, middle, low, crossed with the value type."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import Avg, Case, CharField, Count, Q, QuerySet, Sum, Value, When

from clients.models import ClientStanding, ValueType
from office.models import Branch
from segmentation.queries.runs import published_run
from segmentation.scoring.ranking import TOP, UPPER

CLASSES = {"high": "高价值", "middle": "中价值", "low": "低价值"}
CLASS_HINTS = {"high": "排行前 20%", "middle": "其后 30%", "low": "其余"}
HEAT_FROM = (0.02, 0.08, 0.20, 0.40)  # shares of the contribution from which a cell is darker

Rows = QuerySet[ClientStanding]


@dataclass(frozen=True)
class Cell:
    """Clients of one class and type: how many, what lies with them and what they bring; points are means."""

    value_class: str
    value_type: str
    clients: int = 0
    assets_fen: int = 0
    contribution_fen: int = 0
    commission_points: float = 0.0
    purchasing_points: float = 0.0
    assets_points: float = 0.0
    share: float = 0.0  # of all contribution, 0 to 1

    @property
    def value(self) -> float:
        """The mean value of these clients, 0 to 100."""
        return self.commission_points + self.purchasing_points + self.assets_points

    @property
    def heat(self) -> int:
        """How much of the contribution comes from here, 1 (under 2 %) to 5 (40 % and more)."""
        return 1 + sum(self.share >= bound for bound in HEAT_FROM)


def scored(rows: Rows) -> Rows:
    """Keep the clients that the last published run ranks."""
    return rows.filter(rank__isnull=False, is_closed=False)


def population(branch: Branch) -> int:
    """Return how many clients of the branch are ranked; 0 before the first run."""
    run = published_run(branch)
    return int(run.metrics["clients"]) if run else 0


def last_ranks(branch: Branch) -> tuple[int, int]:
    """Return the last rank that counts as high, and the last that counts as middle."""
    ranked = population(branch)
    return ceil(ranked * TOP), ceil(ranked * UPPER)


def in_class(value_class: str, bounds: tuple[int, int]) -> Q:
    """Return the condition of one class, given the last ranks of high and middle."""
    high, middle = bounds
    return {
        "high": Q(rank__lte=high),
        "middle": Q(rank__gt=high, rank__lte=middle),
        "low": Q(rank__gt=middle),
    }[value_class]


def class_of(bounds: tuple[int, int]) -> Case:
    """Return the expression that names a row's class."""
    whens = [When(in_class(name, bounds), then=Value(name)) for name in CLASSES]
    return Case(*whens, default=Value(""), output_field=CharField())


def grid(rows: Rows, branch: Branch) -> list[list[Cell]]:
    """Return the grid of `rows`, a line a class, a cell a value type in the order of `ValueType`."""
    found = scored(rows).annotate(value_class=class_of(last_ranks(branch))).values("value_class", "value_type")
    groups: list[dict[str, Any]] = [dict(row) for row in found.annotate(**_figures()).order_by()]
    sums = {(row["value_class"], row["value_type"]): row for row in groups}
    total = sum(max(row["contribution_fen"], 0) for row in sums.values())
    return [[_cell(name, kind, sums.get((name, kind)), total) for kind in ValueType.values] for name in CLASSES]


def together(cells: list[Cell]) -> Cell:
    """Return the sum of `cells`; points are the means over their clients."""
    clients = sum(cell.clients for cell in cells)

    def mean(points: str) -> float:
        return sum(getattr(cell, points) * cell.clients for cell in cells) / clients if clients else 0.0

    return Cell(
        cells[0].value_class if cells else "",
        cells[0].value_type if cells else "",
        clients,
        sum(cell.assets_fen for cell in cells),
        sum(cell.contribution_fen for cell in cells),
        mean("commission_points"),
        mean("purchasing_points"),
        mean("assets_points"),
        sum(cell.share for cell in cells),
    )


def _figures() -> dict[str, Any]:
    return {
        "clients": Count("pk"),
        "assets_fen": Sum("assets_fen"),
        "contribution_fen": Sum("contribution_fen"),
        "commission_points": Avg("commission_points"),
        "purchasing_points": Avg("purchasing_points"),
        "assets_points": Avg("assets_points"),
    }


def _cell(value_class: str, value_type: str, row: dict[str, Any] | None, total: int) -> Cell:
    if row is None:
        return Cell(value_class, value_type)
    return Cell(**row, share=max(row["contribution_fen"], 0) / total if total else 0.0)
