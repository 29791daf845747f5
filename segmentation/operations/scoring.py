"""Appraising a branch: windows in by COPY, arithmetic on columns, scores out by COPY; a draft until it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from clients.operations.copying import Values, copy_in
from office.errors import DomainError
from office.jobs import Ledger
from office.models import Branch
from office.partitions import ensure_months, month_of, partition_name
from segmentation.models import (
    NONE_BEFORE,
    TIERS,
    TYPES,
    ClientScore,
    Component,
    ScoringRun,
    WeightSet,
    WindowState,
    Yardstick,
)
from segmentation.operations.publishing import publish_run
from segmentation.operations.score_inputs import (
    Book,
    frozen_yardsticks,
    known_yardsticks,
    overrides,
    read_book,
    read_rules,
)
from segmentation.operations.weights import ensure_weights
from segmentation.operations.window_scope import Sessions, sessions_until
from segmentation.queries.runs import input_hash, run_before
from segmentation.scoring.appraisal import Appraisal, Raw, appraise, estimate, points, raw_measures
from segmentation.scoring.normalising import EFFECTIVE_DRIFT, Measure
from segmentation.scoring.ranking import rank as ranked
from segmentation.scoring.ranking import rank_correlation

__all__ = ["publish_run", "score_branch"]

State = ScoringRun.State


class WindowsNotRolled(DomainError):
    """A run needs windows that end on its day."""


@dataclass(frozen=True)
class Setting:
    """What one run works with."""

    branch: Branch
    sessions: Sessions
    weights: WeightSet
    before: ScoringRun | None

    @property
    def as_of(self) -> date:
        """The session that is scored."""
        return self.sessions.as_of

    @property
    def is_month_end(self) -> bool:
        """Whether a month-end lies after the run before and up to this day."""
        next_day = self.sessions.following
        since = self.before.as_of if self.before else self.as_of
        ended_today = next_day is None or month_of(next_day) != month_of(self.as_of)
        return ended_today or (month_of(since) != month_of(self.as_of) and not self._was_month_end(since))

    def _was_month_end(self, day: date) -> bool:
        later = [session for session in self.sessions.days if session > day]
        return bool(later) and month_of(later[0]) != month_of(day)


@transaction.atomic
def score_branch(branch: Branch, as_of: date) -> tuple[ScoringRun, Ledger]:
    """Appraise every client of the branch at the close of `as_of`; return the draft and what was done.

    The same inputs return the run they gave before. Other inputs make the next edition, and drafts
    nobody published give way. Raises WindowsNotRolled unless the windows end on that day.
    """
    sessions = sessions_until(branch, as_of)
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)
    weights = ensure_weights(branch, sessions.as_of)
    fingerprint = input_hash(branch, sessions.as_of)
    known = _known(branch, sessions.as_of, fingerprint)
    if known is not None:
        return known, Ledger(seen=known.metrics["clients"], detail={"way": "unchanged"})
    if not WindowState.objects.filter(branch=branch, as_of=sessions.as_of).exists():
        raise WindowsNotRolled(f"{branch.name} 的窗口尚未滚动到 {sessions.as_of:%Y-%m-%d}")
    run = _new_run(branch, sessions.as_of, weights, fingerprint)
    setting = Setting(branch, sessions, weights, run.previous)
    clients = _fill(run, setting)
    detail = {"way": "scored", "edition": run.edition, "weights": weights.version}
    return run, Ledger(seen=clients, changed=clients, detail=detail)


def _known(branch: Branch, as_of: date, fingerprint: str) -> ScoringRun | None:
    runs = ScoringRun.objects.filter(branch=branch, as_of=as_of, input_hash=fingerprint)
    return runs.exclude(state=State.FAILED).order_by("-edition").first()


def _new_run(branch: Branch, as_of: date, weights: WeightSet, fingerprint: str) -> ScoringRun:
    runs = ScoringRun.objects.filter(branch=branch, as_of=as_of)
    runs.filter(state=State.DRAFT).update(state=State.FAILED)
    return ScoringRun.objects.create(
        branch=branch,
        as_of=as_of,
        edition=(runs.aggregate(top=Max("edition"))["top"] or 0) + 1,
        weight_set=weights,
        previous=run_before(branch, as_of),
        supersedes=runs.filter(state=State.PUBLISHED).order_by("-edition").first(),
        input_hash=fingerprint,
    )


def _fill(run: ScoringRun, setting: Setting) -> int:
    """Compute and write the scores of a new run; return of how many clients."""
    book = read_book(setting.branch, setting.as_of, setting.before, setting.sessions.gone)
    raw = raw_measures(book.windows)
    frozen = frozen_yardsticks(setting.weights, setting.as_of)
    fresh = estimate(raw) if None in frozen else []
    yardsticks = [known or fresh[i] for i, known in enumerate(frozen)]
    _keep(setting, yardsticks)
    effect = _yardstick_effect(setting, book, raw, yardsticks) if None in frozen else None
    by_hand = overrides(setting.branch, setting.as_of, book.client_id)
    rules = read_rules(setting.weights)
    found = appraise(book.windows, book.before, rules, yardsticks, by_hand, is_month_end=setting.is_month_end, raw=raw)
    _write(run, book, found)
    run.metrics = _figures(book, found, rules.weights) | {"yardstick_effect": effect}
    run.save(update_fields=["metrics"])
    return len(book.client_id)


def _yardstick_effect(setting: Setting, book: Book, raw: Raw, fresh: list[Measure]) -> dict[str, Any] | None:
    """Return what yardsticks set anew do to values and ranks, None where there were none before."""
    used = setting.before and known_yardsticks(setting.before.weight_set, month_of(setting.before.as_of))
    if not used:
        return None
    contribution = book.windows.commission_fen + book.windows.purchase_fen
    old, new = (
        points(raw, measures, setting.weights.normaliser) @ np.array(setting.weights.nominal)
        for measures in (used, fresh)
    )
    moved = np.abs(ranked(new, contribution) - ranked(old, contribution))
    return {
        "rank_correlation": rank_correlation(ranked(new, contribution), ranked(old, contribution)),
        "mean_value_change": float(np.abs(new - old).mean()) if len(new) else 0.0,
        "most_ranks_moved": int(moved.max()) if len(moved) else 0,
    }


def _keep(setting: Setting, yardsticks: list[Measure]) -> None:
    """Note the yardsticks of the month with the version of the weights; those that stand stay untouched."""
    month = month_of(setting.as_of)
    known: Sequence[Measure | None] = known_yardsticks(setting.weights, month) or (None, None, None)
    for component, measure, before in zip(Component.values, yardsticks, known, strict=True):
        if measure != before:
            Yardstick.objects.update_or_create(
                weight_set=setting.weights,
                month=month,
                component=component,
                defaults={"s": measure.s, "cap": measure.cap, "estimated_on": setting.as_of},
            )


TYPES_OF_FIELDS = {
    "BigIntegerField": "int8",
    "IntegerField": "int4",
    "SmallIntegerField": "int2",
    "FloatField": "float8",
    "BooleanField": "bool",
    "DateField": "date",
    "ForeignKey": "int8",
}


def _write(run: ScoringRun, book: Book, found: Appraisal) -> None:
    """Append the scores in the order of their key, straight into the month's partition."""
    count = len(book.client_id)
    fixed = {
        "run_id": np.full(count, run.pk),
        "branch_id": np.full(count, run.branch_id),
        "as_of": np.full(count, np.datetime64(run.as_of, "D").astype(np.int64)),
        "client_id": book.client_id,
    }
    everything = fixed | found.columns
    order = np.argsort(book.client_id)
    columns = [
        Values(field.column, TYPES_OF_FIELDS[field.get_internal_type()], everything[field.column][order])
        for field in ClientScore._meta.concrete_fields
        if field.column
    ]
    ensure_months(ClientScore, [run.as_of])
    if count:
        with connection.cursor() as cursor:
            copy_in(cursor, partition_name(ClientScore, month_of(run.as_of)), columns)


