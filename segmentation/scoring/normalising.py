"""From yuan to points: a yardstick frozen for a month, and what the weights really weigh (nightly.md §3.3)."""

from dataclasses import dataclass

import numpy as np

from segmentation.scoring.arrays import Bools, Floats

CAP_PERCENTILE, CAP_NEEDS = 99.0, 30  # of the positive values; with fewer of them the cap is the largest
EFFECTIVE_DRIFT = 0.15  # an effective weight this far from the nominal one is told


@dataclass(frozen=True)
class Measure:
    """What one component is measured against, in yuan: the median of its positive values and the cap, 0 without any."""

    s: float
    cap: float


def estimate(raw: Floats) -> Measure:
    """Return the yardstick that the raw values of one night give."""
    positive = raw[raw > 0]
    if not len(positive):
        return Measure(0.0, 0.0)
    cap = np.percentile(positive, CAP_PERCENTILE) if len(positive) >= CAP_NEEDS else positive.max()
    return Measure(float(np.median(positive)), float(cap))


def log_cap(raw: Floats, measure: Measure) -> Floats:
    """Return 100 · ln(1 + min(x, cap)/s) / ln(1 + cap/s): 0 stays 0, the cap and beyond are 100."""
    if measure.s <= 0 or measure.cap <= 0:
        return np.zeros(len(raw))
    reached: Floats = np.log1p(np.minimum(raw, measure.cap) / measure.s)
    return 100.0 * reached / float(np.log1p(measure.cap / measure.s))


def minmax(raw: Floats, measure: Measure) -> Floats:
    """Return the share of the cap, 0–100; offered for comparison only, because one giant flattens the rest."""
    return np.zeros(len(raw)) if measure.cap <= 0 else 100.0 * np.minimum(raw, measure.cap) / measure.cap


def mid_rank(raw: Floats) -> Floats:
    """Return each value's mid-rank among the positive ones, 0–100; zeros get 0.

    100 × (count below + half of the equal, itself counted) / count of positives.
    """
    positive: Bools = raw > 0
    _, place, equal = np.unique(raw[positive], return_inverse=True, return_counts=True)
    below = np.cumsum(equal) - equal
    ranks = np.zeros(len(raw))
    ranks[positive] = (100.0 * (below + equal / 2) / max(len(place), 1))[place]
    return ranks


def normalise(method: str, raw: Floats, measure: Measure) -> Floats:
    """Return raw yuan as points 0–100 by `method`: log_cap, percentile or minmax."""
    if method == "percentile":
        return mid_rank(raw)
    return {"log_cap": log_cap, "minmax": minmax}[method](raw, measure)


def effective_weights(points: Floats, value: Floats, nominal: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return each component's share of the variance of the value; `points` is clients × 3, already weighted.

    The three add to 1. Where all values are the same, the nominal weights are all there is to say.
    """
    spread = value - value.mean() if len(value) else value
    variance = float(spread @ spread)
    if variance <= 0:
        return nominal
    a, b, c = (spread @ points / variance).tolist()  # a spread sums to 0, so the means of the points drop out
    return a, b, c
