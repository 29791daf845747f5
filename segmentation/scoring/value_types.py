"""In what a client leads his peers, and when that changes (nightly.md §3.5)."""

from dataclasses import dataclass

import numpy as np

from segmentation.scoring.arrays import Bools, Floats, Ints

COMMISSION, PRODUCT, ASSET, UNCLASSIFIED = range(4)  # in the order of ties
NONE_BEFORE = -1
FLOOR = 5.0  # points: below it in all three nothing leads
LEAD, RUNS = 10.0, 5  # points by which, and runs in a row for which, another must lead before the type changes


@dataclass(frozen=True)
class Types:
    """The types of one run, and what the next run must know."""

    type: Ints
    rival: Ints  # another type that leads by 10 points, NONE_BEFORE if none does
    rival_runs: Ints  # for how many runs in a row, this one counted
    margin: Floats  # points from the type to the best of the others; negative where it is only kept


def leader(p: Floats) -> Ints:
    """Return the component with the largest mid-rank in each row of `p` (clients × 3); none if all are below 5."""
    return np.where((p < FLOOR).all(axis=1), UNCLASSIFIED, p.argmax(axis=1))


def settle(p: Floats, previous: Ints, rival: Ints, rival_runs: Ints) -> Types:
    """Return the types after hysteresis: a new leader takes over after 5 runs in a row ahead by 10 points.

    At once where there was no type, where the present component is 0, and in or out of unclassified.
    """
    leads = leader(p)
    rows = np.arange(len(p))
    held = np.where((previous >= 0) & (previous < UNCLASSIFIED), previous, 0)
    present, best = p[rows, held], p[rows, np.where(leads < UNCLASSIFIED, leads, 0)]
    free = (previous == NONE_BEFORE) | (previous == UNCLASSIFIED) | (leads == UNCLASSIFIED) | (present == 0)
    ahead: Bools = ~free & (leads != previous) & (best - present >= LEAD)
    runs = np.where(ahead, np.where(rival == leads, rival_runs, 0) + 1, 0)
    changes = free | (runs >= RUNS)
    settled = np.where(changes, leads, previous)
    waiting = ahead & ~changes
    return Types(settled, np.where(waiting, leads, NONE_BEFORE), np.where(waiting, runs, 0), _margin(p, settled))


def _margin(p: Floats, types: Ints) -> Floats:
    rows = np.arange(len(p))
    own = np.where(types < UNCLASSIFIED, types, 0)
    others = p.copy()
    others[rows, own] = -np.inf
    return np.where(types < UNCLASSIFIED, p[rows, own] - others.max(axis=1, initial=-np.inf), 0.0)
