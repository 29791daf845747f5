"""Versions of the weights: who may do what to them, from when they score, and what trying them out shows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clients.models import ClientWindow
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry
from segmentation.models import ClientScore, ScoringRun, TierRule, WeightSet, Yardstick
from segmentation.operations.scoring import publish_run, score_branch
from segmentation.operations.trial import NothingToTry, try_weights
from segmentation.operations.weights import (
    Proposal,
    WeightsNotReady,
    approve_weights,
    default_ladders,
    ensure_weights,
    first_open_date,
    propose_weights,
    reject_weights,
    submit_weights,
)
from segmentation.operations.windows import roll_windows
from tests.conftest import Cast
from tests.segmentation.branch_facts import random_branch

T, NEXT = date(2026, 8, 21), date(2026, 8, 24)
PLAIN = Proposal(Decimal("0.40"), Decimal("0.25"), Decimal("0.35"))
OTHER = Proposal(Decimal("0.20"), Decimal("0.50"), Decimal("0.30"), note="产品转型")
pytestmark = pytest.mark.django_db


def night(cast: Cast, day: date) -> ScoringRun:
    roll_windows(cast.branch, day)
    run, _ = score_branch(cast.branch, day)
    with transaction.atomic():
        publish_run(run)
    return run


@pytest.fixture
def scored(cast: Cast, calendar: TradingCalendar) -> ScoringRun:
    """A branch of 20 clients, scored and published at T."""
    random_branch(cast.branch, 31, NEXT, clients=20, span=400).deliver()
    return night(cast, T)


def test_a_branch_starts_with_the_defaults_of_the_house(cast: Cast) -> None:
    weights = ensure_weights(cast.branch, T)
    assert (weights.version, weights.state, weights.nominal) == (1, "approved", (0.40, 0.25, 0.35))
    assert ensure_weights(cast.branch, T) == weights
    gold = TierRule.objects.filter(weight_set=weights, tier="gold")
    assert set(gold.values_list("min_assets_fen", "min_commission_fen")) == {(100_000_000, 500_000)}
    assert gold.count() == 2  # persons and institutions climb their own ladder


@pytest.mark.req("VAL-02")
def test_a_new_version_scores_from_its_day_on_and_history_stays(cast: Cast, scored: ScoringRun) -> None:
    before = dict(ClientScore.objects.filter(run=scored).values_list("client_id", "value"))
    made = propose_weights(cast.branch, OTHER, by=cast.zhao)
    submit_weights(made, by=cast.zhao)
    approve_weights(made, by=cast.chen)
    assert (made.version, made.effective_on, made.approved_by) == (2, NEXT, cast.chen)
    run = night(cast, NEXT)
    assert run.weight_set == made
    assert ScoringRun.objects.get(pk=scored.pk).weight_set.version == 1
    assert dict(ClientScore.objects.filter(run=scored).values_list("client_id", "value")) == before
    for score in ClientScore.objects.filter(run=run):
        parts = 0.2 * score.commission_norm + 0.5 * score.purchasing_norm + 0.3 * score.assets_norm
        assert score.value == pytest.approx(parts)
    actions = AuditEntry.objects.filter(action__startswith="segmentation.weights").order_by("pk")
    assert [entry.action.rpartition("_")[2] for entry in actions] == ["proposed", "submitted", "approved"]


def test_the_author_does_not_approve_his_own(cast: Cast) -> None:
    made = propose_weights(cast.branch, OTHER, by=cast.zhao)
    submit_weights(made, by=cast.zhao)
    with pytest.raises(DomainError):
        approve_weights(made, by=cast.zhao)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=made.pk).update(approved_by=cast.zhao)


def test_a_version_takes_no_step_twice_and_skips_none(cast: Cast) -> None:
    made = propose_weights(cast.branch, OTHER, by=cast.zhao)
    with pytest.raises(WeightsNotReady):
        approve_weights(made, by=cast.chen)
    submit_weights(made, by=cast.zhao)
    with pytest.raises(WeightsNotReady):
        submit_weights(made, by=cast.zhao)
    with pytest.raises(DomainError):
        reject_weights(made, remark=" ", by=cast.chen)
    reject_weights(made, remark="证据不足", by=cast.chen)
    assert (made.state, made.remark) == ("rejected", "证据不足")
    with pytest.raises(WeightsNotReady):
        approve_weights(made, by=cast.chen)


def test_a_version_cannot_begin_before_what_is_published(cast: Cast, scored: ScoringRun) -> None:
    made = propose_weights(cast.branch, OTHER, by=cast.zhao)
    submit_weights(made, by=cast.zhao)
    assert first_open_date(cast.branch) == NEXT
    with pytest.raises(DomainError):
        approve_weights(made, effective_on=T, by=cast.chen)


STEEP = {**default_ladders()["person"], "gold": (1_000_000, 900)}


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLAIN, a=Decimal("0.41")),
        replace(PLAIN, a=Decimal("-0.10"), b=Decimal("0.75")),
        replace(PLAIN, fee_rates={"fund": "1.2"}),
        replace(PLAIN, core_share=Decimal("0.9")),
        replace(PLAIN, ladders={**default_ladders(), "person": STEEP}),
    ],
    ids=["sum", "negative", "rate", "core", "ladder"],
)
def test_a_version_that_cannot_be_is_refused(cast: Cast, wrong: Proposal) -> None:
    with pytest.raises(DomainError):
        propose_weights(cast.branch, wrong, by=cast.zhao)
    assert not WeightSet.objects.filter(version__gt=1).exists()


def test_the_database_itself_keeps_the_sum(cast: Cast) -> None:
    weights = ensure_weights(cast.branch, T)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=weights.pk).update(a=Decimal("0.5"))


@pytest.mark.req("VAL-02")
def test_trying_weights_out_shows_the_effect_and_writes_nothing(cast: Cast, scored: ScoringRun) -> None:
    windows = list(ClientWindow.objects.order_by("pk").values())
    counts = (WeightSet.objects.count(), ScoringRun.objects.count(), ClientScore.objects.count())
    same = try_weights(cast.branch, PLAIN)
    assert (same.ranks_changed, same.type_changes, same.core_in, same.moves) == (0, 0, 0, [])
    assert same.before == same.after
    assert same.before.type_counts == scored.metrics["type_counts"]
    other = try_weights(cast.branch, replace(OTHER, fee_rates={"fund": "0.10", "other": "0"}))
    assert other.ranks_changed > 0
    assert other.moves[0].rank_before != other.moves[0].rank_after
    assert sum(other.after.effective_weights) == pytest.approx(1)
    assert list(ClientWindow.objects.order_by("pk").values()) == windows
    assert counts == (WeightSet.objects.count(), ScoringRun.objects.count(), ClientScore.objects.count())


def test_the_fee_rates_of_a_trial_are_those_a_night_would_use(cast: Cast, scored: ScoringRun) -> None:
    wanted = replace(OTHER, fee_rates={"fund": "0.10", "bond": "0.02", "other": "0"})
    tried = try_weights(cast.branch, wanted)
    made = propose_weights(cast.branch, wanted, by=cast.zhao)
    submit_weights(made, by=cast.zhao)
    approve_weights(made, by=cast.chen)
    run = night(cast, NEXT)
    assert run.metrics["core_count"] == pytest.approx(tried.after.core_count, abs=2)
    sticks = {row.component: row.s for row in Yardstick.objects.filter(weight_set=scored.weight_set)}
    mine = {row.component: row.s for row in Yardstick.objects.filter(weight_set=made)}
    assert (mine["commission"], mine["assets"]) == (sticks["commission"], sticks["assets"])  # frozen for the month
    assert mine["purchasing"] != sticks["purchasing"]  # another measure
    fees = sum(score.contribution_fen - score.commission_fen for score in ClientScore.objects.filter(run=run))
    assert fees > sum(s.contribution_fen - s.commission_fen for s in ClientScore.objects.filter(run=scored))


def test_a_new_yardstick_can_be_looked_at_before_the_month_turns(cast: Cast, scored: ScoringRun) -> None:
    assert try_weights(cast.branch, reestimate=True).ranks_changed == 0  # it was set from these very figures


def test_weights_are_tried_on_published_clients_only(cast: Cast) -> None:
    with pytest.raises(NothingToTry):
        try_weights(cast.branch, OTHER)
