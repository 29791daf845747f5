"""What a plan is worth, and what doing nothing is worth: the objective of nightly.md §5.3."""

from dataclasses import dataclass

import numpy as np

from segmentation.allocation.book import Book, Ints, Managers
from segmentation.allocation.proposal import Proposal, handover_cost, load_of
from segmentation.fit import Floats

OVERLOAD_POINTS = 40.0  # per hour a week above capacity
SPREAD_POINTS = 30.0  # per unit of relative spread of value per minute between managers
GAIN_TO_ACT = 0.02  # below this gain doing nothing wins


@dataclass(frozen=True)
class Scorecard:
    """What an assignment is worth; `points` is the objective of nightly.md §5.3, higher is better."""

    points: float
    overloaded: int
    load_spread: float  # share of capacity between the busiest and the idlest manager who has any
    value_spread: float  # coefficient of variation of value per weekly minute between managers
    mean_fit: float


def scorecard(book: Book, managers: Managers, plan: Proposal, where: Ints) -> Scorecard:
    """Return what the assignment `where` is worth: fit and handovers over the plan's scope, loads over all."""
    fit, minutes = plan.fit, plan.minutes
    rows, placed = np.arange(len(book.ids)), (where >= 0) & plan.scope
    chosen = np.nan_to_num(fit[rows, np.maximum(where, 0)]) * placed
    moved = (where != book.current) & (book.current >= 0)
    load = load_of(where, minutes, len(managers.ids))
    over = np.maximum(load - managers.capacity_minutes, 0.0)
    spread = _value_spread(load, load_of(where, book.value, len(managers.ids)))
    points = float((chosen * (1.0 + book.value / 100.0)).sum() - (handover_cost(book) * moved).sum())
    points -= OVERLOAD_POINTS * float(over.sum()) / 60.0 + SPREAD_POINTS * spread
    able = managers.capacity_minutes > 0  # who left has a book but no capacity to take a share of
    share = load[able] / managers.capacity_minutes[able]
    return Scorecard(
        points=points,
        overloaded=int((over > 1e-9).sum()),
        load_spread=float(share.max() - share.min()) if len(share) else 0.0,
        value_spread=spread,
        mean_fit=float(chosen[placed].mean()) if placed.any() else 0.0,
    )


def _value_spread(load: Floats, worth: Floats) -> float:
    busy = load > 0
    rate = worth[busy] / load[busy]
    return float(rate.std() / rate.mean()) if len(rate) > 1 and rate.mean() > 0 else 0.0


def is_worth_it(before: Scorecard, after: Scorecard, must: int) -> bool:
    """Return whether a plan beats doing nothing: somebody must move, or the gain reaches 2 %."""
    return must > 0 or after.points - before.points >= GAIN_TO_ACT * max(abs(before.points), 1.0)
