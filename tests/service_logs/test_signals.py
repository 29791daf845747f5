"""What the night notices: every rule on its fact and not otherwise, every occasion once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clients.models import Account, ChannelPreference, Client, DevelopmentRelation, ServiceAssignment
from office.dates import TradingCalendar
from service_logs.models import Rule, RuleSetting, Signal, SignalMark
from service_logs.operations.signals import raise_signals
from tests.conftest import Cast, make_client
from tests.service_logs import facts
from tests.service_logs.facts import NEXT_NIGHT, NIGHT

Story = Callable[[Client, Cast], None]


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    """Client wu, opened 2021, seen before, an hour after whose close the night begins."""
    facts.stand_at(cast.wu)
    facts.have(cast.wu, assets_fen=0)
    facts.seen(cast.wu)
    return cast.wu


def codes(client: Client) -> set[str]:
    return set(Signal.objects.filter(client=client).values_list("rule__code", flat=True))


def story(*steps: tuple[str, dict[str, Any]]) -> Story:
    """Return a function that tells the given facts of a client."""

    def tell(client: Client, cast: Cast) -> None:
        for name, fields in steps:
            getattr(facts, name)(client, **fields)

    return tell


def have(**fields: Any) -> tuple[str, dict[str, Any]]:
    return "have", fields


NEW = have(opened_on=date(2026, 8, 20))
LONG_AGO, LAST_YEAR = date(2021, 3, 1), date(2025, 12, 1)
MATURE = date(2026, 9, 7)
TRADED = [
    ("client_day", {"turnover": 20_000, "day": date(2026, 7, day)}) for day in (6, 7, 8, 9, 13, 14, 15, 20, 21, 22)
]

FIRES: list[tuple[str, Story]] = [
    ("new_account_welcome", story(NEW)),
    ("new_account_visit", story(NEW)),
    ("first_deposit", story(have(opened_on=LAST_YEAR), ("event", {"kind": "bank_in", "amount": 500}))),
    ("first_deposit", story(have(opened_on=LAST_YEAR), ("client_day", {"inflow": 500}))),
    ("first_trade", story(have(opened_on=LAST_YEAR), ("client_day", {"turnover": 2_000}))),
    ("no_trade_30", story(have(opened_on=date(2026, 7, 22)))),
    ("large_inflow", story(("event", {"kind": "bank_in", "amount": 100_000}))),
    ("large_inflow", story(("stand_at", {"last_assets_fen": 120_000_000}), ("client_day", {"inflow": 200_000}))),
    ("large_inflow", story(("event", {"kind": "transfer_in", "amount": 60_000}),
                           ("event", {"kind": "transfer_in", "amount": 50_000}))),
    ("large_outflow", story(("event", {"kind": "bank_out", "amount": 100_000}))),
    ("leaving", story(("event", {"kind": "close_request"}))),
    ("leaving", story(("event", {"kind": "cancel_designation"}))),
    ("leaving", story(("event", {"kind": "custody_transfer"}))),
    ("concentrated_purchase", story(("stand_at", {"last_assets_fen": 10_000_000}), ("trade", {"amount": 50_001}))),
    ("wrong_order", story(("position", {"price": "100", "code": "019547"}),
                          ("trade", {"side": "S", "amount": 100, "price": "1", "code": "019547"}))),
    ("margin_ratio", story(("account_day", {"total": 149_000, "debt": 100_000}))),
    ("product_maturity", story(("purchase", {"matures_on": MATURE}))),
    ("risk_assessment_expiry", story(have(risk_valid_to=date(2026, 10, 23)))),
    ("risk_assessment_expiry", story(have(risk_valid_to=date(2025, 1, 1)))),
    ("risk_assessment_expiry", story(have(risk_assessed_on=date(2024, 10, 23)))),  # good for two years
    ("id_expiry", story(have(id_valid_to=date(2026, 10, 23)))),
    ("id_expiry", story(have(id_valid_to=date(2026, 6, 1)))),
    ("anniversary", story(have(opened_on=date(2021, 8, 24)))),
    ("long_without_trade", story(have(last_trade_on=date(2026, 5, 28), assets_fen=1_000_000))),
    ("reactivation", story(have(status="dormant"), ("client_day", {"turnover": 2_000}))),
    ("reactivation", story(("event", {"kind": "reactivate"}))),
    ("turnover_surge", story(*TRADED, ("stand_at", {"turnover_60_fen": 100 * (100_001 + 59 * 20_000),
                                                    "trade_days_120": 11}),
                             ("client_day", {"turnover": 100_001}))),
    ("ten_million", story(have(assets_fen=1_000_000_000))),
    ("tier_change", story(have(tier="silver"))),
    ("yearly_check", story(have(tier="gold", opened_on=date(2021, 8, 3)))),
]  # fmt: skip

SILENT: list[tuple[str, Story]] = [
    ("new_account_welcome", story(have(opened_on=date(2026, 8, 11)))),
    ("new_account_visit", story(have(opened_on=date(2026, 7, 22)))),
    ("first_deposit", story(("event", {"kind": "bank_in", "amount": 500}))),  # opened five years ago
    ("first_deposit", story(have(opened_on=LAST_YEAR), ("event", {"kind": "bank_in", "amount": 5, "day": LAST_YEAR}),
                            ("event", {"kind": "bank_in", "amount": 500}))),
    ("first_trade", story(("client_day", {"turnover": 2_000}))),
    ("first_trade", story(have(opened_on=LAST_YEAR), ("client_day", {"turnover": 1, "day": LAST_YEAR}),
                          ("client_day", {"turnover": 2_000}))),
    ("no_trade_30", story(have(opened_on=date(2026, 7, 23)))),
    ("no_trade_30", story(have(opened_on=date(2026, 7, 22), last_trade_on=date(2026, 8, 3)))),
    ("large_inflow", story(("event", {"kind": "bank_in", "amount": 99_999}))),
    ("large_inflow", story(("stand_at", {"last_assets_fen": 120_000_100}), ("client_day", {"inflow": 200_000}))),
    ("large_outflow", story(("stand_at", {"last_assets_fen": 50_000_000}), ("client_day", {"outflow": 100_000}))),
    ("large_outflow", story(("event", {"kind": "bank_out", "amount": 900_000, "day": date(2026, 8, 10)}))),  # old
    ("leaving", story(("event", {"kind": "tax_withhold"}))),
    ("concentrated_purchase", story(("stand_at", {"last_assets_fen": 10_000_000}), ("trade", {"amount": 50_000}))),
    ("concentrated_purchase", story(("stand_at", {"last_assets_fen": 10_000_000}),
                                    ("trade", {"amount": 90_000, "side": "S"}))),
    ("wrong_order", story(("position", {"price": "10"}), ("trade", {"amount": 1_000, "price": "5"}))),
    ("margin_ratio", story(("account_day", {"total": 150_000, "debt": 100_000}))),
    ("margin_ratio", story(("account_day", {"total": 1, "debt": 0}))),
    ("product_maturity", story(("purchase", {"matures_on": date(2026, 9, 9)}))),
    ("product_maturity", story(("purchase", {"matures_on": None}))),
    ("risk_assessment_expiry", story(have(risk_valid_to=date(2026, 10, 24)))),
    ("risk_assessment_expiry", story(have(risk_assessed_on=date(2024, 10, 24)))),
    ("risk_assessment_expiry", story(have(risk_assessed_on=date(2024, 1, 5), risk_valid_to=date(2027, 1, 5)))),
    ("id_expiry", story(have(id_valid_to=None))),
    ("birthday", story(have(birth_md=824))),  # care was not agreed to
    ("anniversary", story(have(opened_on=date(2021, 8, 25)))),
    ("long_without_trade", story(have(last_trade_on=date(2026, 5, 29), assets_fen=1_000_000))),
    ("long_without_trade", story(have(last_trade_on=date(2026, 1, 5), assets_fen=999_999))),
    ("reactivation", story(("client_day", {"turnover": 2_000}))),  # the facts do not reach back far enough
    ("turnover_surge", story(*TRADED, ("stand_at", {"turnover_60_fen": 100 * (100_000 + 59 * 20_000)}),
                             ("client_day", {"turnover": 100_000}))),
    ("turnover_surge", story(*TRADED[1:], ("stand_at", {"turnover_60_fen": 100 * (100_001 + 59 * 20_000)}),
                             ("client_day", {"turnover": 100_001}))),  # trades rarely
    ("turnover_surge", story(*TRADED, ("client_day", {"turnover": 1_000_000}))),  # nothing to compare with
    ("ten_million", story(have(assets_fen=999_999_999))),
    ("ten_million", story(have(assets_fen=1_000_000_000, kind="institution"))),
    ("tier_change", story(have(tier="general"))),
    ("yearly_check", story(have(tier="silver", opened_on=date(2021, 8, 3)))),
    ("yearly_check", story(have(tier="gold", opened_on=date(2021, 9, 3)))),
    ("elderly_risk", story(have(birth_date=date(1950, 1, 1)))),
    ("channel_failed", story()),
    ("manager_change", story()),
    ("relation_pending", story()),
]  # fmt: skip


@pytest.mark.req("MOT-01")
@pytest.mark.parametrize(("code", "tell"), FIRES, ids=[f"{i}-{code}" for i, (code, _) in enumerate(FIRES)])
def test_a_rule_fires_on_its_fact(code: str, tell: Story, wu: Client, cast: Cast) -> None:
    tell(wu, cast)
    raise_signals(cast.branch, NIGHT)
    assert code in codes(wu)


@pytest.mark.parametrize(("code", "tell"), SILENT, ids=[f"{i}-{code}" for i, (code, _) in enumerate(SILENT)])
def test_a_rule_is_silent_on_what_comes_close(code: str, tell: Story, wu: Client, cast: Cast) -> None:
    tell(wu, cast)
    raise_signals(cast.branch, NIGHT)
    assert code not in codes(wu)


def test_a_birthday_is_greeted_where_care_was_agreed_to(wu: Client, cast: Cast) -> None:
    facts.have(wu, birth_md=824, birth_date=date(1980, 8, 24))
    ChannelPreference.objects.create(client=wu, channel="phone", purpose="care", state="granted")
    raise_signals(cast.branch, NIGHT)
    assert Signal.objects.get(client=wu).occurred_on == date(2026, 8, 24)


@pytest.mark.parametrize(
    ("night", "born", "greeted"),
    [
        (date(2026, 8, 20), 822, date(2026, 8, 22)),  # the Friday prepares the weekend too
        (date(2026, 8, 21), 824, date(2026, 8, 24)),
        (date(2026, 9, 29), 1003, date(2026, 10, 3)),  # the day before the holiday looks after it
        (date(2026, 9, 28), 1003, None),
        (date(2026, 2, 27), 229, date(2026, 3, 1)),  # born on 29 February, in a short year
    ],
)
def test_days_without_work_are_looked_after_on_the_last_day_before_them(
    night: date, born: int, greeted: date | None, wu: Client, cast: Cast
) -> None:
    facts.have(wu, birth_md=born)
    ChannelPreference.objects.create(client=wu, channel="sms", purpose="care", state="granted")
    raise_signals(cast.branch, night)
    made = Signal.objects.filter(client=wu, rule__code="birthday").first()
    assert (made.occurred_on if made else None) == greeted


def test_an_old_client_with_a_margin_account_is_protected(wu: Client, cast: Cast) -> None:
    facts.have(wu, birth_date=date(1961, 8, 24))
    Account.objects.create(branch=cast.branch, client=wu, account_no="C1", kind="credit")
    raise_signals(cast.branch, NIGHT)
    assert "elderly_risk" in codes(wu)


def test_a_pending_relation_asks_for_an_independent_visit(wu: Client, cast: Cast) -> None:
    DevelopmentRelation.objects.create(client=wu, employee=cast.li, opened_on=date(2026, 8, 10))
    raise_signals(cast.branch, NIGHT)
    assert "relation_pending" in codes(wu)


def test_a_new_manager_introduces_himself(wu: Client, cast: Cast) -> None:
    ServiceAssignment.objects.filter(client=wu).update(ends_on=date(2026, 8, 20))
    ServiceAssignment.objects.create(client=wu, employee=cast.wang, starts_on=date(2026, 8, 20))
    raise_signals(cast.branch, NIGHT)
    signal = Signal.objects.get(client=wu, rule__code="manager_change")
    assert signal.facts["manager"] == "王珂"


@pytest.mark.parametrize(("grade", "is_told"), [("vip", True), ("ordinary", False)])
def test_an_interim_owner_calls_those_who_are_close(grade: str, is_told: bool, wu: Client, cast: Cast) -> None:
    facts.have(wu, grade=grade)
    ServiceAssignment.objects.filter(client=wu).update(ends_on=date(2026, 8, 21))
    ServiceAssignment.objects.create(client=wu, employee=cast.chen, starts_on=date(2026, 8, 21), role="interim")
    raise_signals(cast.branch, NIGHT)
    assert ("manager_change" in codes(wu)) is is_told


def test_two_failed_messages_ask_for_another_channel(wu: Client, cast: Cast) -> None:
    for day in (3, 17):
        facts.entry(wu, cast.li, facts.at(date(2026, 8, day), 10), "sms_failed", channel="sms")
    raise_signals(cast.branch, NIGHT)
    assert "channel_failed" in codes(wu)


@pytest.mark.parametrize(
    ("valid_to", "stage"),
    [(date(2026, 10, 23), 60), (date(2026, 9, 23), 30), (date(2026, 8, 24), 0), (date(2026, 6, 1), -80)],
)
def test_an_expiry_is_told_at_each_of_its_stages(valid_to: date, stage: int, wu: Client, cast: Cast) -> None:
    facts.have(wu, id_valid_to=valid_to)
    raise_signals(cast.branch, NIGHT)
    assert Signal.objects.get(client=wu).facts["stage"] == stage


@pytest.mark.req("MOT-01")
def test_a_second_run_makes_nothing(wu: Client, cast: Cast) -> None:
    facts.have(wu, tier="silver", id_valid_to=date(2026, 9, 1), opened_on=date(2025, 8, 24))
    facts.event(wu, "bank_out", amount=300_000)
    first = raise_signals(cast.branch, NIGHT)
    again = raise_signals(cast.branch, NIGHT)
    assert (first.changed, again.changed) == (4, 0)
    assert Signal.objects.count() == 4


def test_the_same_occasion_is_no_news_in_the_next_night(wu: Client, cast: Cast) -> None:
    facts.have(wu, tier="silver", id_valid_to=date(2026, 9, 1), opened_on=date(2026, 8, 19))
    facts.event(wu, "bank_out", amount=300_000)
    raise_signals(cast.branch, NIGHT)
    facts.stand_at(wu, NEXT_NIGHT)
    assert raise_signals(cast.branch, NEXT_NIGHT).changed == 0


def test_an_optional_kind_cools_down(wu: Client, cast: Cast) -> None:
    facts.stand_at(wu, last_assets_fen=10_000_000)
    facts.trade(wu, amount=60_000)
    raise_signals(cast.branch, NIGHT)
    facts.stand_at(wu, NEXT_NIGHT, last_assets_fen=10_000_000)
    facts.trade(wu, amount=60_000, code="600002", day=NEXT_NIGHT)
    ledger = raise_signals(cast.branch, NEXT_NIGHT)
    assert (ledger.changed, ledger.skipped["冷却期内"]) == (0, 1)
    later = date(2026, 9, 21)  # the twentieth trading day after it
    facts.stand_at(wu, later, last_assets_fen=10_000_000)
    facts.trade(wu, amount=60_000, code="600003", day=later)
    assert raise_signals(cast.branch, later).changed == 1


def test_a_cooling_kind_fires_once_for_two_occasions_of_one_night(wu: Client, cast: Cast) -> None:
    facts.stand_at(wu, last_assets_fen=10_000_000)
    facts.trade(wu, amount=60_000)
    facts.trade(wu, amount=60_000, code="600002")
    raise_signals(cast.branch, NIGHT)
    assert Signal.objects.filter(rule__code="concentrated_purchase").count() == 1


def test_facts_of_a_night_without_a_feed_are_looked_at_by_the_next(wu: Client, cast: Cast) -> None:
    raise_signals(cast.branch, NIGHT)
    facts.event(wu, "close_request", date(2026, 8, 24))
    raise_signals(cast.branch, date(2026, 8, 24))  # degraded: the windows stand still
    assert codes(wu) == set()
    facts.stand_at(wu, date(2026, 8, 25))
    raise_signals(cast.branch, date(2026, 8, 25))
    assert codes(wu) == {"leaving"}
    assert SignalMark.objects.get(day=date(2026, 8, 24)).facts_until == NIGHT


@pytest.mark.parametrize("fields", [{"is_closed": True}, {"is_deceased": True}, {"status": "closed"}])
def test_nothing_is_noticed_of_who_left_or_died(fields: dict[str, Any], wu: Client, cast: Cast) -> None:
    facts.have(wu, id_valid_to=date(2026, 9, 1), **fields)
    assert raise_signals(cast.branch, NIGHT).changed == 0


def test_who_is_not_profiled_hears_only_what_is_owed(wu: Client, cast: Cast) -> None:
    facts.have(wu, not_profiled=True, opened_on=date(2021, 8, 24), id_valid_to=date(2026, 9, 1))
    ledger = raise_signals(cast.branch, NIGHT)
    assert codes(wu) == {"id_expiry"}
    assert ledger.skipped["不做画像推送"] == 1


def test_who_is_closing_the_account_hears_only_what_is_owed(wu: Client, cast: Cast) -> None:
    facts.have(wu, status="closing", opened_on=date(2021, 8, 24), id_valid_to=date(2026, 9, 1))
    raise_signals(cast.branch, NIGHT)
    assert codes(wu) == {"id_expiry"}


@pytest.mark.parametrize(("tier", "kind"), [("silver", "optional"), ("gold", "mandatory"), ("diamond", "mandatory")])
def test_a_large_inflow_is_a_duty_from_gold_on(tier: str, kind: str, wu: Client, cast: Cast) -> None:
    facts.have(wu, tier=tier)
    facts.seen(wu, tier=tier)
    facts.event(wu, "bank_in", amount=200_000)
    raise_signals(cast.branch, NIGHT)
    assert Signal.objects.get(rule__code="large_inflow").kind == kind


def test_a_first_look_at_a_tier_is_no_change(cast: Cast, calendar: TradingCalendar) -> None:
    facts.stand_at(cast.wu)
    facts.have(cast.wu, tier="gold", score_run_id=1)
    raise_signals(cast.branch, NIGHT)
    assert "tier_change" not in codes(cast.wu)
    facts.have(cast.wu, tier="platinum")
    raise_signals(cast.branch, NEXT_NIGHT)
    assert Signal.objects.get(rule__code="tier_change").facts == {"before": "金卡", "after": "白金"}


def test_the_first_scores_are_no_change_of_tier(cast: Cast, calendar: TradingCalendar) -> None:
    facts.have(cast.wu, tier="general", score_run_id=None)  # before any scores it is only the default
    raise_signals(cast.branch, NIGHT)
    facts.have(cast.wu, tier="gold", score_run_id=1)
    raise_signals(cast.branch, NEXT_NIGHT)
    assert "tier_change" not in codes(cast.wu)


def test_who_went_to_another_branch_is_no_business_of_the_old_one(wu: Client, cast: Cast) -> None:
    facts.event(wu, "close_request")
    facts.have(wu, branch=cast.other_branch)
    raise_signals(cast.branch, NIGHT)
    assert codes(wu) == set()


def test_a_branch_sets_its_own_thresholds_and_switches_rules_off(wu: Client, cast: Cast) -> None:
    facts.event(wu, "bank_out", amount=60_000)
    facts.have(wu, id_valid_to=date(2026, 9, 1))
    RuleSetting.objects.create(
        branch=cast.branch, rule=Rule.objects.get(code="large_outflow"), params={"min_yuan": 50_000}
    )
    RuleSetting.objects.create(branch=cast.branch, rule=Rule.objects.get(code="id_expiry"), is_active=False)
    raise_signals(cast.branch, NIGHT)
    assert codes(wu) == {"large_outflow"}


def test_one_branch_is_not_seen_by_the_night_of_another(wu: Client, cast: Cast) -> None:
    other = make_client(cast.other_branch, "880200000001", id_valid_to=date(2026, 9, 1))
    facts.have(wu, id_valid_to=date(2026, 9, 1))
    raise_signals(cast.branch, NIGHT)
    assert codes(other) == set()


def test_the_catalogue_names_what_each_type_waits_for(db: None) -> None:
    rules = list(Rule.objects.order_by("number"))
    assert [rule.number for rule in rules] == list(range(1, 56))
    assert sum(rule.can_run for rule in rules) >= 21
    assert all(len(rule.feedback) <= 4 for rule in rules)
