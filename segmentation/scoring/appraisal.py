"""A whole branch appraised at once: windows and last night's state in, every column of a score out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.scoring import core, measures, normalising, ranking, tiers, value_types
from segmentation.scoring.arrays import Bools, Floats, Ints
from segmentation.scoring.normalising import Measure

FEN_PER_YUAN = 100
PROVISIONAL, STALE, ONE_OFF, NEGATIVE, FIRST, OVERRIDDEN = (1 << bit for bit in range(6))


@dataclass(frozen=True)
class Windows:
    """The windows of one branch at the close of a day, in the order of client numbers."""

    commission_decayed: Floats  # yuan, as are all that do not say fen
    purchase_decayed: Floats
    commission_fen: Ints  # true, of 250 trading days
    purchase_fen: Ints  # product fees of 250 trading days
    turnover_fen: Ints
    turnover_120_fen: Ints
    trade_days_20: Ints
    assets_sum_fen: Ints  # of the present days among 20
    assets_days: Ints
    assets_sum_60_fen: Ints
    assets_days_60: Ints
    assets_sum_120_fen: Ints
    assets_days_120: Ints
    last_assets_fen: Ints
    near_days: Ints  # clients × 4
    history: Ints  # trading days since the first counter row, that day counted
    one_off: Bools  # a day of the window was reduced to the bound
    is_person: Bools


@dataclass(frozen=True)
class Before:
    """What the run before found for the same clients; −1 (ranks and counts 0) for a client it did not know."""

    rank: Ints
    type: Ints
    rival: Ints
    rival_runs: Ints
    tier: Ints
    months_below: Ints
    grade: Ints
    is_core: Bools
    months_beyond: Ints
    was_overridden: Bools


@dataclass(frozen=True)
class Rules:
    """What the branch appraises by; thresholds are yuan, ladder (0 institutions, 1 persons) × silver to diamond."""

    weights: tuple[float, float, float]
    normaliser: str
    asset_thresholds: Floats
    commission_thresholds: Floats
    core_permille: int
    core_exit_permille: int


@dataclass(frozen=True)
class Raw:
    """The three measures in yuan a year (assets: yuan), never negative, and what is to be known of them."""

    components: Floats  # clients × 3
    stale: Bools
    negative: Bools


def raw_measures(windows: Windows) -> Raw:
    """Return commission, purchasing and assets of every client (nightly.md §3.6)."""
    scale = measures.scale(windows.history)
    assets, stale = measures.average_assets(
        windows.assets_sum_fen / FEN_PER_YUAN, windows.assets_days, windows.last_assets_fen / FEN_PER_YUAN
    )
    columns = np.column_stack([windows.commission_decayed * scale, windows.purchase_decayed * scale, assets])
    components, negative = measures.not_negative(columns)
    return Raw(components, stale, np.logical_or.reduce(negative, axis=1))


def estimate(raw: Raw) -> list[Measure]:
    """Return the yardsticks of the three components that this night gives."""
    return [normalising.estimate(raw.components[:, i]) for i in range(3)]


def points(raw: Raw, yardsticks: list[Measure], normaliser: str) -> Floats:
    """Return the norms of the three components, clients × 3, 0–100."""
    each = [normalising.normalise(normaliser, raw.components[:, i], yardsticks[i]) for i in range(3)]
    return np.column_stack(each)


@dataclass(frozen=True)
class Appraisal:
    """Everything one run finds: the columns of a score by name, and the figures of the whole branch."""

    columns: dict[str, Floats | Ints | Bools]
    effective_weights: tuple[float, float, float]


def appraise(
    windows: Windows,
    before: Before,
    rules: Rules,
    yardsticks: list[Measure],
    overridden: Ints,
    *,
    is_month_end: bool,
    raw: Raw | None = None,
) -> Appraisal:
    """Return the scores of a branch.

    `overridden` holds tiers set by hand (−1 for none); `is_month_end`: a month ended since the run before.
    """
    raw = raw or raw_measures(windows)
    norms = points(raw, yardsticks, rules.normaliser)
    weighted = norms * np.array(rules.weights)
    value = weighted[:, 0] + weighted[:, 1] + weighted[:, 2]
    contribution = windows.commission_fen + windows.purchase_fen
    ranks = ranking.rank(value, contribution)
    is_new = measures.is_new(windows.history)
    columns: dict[str, Floats | Ints | Bools] = {
        "value": value,
        "rank": ranks,
        "previous_rank": before.rank,
        "percentile": ranking.percentile(ranks),
        "level_no": ranking.level(ranks),
        "contribution_fen": contribution,
        "commission_fen": windows.commission_fen,
        "turnover_fen": windows.turnover_fen,
        "trade_days_20": windows.trade_days_20,
    }
    for i, name in enumerate(("commission", "purchasing", "assets")):
        columns[f"{name}_raw"], columns[f"{name}_norm"] = raw.components[:, i], norms[:, i]
    columns |= _types(raw, before)
    columns |= _core(contribution, before, rules, is_new, is_month_end)
    columns |= _tiers(windows, raw, before, rules, overridden, is_new, is_month_end)
    columns["flag_bits"] = _flags(windows, raw, before, overridden, is_new)
    return Appraisal(columns, normalising.effective_weights(weighted, value, rules.weights))


def _types(raw: Raw, before: Before) -> dict[str, Floats | Ints | Bools]:
    p = np.column_stack([normalising.mid_rank(raw.components[:, i]) for i in range(3)])
    found = value_types.settle(p, before.type, before.rival, before.rival_runs)
    return {
        "commission_p": p[:, 0],
        "purchasing_p": p[:, 1],
        "assets_p": p[:, 2],
        "type_no": found.type,
        "previous_type_no": before.type,
        "rival_no": found.rival,
        "rival_runs": found.rival_runs,
        "type_margin": found.margin,
    }


def _core(
    contribution: Ints, before: Before, rules: Rules, is_new: Bools, is_month_end: bool
) -> dict[str, Floats | Ints | Bools]:
    found = core.settle(
        contribution,
        before.is_core,
        before.months_beyond,
        is_new,
        share_permille=rules.core_permille,
        exit_permille=rules.core_exit_permille,
        is_month_end=is_month_end,
    )
    return {
        "is_core": found.is_core,
        "in_base_set": found.in_base_set,
        "contribution_share": found.share,
        "cumulative_share": found.cumulative,
        "months_beyond": found.months_beyond,
    }


def _tiers(
    windows: Windows, raw: Raw, before: Before, rules: Rules, overridden: Ints, is_new: Bools, is_month_end: bool
) -> dict[str, Floats | Ints | Bools]:
    ladder = windows.is_person.astype(np.int64)
    last = windows.last_assets_fen / FEN_PER_YUAN
    assets_60 = measures.long_average(windows.assets_sum_60_fen / FEN_PER_YUAN, windows.assets_days_60, last)
    night = tiers.Night(
        assets=raw.components[:, 2],
        assets_60=assets_60,
        commission=windows.commission_fen / FEN_PER_YUAN,
        near_days=windows.near_days,
        asset_thresholds=rules.asset_thresholds[ladder],
        commission_thresholds=rules.commission_thresholds[ladder],
        is_new=is_new,
        is_stale=raw.stale,
    )
    found = tiers.climb(
        night,
        before.tier,
        before.months_below,
        overridden,
        is_month_end=is_month_end,
        was_overridden=before.was_overridden,
    )
    six_months = measures.long_average(windows.assets_sum_120_fen / FEN_PER_YUAN, windows.assets_days_120, last)
    has_business = (windows.turnover_fen > 0) | (windows.commission_fen != 0) | (windows.purchase_fen > 0)
    turnover = windows.turnover_120_fen / FEN_PER_YUAN
    grades = tiers.grade(found.tier, windows.trade_days_20, turnover, six_months, has_business)
    next_step = np.minimum(found.tier, len(windows.near_days[0]) - 1 if len(windows.near_days) else 0)
    return {
        "computed_tier_no": found.computed,
        "tier_no": found.tier,
        "previous_tier_no": before.tier,
        "tier_cause": found.cause,
        "months_below": found.months_below,
        "grade_no": grades,
        "previous_grade_no": before.grade,
        "assets_60_fen": np.rint(assets_60 * FEN_PER_YUAN).astype(np.int64),
        "days_near": windows.near_days[np.arange(len(next_step)), next_step],
    }


def _flags(windows: Windows, raw: Raw, before: Before, overridden: Ints, is_new: Bools) -> Ints:
    bits = {
        PROVISIONAL: is_new,
        STALE: raw.stale,
        ONE_OFF: windows.one_off,
        NEGATIVE: raw.negative,
        FIRST: before.tier == tiers.NONE_BEFORE,
        OVERRIDDEN: overridden != tiers.NONE_BEFORE,
    }
    found = np.zeros(len(is_new), np.int64)
    for bit, holds in bits.items():
        found |= np.where(holds, bit, 0)
    return found
