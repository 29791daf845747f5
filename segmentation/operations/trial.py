"""What other weights, or a new yardstick, would do to ranks, types and core group; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import connection, transaction

from office.errors import DomainError
from office.models import Branch
from segmentation.models import TIERS, TYPES, Level, ScoringRun, WindowState
from segmentation.operations.score_inputs import (
    LADDERS,
    Book,
    known_yardsticks,
    overrides,
    read_book,
    read_rules,
)
from segmentation.operations.weights import Proposal, check_proposal
from segmentation.operations.window_scope import Sessions, lay_out, lay_out_sessions, sessions_until
from segmentation.operations.window_sums import purchase_totals
from segmentation.queries.runs import published_run
from segmentation.scoring.appraisal import Appraisal, Rules, appraise, estimate, raw_measures
from segmentation.scoring.arrays import Bools, Floats, Ints
from segmentation.scoring.measures import WINDOW
from segmentation.scoring.normalising import Measure
from segmentation.scoring.ranking import rank_correlation

Column = Floats | Ints | Bools
MOST_MOVED = 20  # clients named


class NothingToTry(DomainError):
    """Weights are tried on the clients of a published run whose windows still stand."""


@dataclass(frozen=True)
class Side:
    """One way of appraising the branch, as counts and shares."""

    effective_weights: tuple[float, float, float]
    tier_counts: dict[str, int]  # by today's figures, without hysteresis
    type_counts: dict[str, int]
    core_count: int
    core_share: float


@dataclass(frozen=True)
class Move:
    """One client's place before and after."""

    client_id: int
    rank_before: int
    rank_after: int
    value_before: float
    value_after: float


@dataclass(frozen=True)
class Trial:
    """What would change; the sides are as it is and as it would be."""

    run: ScoringRun
    clients: int
    before: Side
    after: Side
    rank_correlation: float | None
    ranks_changed: int
    level_changes: int
    type_changes: int
    tier_changes: int
    core_in: int
    core_out: int
    core_entering: list[int]  # client ids, at most MOST_MOVED, the largest contribution first
    core_leaving: list[int]
    tier_moves: list[list[int]]  # clients by tier before (rows) and after (columns), by today's figures
    level_moves: list[list[int]]  # the same for high, middle, low
    mean_value_change: float  # points, without sign
    moves: list[Move]  # most ranks moved first


@transaction.atomic
def try_weights(branch: Branch, proposal: Proposal | None = None, *, reestimate: bool = False) -> Trial:
    """Return what `proposal` (None: the present version) would do to the run that readers see.

    The yardsticks stay those of the month; with `reestimate` they are set anew from the present
    figures, as the first night of the next month will. Raises NothingToTry before the first run.
    """
    run = published_run(branch)
    sessions = sessions_until(branch, run.as_of) if run else None
    if run is None or sessions is None or not WindowState.objects.filter(branch=branch, as_of=run.as_of).exists():
        raise NothingToTry("请在夜间评分发布之后试算")
    if proposal is not None:
        check_proposal(proposal)
    book = read_book(branch, run.as_of, run.previous, sessions.gone)
    present = read_rules(run.weight_set)
    stick = known_yardsticks(run.weight_set, run.as_of.replace(day=1)) or estimate(raw_measures(book.windows))
    other_book, other_stick = book, stick
    if proposal is not None and proposal.fee_rates != run.weight_set.fee_rates:
        other_book = _at_other_rates(branch, run, sessions, book, proposal.fee_rates)
        other_stick = [stick[0], estimate(raw_measures(other_book.windows))[1], stick[2]]
    if reestimate:
        other_stick = estimate(raw_measures(other_book.windows))
    rules = _rules(proposal) if proposal is not None else present
    before = _appraised(branch, run, book, present, stick)
    after = _appraised(branch, run, other_book, rules, other_stick)
    return _compared(run, book, before, after)


def _at_other_rates(branch: Branch, run: ScoringRun, sessions: Sessions, book: Book, rates: dict[str, str]) -> Book:
    """Return the book with product fees at other rates; the tables laid out for it are temporary."""
    with connection.cursor() as cursor:
        lay_out(cursor, branch, run.as_of, run.weight_set)
        lay_out_sessions(cursor, sessions, WINDOW)
        totals = purchase_totals(cursor, branch, sessions, rates)
    pairs = [totals.get(client_id, (0.0, 0)) for client_id in book.client_id.tolist()]
    windows = replace(
        book.windows,
        purchase_decayed=np.array([decayed for decayed, _ in pairs], np.float64),
        purchase_fen=np.array([fen for _, fen in pairs], np.int64),
    )
    return replace(book, windows=windows)


