"""Accounts with other brokers: noted with consent, our share, the report, and the sign of churn they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client
from clients.operations.search import write_tokens
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry
from retention.errors import NotAtThisPoint
from retention.models import ChurnStanding, OtherAccount
from retention.operations.churn import score_churn
from retention.operations.wallet import change_other_account, end_other_account, note_other_account
from retention.queries.wallet import accounts_of, books, share_of
from retention.rules.wallet import share_of_wallet
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.retention.test_churn import roll
from tests.service_logs import facts
from tests.service_logs.facts import NEXT_NIGHT, NIGHT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST = "/retention/wallet/"
WAN = 1_000_000  # fen


def note(cast: Cast, client: Client | None = None, broker: str = "东海证券", **fields: Any) -> OtherAccount:
    fields.setdefault("is_agreed", True)
    fields.setdefault("source", "client")
    fields.setdefault("learnt_on", NIGHT)
    return note_other_account(client or cast.wu, broker=broker, by=cast.li, **fields)


def at_home(client: Client, assets_fen: int) -> None:
    type(client.standing).objects.filter(pk=client.standing.pk).update(assets_fen=assets_fen)
    client.standing.refresh_from_db()


@given(ours=st.integers(-(10**12), 10**12), known=st.lists(st.none() | st.integers(0, 10**12), max_size=3))
def test_a_share_lies_between_nothing_and_all_and_is_never_guessed(ours: int, known: list[int | None]) -> None:
    share = share_of_wallet(ours, known)
    if all(fen is None for fen in known):
        assert share is None
    elif share is not None:
        assert 0 <= share <= 1


@pytest.mark.req("RET-10")
def test_our_share_is_told_as_far_as_it_is_known(cast: Cast) -> None:
    at_home(cast.wu, 30 * WAN)
    note(cast)
    assert share_of(cast.wu, accounts_of(cast.wu, cast.li)) is None
    note(cast, broker="北原证券", assets_fen=70 * WAN, is_most_used=True)
    assert share_of(cast.wu, accounts_of(cast.wu, cast.li)) == pytest.approx(0.3)


@pytest.mark.parametrize("source", ["client", "talk", "other"])
def test_nothing_is_noted_without_the_clients_word(cast: Cast, source: str) -> None:
    with pytest.raises(DomainError, match="未同意"):
        note(cast, source=source, is_agreed=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        OtherAccount.objects.create(
            branch=cast.branch, client=cast.wu, broker="东海", source=source, learnt_on=NIGHT, noted_by=cast.li
        )
    note(cast, source="transfer", is_agreed=False)  # our own record of what went there


def test_one_broker_is_the_most_used_and_each_is_noted_once(cast: Cast) -> None:
    first = note(cast, is_most_used=True)
    second = note(cast, broker="北原证券")
    with pytest.raises(DomainError, match="已登记"):
        note(cast)
    change_other_account(second, assets_fen=WAN, is_most_used=True, version=1, by=cast.li)
    first.refresh_from_db()
    assert (first.is_most_used, second.is_most_used, second.assets_fen) == (False, True, WAN)
    with pytest.raises(NotAtThisPoint):
        end_other_account(first, version=1, by=cast.li)  # its mark was taken since
    end_other_account(first, version=2, by=cast.li)
    note(cast)  # he opened there again
    with pytest.raises(DomainError, match="晚于今天"):
        note(cast, broker="西山证券", learnt_on=date(2099, 1, 1))


@pytest.mark.req("RET-07")
def test_an_account_elsewhere_is_a_sign_of_leaving_until_it_ends(cast: Cast, calendar: TradingCalendar) -> None:
    facts.stand_at(cast.wu, commission_250_fen=1_000_00)
    facts.have(cast.wu, risk_valid_to=date(2099, 1, 1))
    roll(cast)
    made = note(cast)
    note(cast, broker="北原证券")
    score_churn(cast.branch, NIGHT)
    (sign,) = [one for one in ChurnStanding.objects.get(pk=cast.wu.pk).signals if one["code"] == "other_broker"]
    assert (sign["points"], sign["fact"]) == (8, "已知在其他券商有 2 个账户")
    for one in OtherAccount.objects.all():
        end_other_account(one, version=one.version, by=cast.li, today=NEXT_NIGHT)
    roll(cast, NEXT_NIGHT)
    score_churn(cast.branch, NEXT_NIGHT)
    standing = ChurnStanding.objects.filter(pk=cast.wu.pk).first()
    assert standing is None or "other_broker" not in standing.codes
    assert made.client_id == cast.wu.pk


@pytest.mark.req("RET-10")
def test_the_report_puts_the_least_share_first_and_names_no_post_outside_marketing(cast: Cast) -> None:
    mine = make_client(cast.branch, "880100000090", name="客户90", manager=cast.wang)
    odd = make_client(cast.branch, "880100000091", name="客户91", manager=cast.qian)
    for client, ours in ((cast.wu, 90), (mine, 10), (odd, 0)):
        at_home(client, ours * WAN)
    note(cast, assets_fen=10 * WAN)
    note(cast, mine, assets_fen=90 * WAN, is_most_used=True)
    note(cast, odd)
    assert [(book.manager, book.share, book.most_used) for book in books(cast.zhao)] == [
        (cast.wang, pytest.approx(0.1), 1),
        (cast.li, pytest.approx(0.9), 0),
        (None, None, 0),
    ]
    assert [book.manager for book in books(cast.li)] == [cast.li]


@pytest.mark.req("RET-07")
def test_an_account_is_noted_changed_and_ended_beside_the_client(cast: Cast, browse: Browse) -> None:
    li, panel = browse("li"), f"/retention/clients/{cast.wu.pk}/wallet/"
    at_home(cast.wu, 30 * WAN)
    sent = {"broker": "东海证券", "source": "talk", "learnt_on": timezone.localdate().isoformat(), "assets_wan": "70"}
    refused = li.post(f"{panel}new/", sent)
    assert refused.status_code == 422
    assert "征得客户同意" in refused.content.decode()
    assert li.post(f"{panel}new/", {**sent, "is_agreed": "on"}).status_code == 302
    assert li.post(f"{panel}new/", {**sent, "is_agreed": "on"}).status_code == 409
    page = li.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "30.0%" in page
    assert "客户同意登记" in page
    made = OtherAccount.objects.get()
    assert li.post(f"{LIST}{made.pk}/change/", {"version": 1, "assets_wan": "120.5"}).status_code == 302
    assert li.post(f"{LIST}{made.pk}/change/", {"version": 1, "assets_wan": "1"}).status_code == 409
    made.refresh_from_db()
    assert made.assets_fen == 120_500_000
    assert li.post(f"{LIST}{made.pk}/end/", {"version": 2}).status_code == 302
    assert "不知道他在别处有账户" in li.get(panel).content.decode()


@pytest.mark.parametrize(
    ("query", "brokers"),
    [
        ("", ["西山证券", "北原证券", "东海证券"]), ("sort=-assets", ["北原证券", "东海证券", "西山证券"]),
        ("sort=assets", ["西山证券", "东海证券", "北原证券"]), ("size=unknown", ["西山证券"]),
        ("used=most", ["北原证券"]),
        ("q=东海", ["东海证券"]), ("q=吴越", ["西山证券", "北原证券", "东海证券"]), ("source=transfer", []),
        ("sort=nonsense", ["西山证券", "北原证券", "东海证券"]),
    ],
)  # fmt: skip
def test_the_list_is_sorted_and_narrowed_by_its_address(
    cast: Cast, browse: Browse, query: str, brokers: list[str]
) -> None:
    write_tokens([cast.wu.pk])
    note(cast, assets_fen=WAN)
    note(cast, broker="北原证券", assets_fen=9 * WAN, is_most_used=True)
    note(cast, broker="西山证券")
    page = browse("zhao").get(f"{LIST}?{query}")
    assert [row.broker for row in page.context["page"]] == brokers


def test_the_list_goes_page_by_page(cast: Cast, browse: Browse) -> None:
    for number in range(53):
        note(cast, broker=f"券商{number:02}", assets_fen=number * WAN)
    first = browse("zhao").get(f"{LIST}?sort=-assets")
    assert len(first.context["page"]) == 50
    second = browse("zhao").get(f"{LIST}{first.context['next_url']}")
    assert [row.broker for row in second.context["page"]] == ["券商02", "券商01", "券商00"]


def test_accounts_leave_with_a_purpose_and_without_names(cast: Cast, browse: Browse) -> None:
    note(cast, assets_fen=WAN)
    answer = browse("zhao").post(f"{LIST}export/", {"reason": "份额分析"})
    sheet = pd.read_excel(BytesIO(answer.content), engine="calamine", dtype=str)
    assert list(sheet["客户"]) == ["吴*"]
    assert list(sheet["估计资产（元）"]) == ["10000"]
    assert AuditEntry.objects.get(action="retention.exported").reason == "份额分析"
    assert browse("li").post(f"{LIST}export/", {"reason": "x"}).status_code == 403


def test_the_list_costs_the_same_for_more(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(8):
        client = make_client(cast.branch, f"8801000009{number:02}", name=f"客户{number}", manager=cast.wang)
        note(cast, client, assets_fen=WAN)
    zhao = browse("zhao")
    with query_budget("retention:wallet_list"):
        zhao.get(LIST)
    with query_budget("retention:wallet_panel"):
        zhao.get(f"/retention/clients/{cast.wu.pk}/wallet/")
