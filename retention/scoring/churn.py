"""Points to scores, bands and value at risk, on columns (nightly.md §7).

Points are whole tenths all the way: what the list of reasons shows adds up to the score, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TENTHS = 10
CAP = 100  # points
QUIET, WATCH, WARN, ALARM = range(4)


def ages(since: npt.NDArray[np.datetime64], as_of: np.datetime64, sessions: npt.NDArray[np.datetime64]) -> Ints:
    """Return how many trading days lie after each day of `since` up to `as_of`; 0 for a day that is not before it."""
    until = np.searchsorted(sessions, as_of, side="right")
    age: Ints = np.maximum(until - np.searchsorted(sessions, since, side="right"), 0)
    return age


def points_now(points: Floats, age: Ints, half_life: int) -> Ints:
    """Return what is left of `points` after `age` trading days, in tenths of a point: half after each `half_life`."""
    left = np.asarray(points, np.float64) * TENTHS * np.exp2(-np.maximum(age, 0) / half_life)
    return np.floor(left + 0.5).astype(np.int64)


def scores(place: Ints, tenths: Ints, clients: int) -> Floats:
    """Return the score of each client, 0 to 100: the sum of the tenths at its `place`, capped."""
    sums = np.bincount(place, weights=tenths, minlength=clients)  # whole numbers: exact in any order
    return np.asarray(np.minimum(sums, CAP * TENTHS) / TENTHS)


def bands(score: Floats, limits: Sequence[float]) -> Ints:
    """Return the band of each score, 0 quiet to 3 alarm; a limit belongs to the band it begins."""
    return np.searchsorted(np.asarray(limits, np.float64), score, side="right").astype(np.int64)


def value_at_risk(contribution_fen: Ints, band: Ints, factors: Sequence[float]) -> Ints:
    """Return the share of the 12-month contribution that is at risk, in fen; nothing where it is not positive."""
    share = np.asarray(factors, np.float64)[band]
    return np.rint(np.maximum(contribution_fen, 0) * share).astype(np.int64)


def lift(left: int, clients: int, all_left: int, all_clients: int) -> float | None:
    """Return how many times likelier a client of a group left than anybody; None where nobody could or did."""
    if not clients or not all_left:
        return None
    return (left / clients) / (all_left / all_clients)


def latest(columns: dict[str, npt.NDArray[Any]], keys: Sequence[str], by: str) -> dict[str, npt.NDArray[Any]]:
    """Return the rows of `columns` with the largest `by` for each combination of `keys`, sorted by the keys.

    Among rows alike in that, the one with the largest remaining figures; so the order they came in does not matter.
    """
    rest = sorted(name for name in columns if name not in keys and name != by)
    order = np.lexsort([columns[name] for name in (*rest, by, *reversed(keys))])
    turned = {name: array[order] for name, array in columns.items()}
    if not len(order):
        return turned
    last = np.zeros(len(order), bool)
    last[-1] = True
    for key in keys:
        last[:-1] |= turned[key][1:] != turned[key][:-1]
    return {name: array[last] for name, array in turned.items()}
