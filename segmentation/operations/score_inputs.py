"""What a scoring run reads: windows and the scores before by COPY, rules and yardsticks as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from django.db import connection

from clients.operations.copying import copy_out
from office import queries
from office.models import Branch
from office.partitions import month_of
from segmentation.models import (
    NONE_BEFORE,
    TIERS,
    Component,
    Flag,
    ScoringRun,
    TierHistory,
    TierRule,
    WeightSet,
    Yardstick,
)
from segmentation.queries.runs import decisions_by_hand
from segmentation.scoring.appraisal import FEN_PER_YUAN, Before, Rules, Windows
from segmentation.scoring.arrays import Ints
from segmentation.scoring.normalising import Measure

LONG_AGO = date(1970, 1, 1)  # the first day of a client without any counter row: not new

WINDOW_COLUMNS = {
    "client_id": ("int8", "w.client_id"),
    "is_person": ("bool", "c.kind = 'person'"),
    "first_day": ("date", f"coalesce(w.first_day, '{LONG_AGO}')"),
    "one_off": ("bool", "coalesce(w.one_off_on > %(gone)s, false)"),
    "commission_decayed": ("float8", "w.commission_decayed"),
    "purchase_decayed": ("float8", "w.purchase_decayed"),
    "commission_fen": ("int8", "w.commission_250_fen"),
    "purchase_fen": ("int8", "w.purchase_250_fen"),
    "turnover_fen": ("int8", "w.turnover_250_fen"),
    "turnover_120_fen": ("int8", "w.turnover_120_fen"),
    "trade_days_20": ("int2", "w.trade_days_20"),
    "assets_sum_fen": ("int8", "w.assets_sum_20_fen"),
    "assets_days": ("int2", "w.assets_days_20"),
    "assets_sum_60_fen": ("int8", "w.assets_sum_60_fen"),
    "assets_days_60": ("int2", "w.assets_days_60"),
    "assets_sum_120_fen": ("int8", "w.assets_sum_120_fen"),
    "assets_days_120": ("int2", "w.assets_days_120"),
    "last_assets_fen": ("int8", "coalesce(w.last_assets_fen, 0)"),
    "near_silver": ("int2", "w.days_near_silver"),
    "near_gold": ("int2", "w.days_near_gold"),
    "near_platinum": ("int2", "w.days_near_platinum"),
    "near_diamond": ("int2", "w.days_near_diamond"),
}
BEFORE_COLUMNS = {
    "rank": ("int4", "coalesce(p.rank, 0)"),
    "type": ("int2", "coalesce(p.type_no, -1::smallint)"),
    "rival": ("int2", "coalesce(p.rival_no, -1::smallint)"),
    "rival_runs": ("int2", "coalesce(p.rival_runs, 0::smallint)"),
    "tier": ("int2", "coalesce(p.tier_no, -1::smallint)"),
    "months_below": ("int2", "coalesce(p.months_below, 0::smallint)"),
    "grade": ("int2", "coalesce(p.grade_no, -1::smallint)"),
    "is_core": ("bool", "coalesce(p.is_core, false)"),
    "months_beyond": ("int2", "coalesce(p.months_beyond, 0::smallint)"),
    "was_overridden": ("bool", f"coalesce(p.flag_bits & {Flag.OVERRIDDEN:d} <> 0, false)"),
}
COLUMNS = {**WINDOW_COLUMNS, **BEFORE_COLUMNS}
# The order of client numbers decides ties; bytes, because no collation may change a rank.
SELECT = f"""
SELECT {", ".join(sql for _, sql in COLUMNS.values())}
FROM clients_clientwindow w
JOIN clients_client c ON c.id = w.client_id
LEFT JOIN segmentation_clientscore p
       ON p.run_id = %(run)s AND p.as_of = %(before)s AND p.client_id = w.client_id