def _figures(book: Book, found: Appraisal, nominal: tuple[float, float, float]) -> dict[str, Any]:
    """Return what the run says of the whole branch (segmentation.queries.runs.run_figures)."""
    columns, before = found.columns, book.before
    known_tier, known_type = before.tier != NONE_BEFORE, before.type != NONE_BEFORE
    is_core, contribution = columns["is_core"], columns["contribution_fen"]
    count = len(book.client_id)
    return {
        "clients": count,
        "tier_changes": int((known_tier & (columns["tier_no"] != before.tier)).sum()),
        "type_changes": int((known_type & (columns["type_no"] != before.type)).sum()),
        "grade_changes": int((known_tier & (columns["grade_no"] != before.grade)).sum()),
        "rank_correlation": rank_correlation(columns["rank"].astype(np.int64), before.rank),
        "effective_weights": list(found.effective_weights),
        "weights_differ": bool(np.abs(np.subtract(found.effective_weights, nominal)).max() > EFFECTIVE_DRIFT),
        "nulls": int(sum((~np.isfinite(array)).sum() for array in columns.values() if array.dtype.kind == "f")),
        "assets_fen": int(book.windows.last_assets_fen.sum()),
        "commission_fen": int(book.windows.commission_fen.sum()),
        "contribution_fen": int(contribution.sum()),
        "core_count": int(is_core.sum()),
        "core_base_count": int(columns["in_base_set"].sum()),
        "core_heads": float(is_core.mean()) if count else 0.0,
        "core_share": float(columns["contribution_share"][is_core.astype(bool)].sum()),
        "tier_counts": {str(tier): int((columns["tier_no"] == no).sum()) for no, tier in enumerate(TIERS)},
        "type_counts": {str(kind): int((columns["type_no"] == no).sum()) for no, kind in enumerate(TYPES)},
        "stale": int((book.windows.assets_days < 10).sum()),
        "provisional": int((book.windows.history < 60).sum()),
    }
