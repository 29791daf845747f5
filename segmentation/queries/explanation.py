"""What one published run says of one client: the three terms, their change, and the ladder they were measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.models import Client, ClientWindow
from office.models import Branch
from segmentation.models import (
    ClientScore,
    CoreMembership,
    Flag,
    ScoringRun,
    TierHistory,
    TierRule,
    WeightSet,
    Yardstick,
)
from segmentation.reasons import Step, TierFacts

HISTORY_RUNS = 60  # shown in the chart of a client


@dataclass(frozen=True)
class Term:
    """One of the three components: yuan, points of 100 before and after weighing, and the yardstick."""

    letter: str
    label: str
    raw: float
    norm: float
    weight: float
    points: float
    change: float | None  # of the points, against the run compared with
    s: float | None
    cap: float | None
    p: float  # place among peers with positive figures, 0 to 100

    @property
    def is_capped(self) -> bool:
        """Whether the raw value lies beyond the cap."""
        return self.cap is not None and self.raw > self.cap


@dataclass(frozen=True)
class Explained:
    """A client's score with what it was made by and what it is compared with."""

    score: ClientScore
    run: ScoringRun
    weight_set: WeightSet
    terms: tuple[Term, Term, Term]
    compared: ClientScore | None
    facts: TierFacts

    @property
    def change(self) -> float | None:
        """How the value changed against the run compared with."""
        return self.score.value - self.compared.value if self.compared else None

    @property
    def top_share(self) -> float:
        """The share of clients at or above this one, 0.001 (nobody is among the first 0.0%) to 1."""
        return max(100.0 - self.score.percentile, 0.1) / 100.0

    @property
    def fees_fen(self) -> int:
        """The part of the contribution that comes from products."""
        return self.score.contribution_fen - self.score.commission_fen


def score_of(client: Client, run: ScoringRun) -> ClientScore | None:
    """Return what `run` found for the client, None if he was not ranked."""
    return ClientScore.objects.filter(run=run, client=client, as_of=run.as_of).first()


def explained(client: Client, runs: Sequence[ScoringRun]) -> Explained | None:
    """Return the client's present score, explained; `runs` are the recent ones, newest first.

    It is compared with the end of the month before, or with the run before where there is none.
    None before the first run that ranks him.
    """
    score = score_of(client, runs[0]) if runs else None
    if score is None:
        return None
    run, earlier = runs[0], runs[1:]
    ended = [past for past in earlier if past.as_of < run.as_of.replace(day=1)]
    other = next(iter([*ended[:1], *earlier[:1]]), None)
    compared = score_of(client, other) if other else None
    before = _points(compared, other.weight_set) if compared and other else None
    return Explained(score, run, run.weight_set, _terms(score, run, before), compared, _facts(client, score, run))


def history(client: Client, runs: Sequence[ScoringRun]) -> list[ClientScore]:
    """Return the client's scores of `runs`, oldest first."""
    if not runs:
        return []
    days = [run.as_of for run in runs]
    rows = ClientScore.objects.filter(
        client=client, run__in=[run.pk for run in runs], as_of__gte=min(days), as_of__lte=max(days)
    )
    return list(rows.order_by("as_of"))


def recent_runs(branch: Branch) -> list[ScoringRun]:
    """Return the valid published runs of a branch with their weights, newest first, one a date."""
    rows = ScoringRun.objects.filter(branch=branch, state=ScoringRun.State.PUBLISHED).select_related("weight_set")
    return list(rows.order_by("-as_of", "-edition").distinct("as_of")[:HISTORY_RUNS])


def tier_history(client: Client) -> list[TierHistory]:
    """Return the changes of tier and grade, newest first."""
    rows = TierHistory.objects.filter(client=client).select_related("run", "override_by")
    return list(rows.order_by("-as_of", "-pk"))


def open_override(client: Client, on: date) -> TierHistory | None:
    """Return the tier set by hand that holds on that date, None if the figures decide."""
    by_hand = (TierHistory.Reason.OVERRIDE, TierHistory.Reason.OVERRIDE_ENDED)
    latest = TierHistory.objects.filter(client=client, reason__in=by_hand).select_related("override_by")
    row = latest.order_by("-pk").first()
    ended = row is None or row.reason != TierHistory.Reason.OVERRIDE or (row.until is not None and row.until < on)
    return None if ended else row


def core_stays(client: Client) -> list[CoreMembership]:
    """Return the client's stays in the core group, newest first."""
    return list(CoreMembership.objects.filter(client=client).order_by("-entered_on", "-pk"))


def window_of(client: Client) -> ClientWindow | None:
    """Return the rolling sums that the scores are made from."""
    return ClientWindow.objects.filter(client=client).first()


def _terms(score: ClientScore, run: ScoringRun, before: tuple[float, ...] | None) -> tuple[Term, Term, Term]:
    month = run.as_of.replace(day=1)
    sticks = {row.component: row for row in Yardstick.objects.filter(weight_set=run.weight_set, month=month)}

    def term(place: int, letter: str, label: str, code: str) -> Term:
        stick, weight = sticks.get(code), run.weight_set.nominal[place]
        norm = getattr(score, f"{code}_norm")
        return Term(
            letter,
            label,
            getattr(score, f"{code}_raw"),
            norm,
            weight,
            weight * norm,
            weight * norm - before[place] if before else None,
            stick.s if stick else None,
            stick.cap if stick else None,
            getattr(score, f"{code}_p"),
        )

    return term(0, "a", "佣金", "commission"), term(1, "b", "购买力", "purchasing"), term(2, "c", "资产", "assets")


def _points(score: ClientScore, weights: WeightSet) -> tuple[float, float, float]:
    """Return the weighted points of an earlier score, weighed as its own run did."""
    a, b, c = weights.nominal
    return a * score.commission_norm, b * score.purchasing_norm, c * score.assets_norm


def _facts(client: Client, score: ClientScore, run: ScoringRun) -> TierFacts:
    person = client.kind == Client.Kind.PERSON
    ladder = TierRule.Ladder.PERSON if person else TierRule.Ladder.INSTITUTION
    order = ["general", "silver", "gold", "platinum", "diamond"]
    rules = TierRule.objects.filter(weight_set=run.weight_set, ladder=ladder)
    steps = sorted(
        (Step(order.index(rule.tier), rule.min_assets_fen / 100, rule.min_commission_fen / 100) for rule in rules),
        key=lambda step: step.tier_no,
    )
    return TierFacts(
        tier_no=score.tier_no,
        computed_no=score.computed_tier_no,
        previous_no=score.previous_tier_no,
        cause=score.tier_cause,
        assets=score.assets_raw,
        commission=score.commission_fen / 100,
        days_near=score.days_near,
        months_below=score.months_below,
        is_new=Flag.PROVISIONAL in score.flags,
        is_stale=Flag.STALE in score.flags,
        steps=tuple(steps),
    )
