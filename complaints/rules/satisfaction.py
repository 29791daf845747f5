"""Satisfaction as arithmetic: shares and means with their intervals, and which answers nobody may be shown.

Answers are added up in cells, one per run and manager, and a cell is shown whole or not at all. No
filter cuts a cell, and every sum is a sum of cells that are shown: so no difference of two figures
tells what few people said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

SMALLEST = 5  # answers, below which a figure could tell who said what
SATISFIED_FROM = 4.0  # of 5
Z95 = 1.959964  # two-sided, 95 %


@dataclass(frozen=True)
class Cell:
    """The answers of one run about one manager (None: clients without one). Sums allow adding cells up."""

    run_id: int
    manager_id: int | None
    count: int
    satisfied: int  # answers of 4 and more
    total: float  # sum of the scores
    squares: float  # sum of their squares
    is_closed: bool


@dataclass(frozen=True)
class Figure:
    """Satisfaction of some people: shares 0 to 1, scores 1 to 5, each with the 95 % interval."""

    count: int
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    mean: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None

    @property
    def is_thin(self) -> bool:
        """Whether so few answered that the figure says little."""
        return self.count < SMALLEST


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score, within 0 to 1. Raises ValueError without answers."""
    if not 0 <= hits <= count or count == 0:
        raise ValueError("a share needs answers")
    share, square = hits / count, Z95 * Z95
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z95 * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def mean_interval(count: int, total: float, squares: float) -> tuple[float, float, float]:
    """Return mean and the 95 % interval by the normal distribution, within 1 to 5; of one answer it is 1 to 5."""
    mean = total / count
    if count < 2:
        return mean, 1.0, 5.0
    variance = max((squares - total * total / count) / (count - 1), 0.0)
    half = Z95 * sqrt(variance / count)
    return mean, max(mean - half, 1.0), min(mean + half, 5.0)


def figure(cells: Iterable[Cell]) -> Figure:
    """Return the satisfaction of these cells together."""
    rows = list(cells)
    count = sum(cell.count for cell in rows)
    if not count:
        return Figure(0)
    hits = sum(cell.satisfied for cell in rows)
    low, high = wilson(hits, count)
    mean = mean_interval(count, sum(cell.total for cell in rows), sum(cell.squares for cell in rows))
    return Figure(count, hits / count, low, high, *mean)


def open_cells(cells: Sequence[Cell], *, viewer_id: int, whole_branch: bool, serving: frozenset[int]) -> list[Cell]:
    """Return the cells a viewer is shown.

    Who sees the branch sees every cell but those about himself. Everybody sees the cells about the people of
    `serving` (himself, a leader's team) once the run is closed, so that no single answer can be told by
    looking before and after, and only with five answers or more.
    """
    return [
        cell
        for cell in cells
        if (whole_branch and cell.manager_id != viewer_id)
        or (cell.manager_id in serving and cell.is_closed and cell.count >= SMALLEST)
    ]
