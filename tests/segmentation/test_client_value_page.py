"""What a client's page says of his value: terms that can be checked by hand, reasons, and a tier set by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.dates import TradingCalendar
from office.models import AuditEntry
from segmentation.models import ScoringRun, TierHistory
from segmentation.queries import explanation, trading
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.segmentation.published import BUYER, FRIDAY, HOLDER, TRADER, two_nights

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]


@pytest.fixture
def run(cast: Cast, calendar: TradingCalendar) -> ScoringRun:
    return two_nights(cast)


def of(client_no: str) -> Client:
    return Client.objects.select_related("standing", "branch").get(client_no=client_no)


def explain(client_no: str) -> explanation.Explained | None:
    client = of(client_no)
    return explanation.explained(client, explanation.recent_runs(client.branch))


def page_of(browser: Browser, client_no: str, part: str = "") -> str:
    return browser.get(f"/value/clients/{of(client_no).pk}/{part}").content.decode()


@pytest.mark.req("VAL-01")
@pytest.mark.parametrize("client_no", [TRADER, BUYER, HOLDER])
def test_a_hand_calculation_agrees_with_the_page(browse: Browse, run: ScoringRun, client_no: str) -> None:
    told = explain(client_no)
    assert told is not None
    total = 0.0
    for term in told.terms:
        by_hand = 0.0
        if term.s and term.cap:
            by_hand = 100 * log(1 + min(term.raw, term.cap) / term.s) / log(1 + term.cap / term.s)
        assert term.norm == pytest.approx(by_hand, abs=1e-6)
        assert term.points == pytest.approx(term.weight * by_hand, abs=1e-6)
        total += term.weight * by_hand
    assert told.score.value == pytest.approx(total, abs=1e-6)
    page = page_of(browse("li"), client_no)
    for figure in (*(term.points for term in told.terms), total):
        assert f"{figure:.4f}" in page


@pytest.mark.req("VAL-03")
def test_the_page_names_the_component_in_which_a_client_leads(browse: Browse, run: ScoringRun) -> None:
    page = page_of(browse("li"), HOLDER)
    assert "资产在有此项的客户中位于第" in page
    assert "资产型" in page


def test_the_panel_says_what_is_missing_for_the_next_tier(browse: Browse, run: ScoringRun) -> None:
    assert "升为金卡还差：20 日均资产 60.00 万元，或 12 个月净佣金 5,000 元" in page_of(browse("li"), BUYER, "panel/")


@pytest.mark.req("SEG-06")
def test_the_history_shows_date_old_new_reason_and_run(browse: Browse, run: ScoringRun) -> None:
    page = page_of(browse("li"), HOLDER, "history/")
    assert "首次评定" in page
    assert str(TierHistory.objects.filter(client=of(HOLDER)).first().run) in page  # type: ignore[union-attr]  # two_nights
    assert "2026-08-20" in page
    assert "2026-08-21" in page


def test_the_change_is_against_the_run_before_where_no_month_end_is_known(run: ScoringRun) -> None:
    told = explain(HOLDER)
    assert told is not None
    assert told.compared is not None
    assert told.compared.run_id == run.previous_id
    assert told.change == pytest.approx(sum(term.change or 0 for term in told.terms))


def test_htmx_gets_the_panel_alone(browse: Browse, run: ScoringRun) -> None:
    url = f"/value/clients/{of(HOLDER).pk}/panel/"
    part = browse("li").get(url, headers={"HX-Request": "true"}).content.decode()
    assert "客户价值" in part
    assert "<html" not in part


def test_a_client_nobody_scored_has_a_calm_page(browse: Browse, cast: Cast) -> None:
    assert "还没有计分" in page_of(browse("li"), cast.wu.client_no, "panel/")
    assert "夜间作业" in page_of(browse("li"), cast.wu.client_no)
    assert "还没有计分记录" in page_of(browse("li"), cast.wu.client_no, "history/")


@pytest.mark.req("SEG-15")
def test_ability_preference_and_frequency_of_buying_are_shown(browse: Browse, run: ScoringRun) -> None:
    bought = trading.buying(of(BUYER), FRIDAY)
    assert (bought.amount_fen, bought.count, bought.preferred) == (30_000_000, 1, "fund")
    page = page_of(browse("li"), BUYER)
    assert "30.00 万元，单笔最大 30.00 万元" in page
    assert "基金 100%" in page
    assert "1 笔，最近 2026-08-03" in page


@pytest.mark.req("VAL-11")
def test_trading_features_are_shown(browse: Browse, run: ScoringRun) -> None:
    page = page_of(browse("li"), TRADER)
    assert "高频，半年" in page
    assert "近 20 日 19 日" in page


def test_the_pages_cost_the_same_however_long_the_history(
    browse: Browse, run: ScoringRun, query_budget: QueryBudget
) -> None:
    browser, pk = browse("li"), of(HOLDER).pk
    with query_budget("segmentation:client_panel"):
        browser.get(f"/value/clients/{pk}/panel/")
    with query_budget("segmentation:client_value"):
        browser.get(f"/value/clients/{pk}/")


def decide(browser: Browser, client: Client, **fields: str) -> int:
    until = timezone.localdate().replace(month=12, day=30).isoformat()
    data = {"tier": "platinum", "until": until, "reason": "总监决定：家族账户合并计算", **fields}
    return browser.post(f"/value/clients/{client.pk}/tier/", data).status_code


def test_a_tier_set_by_hand_is_shown_with_reason_name_and_end(browse: Browse, cast: Cast, run: ScoringRun) -> None:
    client = of(BUYER)
    assert decide(browse("zhao"), client) == 302
    assert ClientStanding.objects.get(pk=client.pk).tier == "platinum"
    page = page_of(browse("li"), BUYER)
    assert "人工定级，赵启明" in page
    assert "家族账户合并计算" in page
    assert AuditEntry.objects.get(action="segmentation.tier_overridden").actor == cast.zhao
    assert "提前结束" in page_of(browse("zhao"), BUYER, "tier/")
    ended = browse("zhao").post(f"/value/clients/{client.pk}/tier/end/", {"reason": "账户已分开"})
    assert ended.status_code == 302
    assert explanation.open_override(client, FRIDAY) is None


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"until": "2030-01-01"}, {"until": "2020-01-01"}, {"tier": "silver"}]
)
def test_a_tier_is_not_set_by_hand_without_reason_end_or_difference(
    browse: Browse, run: ScoringRun, wrong: dict[str, str]
) -> None:
    client = of(BUYER)
    assert client.standing.tier == "silver"
    assert decide(browse("zhao"), client, **wrong) == 422
    assert not TierHistory.objects.filter(reason=TierHistory.Reason.OVERRIDE).exists()


def test_ending_what_nobody_decided_is_against_the_rule(browse: Browse, run: ScoringRun) -> None:
    assert browse("zhao").post(f"/value/clients/{of(BUYER).pk}/tier/end/", {"reason": "无"}).status_code == 409