def _rules(proposal: Proposal) -> Rules:
    steps = [[proposal.ladders[str(ladder)][str(tier)] for tier in TIERS[1:]] for ladder in LADDERS]
    return Rules(
        weights=(float(proposal.a), float(proposal.b), float(proposal.c)),
        normaliser=proposal.normaliser,
        asset_thresholds=np.array([[float(assets) for assets, _ in ladder] for ladder in steps]),
        commission_thresholds=np.array([[float(commission) for _, commission in ladder] for ladder in steps]),
        core_permille=int(proposal.core_share * 1000),
        core_exit_permille=int(proposal.core_exit_share * 1000),
    )


def _appraised(branch: Branch, run: ScoringRun, book: Book, rules: Rules, yardsticks: Sequence[Measure]) -> Appraisal:
    by_hand = overrides(branch, run.as_of, book.client_id)
    return appraise(book.windows, book.before, rules, list(yardsticks), by_hand, is_month_end=False)


def _side(found: Appraisal) -> Side:
    columns = found.columns
    is_core = columns["is_core"].astype(bool)
    return Side(
        effective_weights=found.effective_weights,
        tier_counts={str(tier): int((columns["computed_tier_no"] == no).sum()) for no, tier in enumerate(TIERS)},
        type_counts={str(kind): int((columns["type_no"] == no).sum()) for no, kind in enumerate(TYPES)},
        core_count=int(is_core.sum()),
        core_share=float(columns["contribution_share"][is_core].sum()),
    )


def _compared(run: ScoringRun, book: Book, before: Appraisal, after: Appraisal) -> Trial:
    old, new = before.columns, after.columns
    changed = {
        name: int((old[name] != new[name]).sum()) for name in ("rank", "level_no", "type_no", "computed_tier_no")
    }
    moved = np.argsort(-np.abs(new["rank"] - old["rank"]), kind="stable")[:MOST_MOVED]
    is_core, was_core = new["is_core"].astype(bool), old["is_core"].astype(bool)
    count = len(book.client_id)
    return Trial(
        run=run,
        clients=count,
        before=_side(before),
        after=_side(after),
        rank_correlation=rank_correlation(new["rank"].astype(np.int64), old["rank"].astype(np.int64)),
        ranks_changed=changed["rank"],
        level_changes=changed["level_no"],
        type_changes=changed["type_no"],
        tier_changes=changed["computed_tier_no"],
        core_in=int((is_core & ~was_core).sum()),
        core_out=int((was_core & ~is_core).sum()),
        core_entering=_named(book, is_core & ~was_core, new["contribution_fen"].astype(np.int64)),
        core_leaving=_named(book, was_core & ~is_core, new["contribution_fen"].astype(np.int64)),
        tier_moves=_crossed(old["computed_tier_no"], new["computed_tier_no"], len(TIERS)),
        level_moves=_crossed(old["level_no"], new["level_no"], len(Level)),
        mean_value_change=float(np.abs(new["value"] - old["value"]).mean()) if count else 0.0,
        moves=[
            Move(
                int(book.client_id[i]),
                int(old["rank"][i]),
                int(new["rank"][i]),
                float(old["value"][i]),
                float(new["value"][i]),
            )
            for i in moved
            if old["rank"][i] != new["rank"][i]
        ],
    )


def _crossed(before: Column, after: Column, size: int) -> list[list[int]]:
    """Count the clients by their place before (rows) and after (columns)."""
    pairs = before.astype(np.int64) * size + after.astype(np.int64)
    counts: list[list[int]] = np.bincount(pairs, minlength=size * size).reshape(size, size).tolist()
    return counts


def _named(book: Book, chosen: Bools, contribution: Ints) -> list[int]:
    """Return the ids of the chosen clients who bring most."""
    places = np.flatnonzero(chosen)
    order = np.argsort(-contribution[places], kind="stable")[:MOST_MOVED]
    return [int(client_id) for client_id in book.client_id[places[order]]]