WHERE w.branch_id = %(branch)s AND w.as_of = %(as_of)s
ORDER BY c.client_no COLLATE "C"
"""


@dataclass(frozen=True)
class Book:
    """One branch as a run finds it, in the order of client numbers."""

    client_id: Ints
    windows: Windows
    before: Before


def read_book(branch: Branch, as_of: date, before: ScoringRun | None, gone: date) -> Book:
    """Return windows and last scores of the branch; `gone` is the last session that left the window."""
    scope = {
        "branch": branch.pk,
        "as_of": as_of,
        "gone": gone,
        "run": before.pk if before else 0,
        "before": before.as_of if before else LONG_AGO,
    }
    with connection.cursor() as cursor:
        select = cursor.mogrify(SELECT, scope).decode()
        found = copy_out(cursor, select, {name: kind for name, (kind, _) in COLUMNS.items()})
    found = {name: array if array.dtype.kind in "bf" else array.astype(np.int64) for name, array in found.items()}
    steps = [found.pop(f"near_{tier}") for tier in TIERS[1:]]
    first_day = found.pop("first_day").astype("datetime64[D]")
    windows = {name: found[name] for name in WINDOW_COLUMNS if name in found and name != "client_id"}
    return Book(
        client_id=found["client_id"],
        windows=Windows(**windows, near_days=np.column_stack(steps), history=_history(branch, as_of, first_day)),
        before=Before(**{name: found[name] for name in BEFORE_COLUMNS}),
    )


def _history(branch: Branch, as_of: date, first_day: npt.NDArray[np.datetime64]) -> Ints:
    """Return how many trading days each client has been there at the close of `as_of`, both ends counted."""
    sessions = queries.calendar(branch.calendar).sessions
    last = np.searchsorted(sessions, np.datetime64(as_of), "right")
    return (last - np.searchsorted(sessions, first_day, "left")).astype(np.int64)


def read_rules(weights: WeightSet) -> Rules:
    """Return a version of the weights as the arithmetic takes it."""
    ladders = {(rule.ladder, rule.tier): rule for rule in weights.tier_rules.all()}
    steps = [[ladders[ladder, str(tier)] for tier in TIERS[1:]] for ladder in LADDERS]
    return Rules(
        weights=weights.nominal,
        normaliser=weights.normaliser,
        asset_thresholds=np.array([[rule.min_assets_fen / FEN_PER_YUAN for rule in ladder] for ladder in steps]),
        commission_thresholds=np.array(
            [[rule.min_commission_fen / FEN_PER_YUAN for rule in ladder] for ladder in steps]
        ),
        core_permille=int(weights.core_share * 1000),
        core_exit_permille=int(weights.core_exit_share * 1000),
    )


LADDERS = (TierRule.Ladder.INSTITUTION, TierRule.Ladder.PERSON)  # the row is `is_person`


def frozen_yardsticks(weights: WeightSet, as_of: date) -> list[Measure | None]:
    """Return the three yardsticks of the month that stand, None for each that this run has to set.

    They stand once a run of the month is published. A new version of the weights takes over those of
    the version before it, unless its fee rates make another measure of purchasing.
    """
    month = month_of(as_of)
    published = ScoringRun.objects.filter(
        branch=weights.branch, state=ScoringRun.State.PUBLISHED, as_of__gte=month, as_of__lte=as_of
    )
    used = published.order_by("-as_of", "-edition").select_related("weight_set").first()
    known = known_yardsticks(used.weight_set, month) if used else None
    if used is None or known is None:
        return [None, None, None]
    commission, purchasing, assets = known
    return [commission, purchasing if used.weight_set.fee_rates == weights.fee_rates else None, assets]


def known_yardsticks(weights: WeightSet, month: date) -> list[Measure] | None:
    """Return the three yardsticks of a version in a month, None if it has none."""
    rows = {row.component: row for row in Yardstick.objects.filter(weight_set=weights, month=month)}
    if len(rows) < len(Component):
        return None
    return [Measure(rows[name].s, rows[name].cap) for name in Component.values]


def overrides(branch: Branch, as_of: date, client_id: Ints) -> Ints:
    """Return the tier set by hand that is in force on `as_of` for each client, NONE_BEFORE for none."""
    tiers = np.full(len(client_id), NONE_BEFORE, np.int64)
    latest = decisions_by_hand(branch, as_of).order_by("client", "-pk").distinct("client")
    in_force = {
        row.client_id: TIERS.index(row.to_tier)  # type: ignore[arg-type]  # a TextChoices value is its member
        for row in latest
        if row.reason == TierHistory.Reason.OVERRIDE and row.until and row.until >= as_of
    }
    for place in np.flatnonzero(np.isin(client_id, list(in_force))):
        tiers[place] = in_force[int(client_id[place])]
    return tiers
