"""Value, rank and the rows of the service grid (nightly.md §3.4)."""

import numpy as np

from segmentation.scoring.arrays import Floats, Ints

TOP, UPPER = 0.2, 0.5  # shares of the ranked clients: high, then middle, then low
HIGH, MIDDLE, LOW = 0, 1, 2


def rank(value: Floats, contribution: Ints) -> Ints:
    """Return ranks from 1, highest value first; ties by contribution, then by client number (the order given)."""
    order = np.lexsort((-contribution, -value))
    ranks = np.empty(len(value), np.int64)
    ranks[order] = np.arange(1, len(value) + 1)
    return ranks


def percentile(ranks: Ints) -> Floats:
    """Return the share of clients below, in percent."""
    return 100.0 * (len(ranks) - ranks) / max(len(ranks), 1)


def level(ranks: Ints) -> Ints:
    """Return the row of the service grid: high for the top 20 % (rounded up), middle for the next 30 %, else low."""
    top, upper = np.ceil(TOP * len(ranks)), np.ceil(UPPER * len(ranks))
    return np.where(ranks <= top, HIGH, np.where(ranks <= upper, MIDDLE, LOW))


def rank_correlation(now: Ints, before: Ints) -> float | None:
    """Return Spearman's correlation of two rankings among the clients that have both (before > 0); None below two."""
    both = before > 0
    if both.sum() < 2:
        return None
    first, second = (np.argsort(np.argsort(ranks[both])).astype(np.float64) for ranks in (now, before))
    return float(np.corrcoef(first, second)[0, 1])
