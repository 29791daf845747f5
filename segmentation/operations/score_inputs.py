"""What a scoring run reads: windows and the scores before by COPY, rules and yardsticks as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.backends.utils import CursorWrapper

from clients.models import Tier
from clients.operations.copying import copy_out
from office import queries
from office.models import Branch
from office.partitions import month_of, next_month
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
from segmentation.scoring.arrays import Bools, Ints
from segmentation.scoring.normalising import Measure

LONG_AGO = date(1970, 1, 1)  # the first day of a client without any counter row: not new

WINDOW_COLUMNS = {
    "client_id": ("int8", "w.client_id"),
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
    "client_id": ("int8", "client_id"),
    "rank": ("int4", "rank"),
    "type": ("int2", "type_no"),
    "rival": ("int2", "rival_no"),
    "rival_runs": ("int2", "rival_runs"),
    "tier": ("int2", "tier_no"),
    "months_below": ("int2", "months_below"),
    "grade": ("int2", "grade_no"),
    "is_core": ("bool", "is_core"),
    "months_beyond": ("int2", "months_beyond"),
    "was_overridden": ("bool", f"flag_bits & {Flag.OVERRIDDEN:d} <> 0"),
}
NOT_BEFORE = {"type": NONE_BEFORE, "rival": NONE_BEFORE, "tier": NONE_BEFORE, "grade": NONE_BEFORE}  # the rest are 0
CLIENT_COLUMNS = {"client_id": ("int8", "id"), "is_person": ("bool", "kind = 'person'")}
# Three plain scans, put together here: cheaper than a join that carries every row along. The order of
# client numbers decides ties; bytes, because no collation may change a rank.
WINDOWS = "FROM clients_clientwindow w WHERE w.branch_id = %(branch)s AND w.as_of = %(as_of)s"
SCORES = "FROM segmentation_clientscore WHERE run_id = %(run)s AND as_of = %(before)s"
CLIENTS = """FROM clients_client WHERE branch_id = %(branch)s ORDER BY client_no COLLATE "C" """


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
        clients = _read(cursor, CLIENT_COLUMNS, CLIENTS, scope)
        windows = _read(cursor, WINDOW_COLUMNS, WINDOWS, scope)
        scores = _read(cursor, BEFORE_COLUMNS, SCORES, scope) if before else {}
    place, found = _places(windows["client_id"], clients["client_id"])
    windows = {name: array[place[found]] for name, array in windows.items()} | {
        "is_person": clients["is_person"][found]
    }
    client_id = windows.pop("client_id")
    steps = [windows.pop(f"near_{tier}") for tier in TIERS[1:]]
    history = _history(branch, as_of, windows.pop("first_day").astype("datetime64[D]"))
    return Book(
        client_id=client_id,
        windows=Windows(**windows, near_days=np.column_stack(steps), history=history),
        before=_before(scores, client_id),
    )


def _read(
    cursor: CursorWrapper, columns: dict[str, tuple[str, str]], source: str, scope: dict[str, Any]
) -> dict[str, npt.NDArray[Any]]:
    select = f"SELECT {', '.join(sql for _, sql in columns.values())} {source}"
    found = copy_out(
        cursor, cursor.mogrify(select, scope).decode(), {name: kind for name, (kind, _) in columns.items()}
    )
    return {name: array if array.dtype.kind in "bf" else array.astype(np.int64) for name, array in found.items()}


def _places(known: Ints, wanted: Ints) -> tuple[Ints, Bools]:
    """Return where each of `wanted` stands in `known`, and whether it does."""
    order = np.argsort(known)
    place = np.searchsorted(known, wanted, sorter=order)
    place = order[np.minimum(place, len(order) - 1)] if len(order) else np.zeros(len(wanted), np.int64)
    found = known[place] == wanted if len(known) else np.zeros(len(wanted), np.bool_)
    return place, found


def _before(scores: dict[str, npt.NDArray[Any]], client_id: Ints) -> Before:
    """Return what the run before found for these clients, in their order."""
    columns: dict[str, npt.NDArray[Any]] = {}
    known = scores.get("client_id", np.zeros(0, np.int64))
    place, found = _places(known, client_id)
    for name, (kind, _) in BEFORE_COLUMNS.items():
        if name != "client_id":
            columns[name] = np.full(len(client_id), NOT_BEFORE.get(name, 0), np.bool_ if kind == "bool" else np.int64)
            columns[name][found] = scores[name][place[found]] if scores else 0
    return Before(**columns)


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

    They stand once a run of the month is published, also for a day before it that is made up later.
    A new version of the weights takes over those of the version before it, unless its fee rates make
    another measure of purchasing.
    """
    month = month_of(as_of)
    published = ScoringRun.objects.filter(
        branch=weights.branch, state=ScoringRun.State.PUBLISHED, as_of__gte=month, as_of__lt=next_month(month)
    )
    published = published.order_by("-as_of", "-edition").select_related("weight_set")
    used = published.filter(weight_set=weights).first() or published.first()
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
        row.client_id: TIERS.index(Tier(row.to_tier))
        for row in latest
        if row.reason == TierHistory.Reason.OVERRIDE and row.until and row.until >= as_of
    }
    for place in np.flatnonzero(np.isin(client_id, list(in_force))):
        tiers[place] = in_force[int(client_id[place])]
    return tiers
