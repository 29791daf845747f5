"""The page of one client: what it shows, what it hides, and how two people editing do not lose a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.forms import preference_labels
from clients.models import AccountDay, Client, PositionDay
from clients.queries.page import portfolio
from clients.rules import age_on, history_class
from office.models import AuditEntry
from office.partitions import ensure_months
from tests.budgets import QueryBudget
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
FRIDAY = date(2026, 8, 21)
PHONE = "13800006021"
EDIT = {"importance": "basic", "service_mode": "offsite", "occupation": "教师", "version": "1"}


def hold(cast: Cast, code: str, fen: int, *, quantity: int = 100, cost: str = "10", price: str = "12") -> None:
    ensure_months(PositionDay, [FRIDAY])
    account = cast.wu.accounts.get()
    PositionDay.objects.create(
        branch=cast.branch,
        client=cast.wu,
        account=account,
        batch_id=0,
        day=FRIDAY,
        security_code=code,
        security_name=f"证券{code}",
        quantity=quantity,
        cost_price=cost,
        price=price,
        market_value_fen=fen,
    )


def close_day(cast: Cast, day: date, *, cash: int, net: int) -> None:
    ensure_months(AccountDay, [day])
    zero = dict.fromkeys(["commission_fen", "net_commission_fen", "turnover_fen", "market_value_fen"], 0)
    AccountDay.objects.create(
        branch=cast.branch,
        client=cast.wu,
        account=cast.wu.accounts.get(),
        batch_id=0,
        day=day,
        total_assets_fen=net,
        net_assets_fen=net,
        cash_fen=cash,
        **zero,
    )


def test_holdings_are_those_of_the_last_day_with_their_share_and_profit(cast: Cast) -> None:
    close_day(cast, date(2026, 8, 20), cash=1, net=1)
    close_day(cast, FRIDAY, cash=40_000, net=200_000)
    hold(cast, "699018", 120_000)
    hold(cast, "009203", 40_000)
    held = portfolio(cast.wu)
    assert (held.as_of, held.assets_fen, held.cash_fen) == (FRIDAY, 200_000, 40_000)
    assert [(row.code, row.share) for row in held.holdings] == [("699018", 0.6), ("009203", 0.2)]
    assert held.holdings[0].profit_fen == 20_000
    assert held.is_concentrated
    assert sum(share for _, share, _ in held.bar) == pytest.approx(100)


def test_a_client_without_facts_has_a_calm_page(browse: Browse, cast: Cast) -> None:
    page = browse("li").get(f"/clients/{cast.wu.pk}/").content.decode()
    assert "没有持仓" in page
    assert "尚无资产记录" in page


@pytest.mark.parametrize("tab", ["overview", "holdings", "value", "service", "accounts", "archive", "nonsense"])
def test_every_tab_opens(browse: Browse, cast: Cast, tab: str, query_budget: QueryBudget) -> None:
    browser = browse("li")
    with query_budget("clients:detail"):
        assert browser.get(f"/clients/{cast.wu.pk}/?tab={tab}").status_code == 200


def test_a_hidden_value_is_shown_on_request_and_the_request_is_kept(browse: Browse, cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(phone=PHONE, phone_masked="138****6021")
    assert PHONE not in browse("li").get(f"/clients/{cast.wu.pk}/").content.decode()
    token = {"csrfmiddlewaretoken": "whatever a browser sends along"}
    shown = browse("li").post(f"/clients/{cast.wu.pk}/unmask/?field=phone", token)
    assert PHONE in shown.content.decode()
    entry = AuditEntry.objects.get(action="clients.unmasked")
    assert (entry.actor, entry.after) == (cast.li, {"field": "phone"})
    assert PHONE not in str(entry.__dict__)


def test_mail_and_address_are_hidden_like_the_phone(browse: Browse, cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(email="wu@example.com", address="文三路 1 号")
    page = browse("li").get(f"/clients/{cast.wu.pk}/?tab=archive").content.decode()
    assert "wu@example.com" not in page
    assert "文三路" not in page
    assert page.count("已登记") == 2
    part = browse("li").post(f"/clients/{cast.wu.pk}/unmask/?field=address", headers={"HX-Request": "true"})
    assert part.content.decode().strip().endswith("文三路 1 号</span>")
    assert part["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("name", "status"), [("wang", 404), ("qian", 200), ("zhou", 403), ("sun", 404)])
def test_only_who_may_sees_the_hidden_value(browse: Browse, cast: Cast, name: str, status: int) -> None:
    assert browse(name).post(f"/clients/{cast.wu.pk}/unmask/?field=phone").status_code == status


def test_an_unknown_field_is_not_unmasked(browse: Browse, cast: Cast) -> None:
    assert browse("li").post(f"/clients/{cast.wu.pk}/unmask/?field=password").status_code == 422


def test_saving_the_archive_is_audited_with_both_values(browse: Browse, cast: Cast) -> None:
    assert browse("li").post(f"/clients/{cast.wu.pk}/edit/", EDIT).status_code == 302
    entry = AuditEntry.objects.get(action="clients.archive_edited")
    assert (entry.before, entry.after) == ({"occupation": ""}, {"occupation": "教师"})
    assert Client.objects.get(pk=cast.wu.pk).version == 2


def test_two_people_editing_see_the_conflict_and_lose_nothing(browse: Browse, cast: Cast) -> None:
    url = f"/clients/{cast.wu.pk}/edit/"
    opened = browse("li").get(url).context["form"].initial["original"]
    browse("zhao").post(url, {**EDIT, "region": "杭州"})
    mine = {**EDIT, "occupation": "医生", "original": opened}
    late = browse("li").post(url, mine)
    page = late.content.decode()
    assert late.status_code == 409
    assert "赵启明" in page
    assert "教师" in page
    assert "医生" in page
    assert Client.objects.get(pk=cast.wu.pk).occupation == "教师"
    decided = {**mine, "version": "2", "take-occupation": "mine", "take-region": "theirs"}
    assert browse("li").post(url, decided).status_code == 302
    saved = Client.objects.get(pk=cast.wu.pk)
    assert (saved.occupation, saved.region, saved.version) == ("医生", "杭州", 3)


def consent(cast: Cast, **states: str) -> dict[str, str]:
    return {name: states.get(name.replace("-", "_"), "unknown") for name in preference_labels()} | {
        "source": "本人来电",
        "version": "1",
    }


def test_consent_is_noted_per_channel_and_purpose(browse: Browse, cast: Cast) -> None:
    url = f"/clients/{cast.wu.pk}/preferences/"
    assert browse("li").post(url, consent(cast, sms_marketing="denied", phone_care="granted")).status_code == 302
    noted = {str(row): row.source for row in cast.wu.preferences.all()}
    assert noted == {"短信·营销 拒绝": "本人来电", "电话·关怀 同意": "本人来电"}
    entry = AuditEntry.objects.get(action="clients.preferences_set")
    assert (entry.after, entry.reason) == ({"sms-marketing": "denied", "phone-care": "granted"}, "本人来电")
    page = browse("li").get(f"/clients/{cast.wu.pk}/").content.decode()
    assert "关怀" in page
    assert "拒绝" in page


def test_a_consent_without_a_source_is_refused_and_kept_on_the_page(browse: Browse, cast: Cast) -> None:
    response = browse("li").post(
        f"/clients/{cast.wu.pk}/preferences/", consent(cast, sms_care="granted") | {"source": ""}
    )
    assert response.status_code == 422
    assert response.context["form"]["sms-care"].value() == "granted"


def test_a_refusal_noted_meanwhile_cannot_be_overruled(browse: Browse, cast: Cast) -> None:
    url = f"/clients/{cast.wu.pk}/preferences/"
    browse("zhao").post(url, consent(cast, sms_marketing="denied"))
    late = browse("li").post(url, consent(cast, sms_marketing="granted", phone_care="granted"))
    assert late.status_code == 409
    assert "客户的拒绝优先" in late.content.decode()
    hidden = dict(late.context["typed"])
    assert hidden["take-sms-marketing"] == "theirs"
    browse("li").post(url, hidden | {"version": "2", "take-phone-care": "mine"})
    assert sorted(str(row) for row in cast.wu.preferences.all()) == ["电话·关怀 同意", "短信·营销 拒绝"]


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1980, 8, 24), date(2026, 8, 24), 46),
        (date(1980, 8, 25), date(2026, 8, 24), 45),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
    ],
)
def test_age_is_counted_in_whole_years(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


@pytest.mark.parametrize(
    ("entered", "expected"),
    [(None, ""), (date(2026, 1, 1), "new"), (date(2023, 1, 1), "experienced"), (date(2015, 1, 1), "veteran")],
)
@pytest.mark.req("SEG-07")
def test_market_experience_is_derived_from_the_first_account(entered: date | None, expected: str) -> None:
    assert history_class(entered, FRIDAY) == expected


@pytest.mark.req("SEG-07")
def test_the_page_says_how_to_serve_a_newcomer(browse: Browse, cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(first_market_entry_on=date(2026, 6, 1))
    assert "给予引导和建议" in browse("li").get(f"/clients/{cast.wu.pk}/?tab=archive").content.decode()


@pytest.mark.parametrize(("days", "said"), [(-1, "逾期"), (59, "60 日内到期"), (400, "")])
def test_an_assessment_that_ends_is_told_in_time(browse: Browse, cast: Cast, days: int, said: str) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(risk_valid_to=timezone.localdate() + timedelta(days=days))
    page = browse("li").get(f"/clients/{cast.wu.pk}/").content.decode()
    assert said in page
    assert ("到期" in page.split("测评有效至")[1].split("证件有效至")[0]) is (days == 59)
