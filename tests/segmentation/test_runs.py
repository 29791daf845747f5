"""Runs over many nights: drafts, publishing, corrections, and what hysteresis, overrides and histories make of them."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from clients.models import Account, Client, ClientStanding
from office.dates import TradingCalendar
from office.jobs import Ledger
from segmentation.models import (
    ClientScore,
    CoreMembership,
    Flag,
    ScoringRun,
    TierHistory,
    WeightSet,
    Yardstick,
)
from segmentation.operations.publishing import RunNotDraft
from segmentation.operations.scoring import WindowsNotRolled, publish_run, score_branch
from segmentation.operations.tiers import OverrideRefused, end_override, override_tier
from segmentation.operations.windows import roll_windows
from segmentation.queries.runs import input_hash, published_run, run_figures
from tests.conftest import Cast
from tests.segmentation.branch_facts import Facts, random_branch

FIRST = date(2026, 8, 3)  # Monday, the first session of August
RICH, POOR = "880100000101", "880100000102"
WAN = 1_000_000  # fen of 10,000 yuan
pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(cast: Cast, calendar: TradingCalendar) -> Facts:
    """Six clients with 25 quiet sessions behind them; RICH is gold with 1.2 m, POOR silver with 0.4 m."""
    made = Facts(cast.branch)
    for number, wan in ((RICH, 120), (POOR, 40), *((f"88010000020{n}", 20 + n) for n in range(4))):
        made.client(number)
        made.day(number, date(2026, 1, 5), assets=wan * WAN)
        for age in range(1, 26):
            made.day(number, calendar.add_trading(FIRST, -age), assets=wan * WAN, commission=wan * 10)
    made.deliver()
    Account.objects.filter(client=cast.wu).update(closed_on=date(2026, 1, 5), status="closed")
    return made


def close(facts: Facts, day: date, **assets: int) -> tuple[ScoringRun, Ledger]:
    """Deliver a day (client number, without its letter → 万元) and go through its night."""
    for number, wan in assets.items():
        facts.day(number.removeprefix("c"), day, assets=wan * WAN, commission=100)
    if assets:
        facts.deliver()
    roll_windows(facts.branch, day)
    run, _ = score_branch(facts.branch, day)
    with transaction.atomic():
        return run, publish_run(run)


def score(run: ScoringRun, number: str) -> ClientScore:
    return ClientScore.objects.get(run=run, client__client_no=number)


def standing(number: str) -> ClientStanding:
    return ClientStanding.objects.get(client__client_no=number)


@pytest.mark.req("VAL-04", "SEG-06")
def test_publishing_brings_every_standing_up_to_date(facts: Facts) -> None:
    run, ledger = close(facts, FIRST)
    assert (ledger.seen, ledger.changed) == (6, 6)
    assert published_run(facts.branch) == run
    rich, found = standing(RICH), score(run, RICH)
    assert (rich.rank, rich.tier, rich.grade, rich.value_type) == (1, "gold", "vip", str(found.value_type))
    assert rich.value == pytest.approx(rich.commission_points + rich.purchasing_points + rich.assets_points)
    assert (rich.assets_fen, rich.assets_avg_fen) == (120 * WAN, 120 * WAN)
    assert (rich.is_core, rich.is_stale, rich.score_run_id) == (True, False, run.pk)
    assert standing(POOR).tier == "silver"


def test_the_same_night_twice_writes_nothing_more(facts: Facts) -> None:
    run, _ = close(facts, FIRST)
    again, ledger = close(facts, FIRST)
    assert again.pk == run.pk
    assert ledger.changed == 0
    assert ClientScore.objects.count() == 6
    assert TierHistory.objects.filter(run__isnull=False).count() == 6


def test_a_night_without_news_touches_only_what_moved(facts: Facts, calendar: TradingCalendar) -> None:
    close(facts, FIRST)
    _, ledger = close(facts, calendar.next_trading(FIRST))
    assert ledger.changed + ledger.skipped["无变化"] == 6
    assert ledger.detail["history"] == 0


def test_a_draft_is_seen_by_nobody(facts: Facts) -> None:
    roll_windows(facts.branch, FIRST)
    run, ledger = score_branch(facts.branch, FIRST)
    assert ledger.changed == 6
    assert published_run(facts.branch) is None
    assert standing(RICH).rank is None
    assert score_branch(facts.branch, FIRST)[0] == run


def test_scores_need_windows_of_their_day(facts: Facts, calendar: TradingCalendar) -> None:
    roll_windows(facts.branch, FIRST)
    with pytest.raises(WindowsNotRolled):
        score_branch(facts.branch, calendar.next_trading(FIRST))


def test_a_correction_is_a_new_edition_that_supersedes(facts: Facts) -> None:
    first, _ = close(facts, FIRST)
    before = score(first, POOR).commission_raw
    facts.correct(POOR, date(2026, 7, 31), net_commission_fen=90_000)
    second, _ = close(facts, FIRST)
    assert (second.edition, second.supersedes) == (2, first)
    assert score(second, POOR).commission_raw > before == score(first, POOR).commission_raw
    assert published_run(facts.branch) == second


def test_a_draft_overtaken_by_new_facts_gives_way(facts: Facts) -> None:
    roll_windows(facts.branch, FIRST)
    draft, _ = score_branch(facts.branch, FIRST)
    facts.correct(POOR, date(2026, 7, 31), net_commission_fen=90_000)
    run, _ = close(facts, FIRST)
    assert run.edition == 2
    with pytest.raises(RunNotDraft):
        publish_run(draft)


def test_a_night_made_up_later_moves_no_standing(facts: Facts, calendar: TradingCalendar) -> None:
    later, _ = close(facts, calendar.next_trading(FIRST))
    run, ledger = close(facts, FIRST)
    assert ledger.changed == 0
    assert run.state == ScoringRun.State.PUBLISHED
    assert published_run(facts.branch) == later
    assert standing(RICH).score_run_id == later.pk


def test_the_yardstick_stands_for_the_month(facts: Facts, calendar: TradingCalendar) -> None:
    run, _ = close(facts, FIRST)
    frozen = list(Yardstick.objects.order_by("component").values_list("component", "s", "cap"))
    next_day = calendar.next_trading(FIRST)
    second, _ = close(facts, next_day, **{f"c{POOR}": 90_000})  # 900 m, far beyond the cap
    assert list(Yardstick.objects.order_by("component").values_list("component", "s", "cap")) == frozen
    assert score(second, RICH).assets_norm == pytest.approx(score(run, RICH).assets_norm)
    assert second.metrics["yardstick_effect"] is None
    september, _ = close(facts, date(2026, 9, 1))
    assert Yardstick.objects.filter(month=date(2026, 9, 1)).count() == 3
    assert september.metrics["yardstick_effect"]["rank_correlation"] <= 1


def test_a_night_made_up_later_takes_the_yardsticks_of_its_month(facts: Facts, calendar: TradingCalendar) -> None:
    later, _ = close(facts, calendar.next_trading(FIRST), **{f"c{POOR}": 90_000})
    frozen = list(Yardstick.objects.order_by("component").values_list("component", "s", "cap", "estimated_on"))
    made_up, _ = close(facts, FIRST)
    kept = Yardstick.objects.order_by("component").values_list("component", "s", "cap", "estimated_on")
    assert list(kept) == frozen
    assert score(made_up, RICH).assets_norm == pytest.approx(score(later, RICH).assets_norm)


@pytest.mark.req("SEG-06")
def test_twenty_times_the_assets_for_three_days_change_no_tier(facts: Facts, calendar: TradingCalendar) -> None:
    close(facts, FIRST)
    day = FIRST
    for wan in (800, 800, 800, 40, 40, 40):
        day = calendar.next_trading(day)
        run, _ = close(facts, day, **{f"c{POOR}": wan})
        assert str(score(run, POOR).tier) == "silver"
    assert score(run, POOR).assets_raw > 1_000_000  # the plain average would have lifted him
    assert str(score(run, POOR).computed_tier) == "gold"


@pytest.mark.req("SEG-01", "SEG-02", "SEG-06")
def test_assets_that_stay_lift_on_the_fifteenth_day_with_a_reason(facts: Facts, calendar: TradingCalendar) -> None:
    close(facts, FIRST)
    day, tiers = FIRST, []
    for _ in range(15):
        day = calendar.next_trading(day)
        run, _ = close(facts, day, **{f"c{POOR}": 150})
        tiers.append(str(score(run, POOR).tier))
    assert tiers == ["silver"] * 14 + ["gold"]
    change = TierHistory.objects.filter(client__client_no=POOR).latest("pk")
    assert (change.from_tier, change.to_tier, change.reason) == ("silver", "gold", "assets_up")
    assert (change.from_grade, change.to_grade, change.run) == ("ordinary", "vip", run)
    assert "20 日均资产 1,268,421 元" in change.detail


@pytest.mark.req("SEG-03", "SEG-04")
def test_who_trades_on_five_days_is_active_whatever_he_owns(facts: Facts, calendar: TradingCalendar) -> None:
    run, _ = close(facts, FIRST)
    assert standing("880100000200").grade == "ordinary"
    day = FIRST
    for _ in range(5):
        day = calendar.next_trading(day)
        facts.day("880100000200", day, assets=20 * WAN, commission=500, turnover=100_000)
        facts.deliver()
        run, _ = close(facts, day)
    assert (str(score(run, "880100000200").grade), standing("880100000200").grade) == ("active", "active")
    change = TierHistory.objects.filter(client__client_no="880100000200").latest("pk")
    assert (change.reason, change.from_grade, change.to_grade) == ("grade", "ordinary", "active")
    assert change.detail.endswith("近 20 日交易 5 天")


@pytest.mark.req("VAL-06")
def test_a_smaller_core_share_makes_a_smaller_core_group(facts: Facts) -> None:
    run, _ = close(facts, FIRST)
    weights = run.weight_set
    assert run.metrics["core_base_count"] == 4
    WeightSet.objects.filter(pk=weights.pk).update(core_share="0.50")
    ScoringRun.objects.filter(pk=run.pk).update(input_hash="other rules")
    again, _ = close(facts, FIRST)
    assert again.metrics["core_base_count"] == 2


def test_a_branch_without_clients_or_facts_has_an_empty_night(cast: Cast, calendar: TradingCalendar) -> None:
    nobody, _ = close(Facts(cast.other_branch), FIRST)
    assert (nobody.metrics["clients"], nobody.metrics["core_count"]) == (0, 0)
    idle = Facts(cast.branch)
    idle.client(POOR)
    run, _ = close(idle, FIRST)
    found = score(run, POOR)
    assert (found.value, found.rank, str(found.tier), str(found.value_type)) == (0, 2, "general", "unclassified")
    assert (str(found.grade), found.is_core, Flag.STALE in found.flags) == ("potential", False, True)


def test_a_client_falls_one_step_after_three_month_ends(facts: Facts, calendar: TradingCalendar) -> None:
    for age in range(0, 60):
        facts.day(RICH, calendar.add_trading(FIRST, age), assets=10 * WAN)
    facts.deliver()
    run, _ = close(facts, date(2026, 7, 31))
    seen = [(str(score(run, RICH).tier), score(run, RICH).months_below)]
    for day in (date(2026, 8, 28), date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 30)):
        run, _ = close(facts, day)
        seen.append((str(score(run, RICH).tier), score(run, RICH).months_below))
    assert seen == [("gold", 0), ("gold", 0), ("gold", 1), ("gold", 2), ("silver", 0)]
    change = TierHistory.objects.filter(client__client_no=RICH).latest("pk")
    assert (change.reason, change.from_tier, change.to_tier) == ("months_down", "gold", "silver")


@pytest.mark.req("VAL-03")
def test_a_type_waits_five_nights_for_its_successor(facts: Facts, calendar: TradingCalendar) -> None:
    run, _ = close(facts, FIRST)
    assert str(score(run, POOR).value_type) == "commission"
    day, seen = FIRST, []
    for number in (POOR, "880100000200", "880100000201", "880100000202", "880100000203"):
        facts.buy(number, calendar.next_trading(FIRST), 5 * WAN if number == POOR else WAN)
    facts.deliver()
    for _ in range(5):
        day = calendar.next_trading(day)
        run, _ = close(facts, day)
        seen.append((str(score(run, POOR).value_type), score(run, POOR).rival_runs))
    assert seen == [("commission", 1), ("commission", 2), ("commission", 3), ("commission", 4), ("product", 0)]
    assert score(run, POOR).purchasing_p - score(run, POOR).commission_p == pytest.approx(15)


@pytest.mark.req("VAL-07")
def test_core_stays_are_written_down_when_they_begin_and_end(facts: Facts, calendar: TradingCalendar) -> None:
    run, _ = close(facts, FIRST)
    stays = CoreMembership.objects.filter(client__client_no=RICH)
    assert [(stay.entered_on, stay.left_on) for stay in stays] == [(FIRST, None)]
    Account.objects.filter(client__client_no=RICH).update(closed_on=FIRST + timedelta(days=1), status="closed")
    day = calendar.next_trading(FIRST)
    left, ledger = close(facts, day, **{f"c{POOR}": 40})
    assert (left.metrics["clients"], ledger.detail["unranked"]) == (5, 1)
    assert stays.get().left_on == day
    assert (standing(RICH).rank, standing(RICH).is_core) == (None, False)
    assert run.metrics["core_share"] >= 0.8


def test_a_tier_set_by_hand_is_kept_and_then_given_up(facts: Facts, cast: Cast, calendar: TradingCalendar) -> None:
    close(facts, FIRST)
    before = standing(POOR).grade
    client = Client.objects.get(client_no=POOR)
    until = FIRST + timedelta(days=2)
    override_tier(client, "diamond", reason="家族账户合并", until=until, on=FIRST, by=cast.zhao)
    assert standing(POOR).tier == "diamond"
    day = calendar.next_trading(FIRST)
    run, _ = close(facts, day, **{f"c{POOR}": 40})
    assert (str(score(run, POOR).tier), standing(POOR).grade) == ("diamond", "vip")
    assert "人工定级" in score(run, POOR).flag_labels
    graded = TierHistory.objects.get(client=client, run=run)  # the tier was written down when it was set
    assert (graded.reason, graded.from_tier, graded.to_tier) == ("grade", "diamond", "diamond")
    assert (graded.from_grade, graded.to_grade) == (before, "vip")
    ended, _ = close(facts, date(2026, 8, 6), **{f"c{POOR}": 40})
    assert standing(POOR).tier == "silver"
    change = TierHistory.objects.filter(client=client).latest("pk")
    assert (change.reason, change.from_tier, change.to_tier, change.run) == (
        "override_ended", "diamond", "silver", ended,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "reason", "days"),
    [("gold", " ", 9), ("gold", "x", 400), ("gold", "x", -1), ("silver", "x", 9), ("emperor", "x", 9)],
)
def test_an_override_needs_a_reason_an_end_and_a_change(
    facts: Facts, cast: Cast, tier: str, reason: str, days: int
) -> None:
    close(facts, FIRST)
    client = Client.objects.get(client_no=POOR)
    with pytest.raises(OverrideRefused):
        override_tier(client, tier, reason=reason, until=FIRST + timedelta(days=days), on=FIRST, by=cast.zhao)


def test_an_override_can_end_before_its_time(facts: Facts, cast: Cast) -> None:
    close(facts, FIRST)
    client = Client.objects.get(client_no=POOR)
    with pytest.raises(OverrideRefused):
        end_override(client, reason="", on=FIRST, by=cast.zhao)
    override_tier(client, "gold", reason="试用", until=date(2027, 1, 1), on=FIRST, by=cast.zhao)
    end_override(client, reason="客户来电", on=FIRST, by=cast.zhao)
    close(facts, date(2026, 8, 4), **{f"c{POOR}": 40})
    assert standing(POOR).tier == "silver"


def test_the_figures_of_a_run_add_up(facts: Facts) -> None:
    run, _ = close(facts, FIRST)
    figures = run_figures(run)
    assert sum(figures["tier_counts"].values()) == sum(figures["type_counts"].values()) == figures["clients"] == 6
    assert sum(figures["effective_weights"]) == pytest.approx(1)
    assert (figures["nulls"], figures["rank_correlation"], figures["tier_changes"]) == (0, None, 0)
    assert figures["assets_fen"] == (120 + 40 + 20 + 21 + 22 + 23) * WAN


def test_the_fingerprint_follows_facts_weights_and_the_run_before(facts: Facts) -> None:
    first = input_hash(facts.branch, FIRST)
    close(facts, FIRST)
    assert input_hash(facts.branch, FIRST) == first
    facts.correct(POOR, date(2026, 7, 31), net_commission_fen=1)
    assert input_hash(facts.branch, FIRST) != first


def test_a_random_branch_stays_consistent_for_a_week_of_nights(cast: Cast, calendar: TradingCalendar) -> None:
    made = random_branch(cast.other_branch, 21, date(2026, 8, 21))
    made.deliver()
    for age in range(5, -1, -1):
        run, _ = close(made, calendar.add_trading(date(2026, 8, 21), -age))
        figures = run_figures(run)
        assert figures["nulls"] == 0
        assert figures["core_share"] >= 0.8 or figures["contribution_fen"] <= 0
        ranked = ClientStanding.objects.filter(branch=cast.other_branch, rank__isnull=False)
        assert ranked.count() == figures["clients"]
