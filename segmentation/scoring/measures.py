"""From windows to the three raw measures in yuan (nightly.md §3.1, §3.2, §3.6)."""

import numpy as np

from segmentation.scoring.arrays import Bools, Floats, Ints

HALF_LIFE = 125  # trading days
WINDOW = 250  # trading days
NEW_BELOW, NEW_AT_LEAST = (
    60,
    20,
)  # trading days of history: below the first a client is new, the scale stops at the second
ASSET_WINDOW, ASSET_DAYS = 20, 10  # trading days, and how many of them must be present
ONE_OFF_DAYS, ONE_OFF_MULTIPLE, ONE_OFF_SHARE = 5, 20.0, 0.05


def decay(age: Ints | Floats) -> Floats:
    """Return the weight 2^(−age/125) of facts `age` trading days old."""
    return np.exp2(-np.asarray(age, np.float64) / HALF_LIFE)


_SCALES = WINDOW / np.cumsum(decay(np.arange(WINDOW)))  # by span − 1


def is_new(history: Ints) -> Bools:
    """Whether a client with `history` trading days since the first counter row (that day counted) is provisional."""
    return history < NEW_BELOW


def scale(history: Ints) -> Floats:
    """Return what turns a decayed sum into a figure per year: 250 / Σ weights of the days the client was there.

    A new client is scaled by the days of his history, at least 20; everybody else by all 250.
    """
    span = np.where(is_new(history), np.maximum(history, NEW_AT_LEAST), WINDOW)
    scales: Floats = _SCALES[span - 1]
    return scales


def one_off_bound(amount: Floats, median: Floats, days: Ints, branch_day: Floats) -> Floats:
    """Return a day's commission reduced to what is usual for the client or small for the branch, in the unit given.

    `median` is that of the client's own non-zero days among the 250 trading days before, `days` how
    many these are (fewer than 5 reduce nothing), `branch_day` the commission of the branch that day.
    """
    bound = np.maximum(ONE_OFF_MULTIPLE * median, ONE_OFF_SHARE * branch_day)
    return np.where(days >= ONE_OFF_DAYS, np.minimum(amount, bound), amount)


def not_negative(raw: Floats) -> tuple[Floats, Bools]:
    """Return `raw` with negative values counted as 0, and which were."""
    negative = raw < 0
    return np.where(negative, 0.0, raw), negative


def average_assets(total: Floats, days: Ints, last: Floats) -> tuple[Floats, Bools]:
    """Return the mean assets of the present days among 20, and whether it is stale.

    With fewer than 10 present days the last known figure `last` is carried and the client is stale.
    """
    stale = days < ASSET_DAYS
    return np.where(stale, last, total / np.maximum(days, 1)), stale


def long_average(total: Floats, days: Ints, last: Floats) -> Floats:
    """Return the mean over the present days of a longer window; the last known figure where none is present."""
    return np.where(days > 0, total / np.maximum(days, 1), last)
