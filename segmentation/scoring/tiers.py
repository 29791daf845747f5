"""The ladder of entitlements with its slow steps, and the grade that sets the rhythm (nightly.md §4, domain.md §5)."""

from dataclasses import dataclass

import numpy as np

from segmentation.scoring.arrays import Bools, Floats, Ints

GENERAL, SILVER, GOLD, PLATINUM, DIAMOND = range(5)
NONE_BEFORE = -1
NEAR = 0.90  # of a threshold: what a day must reach to count, and what an average must fall below to go down
HOLD_DAYS = 15  # of the last 20
DROP_MONTHS = 3  # month-ends in a row
FIRST, KEPT, ASSETS_UP, COMMISSION_UP, MONTHS_DOWN, OVERRIDE = range(6)  # which rule decided

VIP, ACTIVE, ORDINARY, POTENTIAL = range(4)
ACTIVE_DAYS, ACTIVE_TURNS = 5, 12.0  # trading days of 20 with trades, or turnover by average assets in six months


@dataclass(frozen=True)
class Night:
    """What one night knows of every client's way up and down the ladder; money in yuan, steps are silver to diamond."""

    assets: Floats  # 20-day average
    assets_60: Floats
    commission: Floats  # true net commission of 12 months
    near_days: Ints  # clients × 4: days of the last 20 at ≥ 90 % of the step's threshold
    asset_thresholds: Floats  # clients × 4
    commission_thresholds: Floats  # clients × 4
    is_new: Bools
    is_stale: Bools


@dataclass(frozen=True)
class Tiers:
    """The tiers of one run, and what the next run must know."""

    tier: Ints
    computed: Ints  # by today's figures alone
    cause: Ints
    months_below: Ints


def highest(met: Bools) -> Ints:
    """Return the highest step met, GENERAL if none; `met` is clients × 4."""
    steps = np.where(met, np.arange(SILVER, DIAMOND + 1), GENERAL)
    best: Ints = np.maximum.reduce(steps, axis=1, initial=GENERAL)
    return best


def computed_tier(night: Night) -> Ints:
    """Return the highest tier whose assets threshold or commission threshold is met today."""
    by_assets = night.assets[:, None] >= night.asset_thresholds
    by_commission = night.commission[:, None] >= night.commission_thresholds
    return highest(by_assets | by_commission)


def climb(
    night: Night, previous: Ints, months_below: Ints, overridden: Ints, *, is_month_end: bool, was_overridden: Bools
) -> Tiers:
    """Return the tiers after hysteresis.

    Up when the average and 15 of the 20 days carry it, by commission at month-ends only, a new client
    by neither above gold. Down one step when average and commission lay below 90 % of the threshold
    at 3 month-ends in a row. `overridden` holds the tier set by hand, NONE_BEFORE for none; when an
    override ends, the client is placed as at a first run.
    """
    computed = computed_tier(night)
    placed = (previous == NONE_BEFORE) | was_overridden
    held = np.where(placed, computed, previous)
    risen, by_assets = _rise(night, held, is_month_end)
    below = _below(night, held)
    months = np.where(risen > held, 0, months_below)
    if is_month_end:
        months = np.where(below & (risen <= held), months + 1, 0)
    falls = months >= DROP_MONTHS
    tier = np.where(placed, computed, np.where(falls, held - 1, np.maximum(risen, held)))
    cause = np.where(tier > held, np.where(by_assets >= tier, ASSETS_UP, COMMISSION_UP), KEPT)
    cause = np.where(placed, FIRST, np.where(falls, MONTHS_DOWN, cause))
    by_hand = overridden != NONE_BEFORE
    return Tiers(
        tier=np.where(by_hand, overridden, tier),
        computed=computed,
        cause=np.where(by_hand, OVERRIDE, cause),
        months_below=np.where(falls | placed | by_hand, 0, months),
    )


def _rise(night: Night, held: Ints, is_month_end: bool) -> tuple[Ints, Ints]:
    """Return up to which tier a client may rise tonight, and up to which by assets alone."""
    carried = (night.assets[:, None] >= night.asset_thresholds) & (night.near_days >= HOLD_DAYS)
    by_assets = highest(carried & ~night.is_stale[:, None])
    risen = by_assets
    if is_month_end:
        risen = np.maximum(risen, highest(night.commission[:, None] >= night.commission_thresholds))
    ceiling = np.where(night.is_new, np.maximum(held, GOLD), DIAMOND)
    return np.minimum(risen, ceiling), np.minimum(by_assets, ceiling)


def _below(night: Night, held: Ints) -> Bools:
    """Whether neither assets nor commission reach 90 % of what the present tier asks."""
    rows, step = np.arange(len(held)), np.maximum(held - 1, 0)
    poor = night.assets_60 < NEAR * night.asset_thresholds[rows, step]
    idle = night.commission < NEAR * night.commission_thresholds[rows, step]
    return (held > GENERAL) & poor & idle


def grade(tier: Ints, trade_days: Ints, turnover: Floats, assets: Floats, has_business: Bools) -> Ints:
    """Return the grade: VIP from gold up, active who trades often, ordinary, potential without any business in a year.

    `trade_days` of the last 20; `turnover` and average `assets` of six months in yuan; `has_business`:
    a trade or a purchase in 12 months.
    """
    often = (trade_days >= ACTIVE_DAYS) | ((assets > 0) & (turnover >= ACTIVE_TURNS * assets) & (turnover > 0))
    small = np.where(has_business | (tier > GENERAL), ORDINARY, POTENTIAL)
    return np.where(tier >= GOLD, VIP, np.where(often, ACTIVE, small))
