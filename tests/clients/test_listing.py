"""The list of clients: who sees what, how it is found, ordered, paged and taken out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Client, SearchToken
from office.models import AuditEntry
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LIST = "/clients/"


def names(response: object) -> list[str]:
    return [row.client__name for row in response.context["page"]]  # type: ignore[attr-defined]  # test response


def make_many(cast: Cast, count: int) -> None:
    for number in range(count):
        make_client(
            cast.branch,
            f"88011{number:07d}",
            manager=cast.li,
            name=f"客户{number:03d}",
            standing={"value": number % 7, "assets_fen": number * 1_000_000_00},
        )


def test_a_manager_sees_the_own_clients_by_value(browse: Browse, cast: Cast) -> None:
    make_client(cast.branch, "880100000002", manager=cast.li, name="贺知", standing={"value": 40.0})
    make_client(cast.branch, "880100000003", manager=cast.wang, name="他人客户", standing={"value": 90.0})
    assert names(browse("li").get(LIST)) == ["贺知", "吴越"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tier=gold", ["甲"]),
        ("value_type=commission", ["甲"]),
        ("grade=vip", ["甲"]),
        ("value_min=30", ["甲"]),
        ("assets_min=100&assets_max=300", ["甲"]),
        ("contact=never", ["乙", "吴越"]),
        ("flag=core", ["甲"]),
        ("flag=up", ["甲"]),
        ("flag=unassigned", ["乙"]),
        ("importance=important", ["乙"]),
        ("risk=C4", ["乙"]),
        ("tier=gold&importance=important", []),
    ],
)
@pytest.mark.req("SEG-01", "SEG-14", "VAL-03")
def test_the_list_is_narrowed_by(browse: Browse, cast: Cast, query: str, found: list[str]) -> None:
    make_client(
        cast.branch,
        "880100000002",
        manager=cast.wang,
        name="甲",
        standing={
            "tier": "gold",
            "grade": "vip",
            "value_type": "commission",
            "value": 44.0,
            "assets_fen": 200_000_000,
            "is_core": True,
            "rank": 1,
            "previous_rank": 5,
            "last_contact_on": date(2026, 8, 1),
        },
    )
    make_client(
        cast.branch, "880100000003", name="乙", importance="important", risk_level="C4", standing={"value": 9.0}
    )
    assert names(browse("zhao").get(f"{LIST}?{query}")) == found


def test_a_closed_client_is_listed_only_when_asked_for(browse: Browse, cast: Cast) -> None:
    make_client(cast.branch, "880100000002", name="旧户", standing={"is_closed": True})
    assert "旧户" not in names(browse("zhao").get(LIST))
    assert names(browse("zhao").get(f"{LIST}?flag=closed")) == ["旧户"]


@pytest.mark.parametrize("text", ["云舟", "郑云舟", "zhengyunzhou", "zyz", "880100000002", "6021", "郑 6021"])
def test_a_client_is_found_by_what_is_remembered(browse: Browse, cast: Cast, text: str) -> None:
    found = make_client(cast.branch, "880100000002", manager=cast.li, name="郑云舟")
    for token in ("郑云舟", "云舟", "舟", "zhengyunzhou", "zyz", "880100000002", "6021"):
        SearchToken.objects.create(branch=cast.branch, token=token, client=found)
    assert names(browse("li").get(LIST, {"q": text})) == ["郑云舟"]
    assert names(browse("wang").get(LIST, {"q": text})) == []
    link = found.get_absolute_url()
    assert link in browse("li").get("/clients/suggest/", {"q": text}).content.decode()
    assert link not in browse("wang").get("/clients/suggest/", {"q": text}).content.decode()


@pytest.mark.parametrize("sort", ["-value", "value", "name", "-assets", "last_contact", "rank", "nonsense"])
def test_pages_hold_every_client_once_and_lead_back(browse: Browse, cast: Cast, sort: str) -> None:
    make_many(cast, 119)
    browser, seen, pages = browse("li"), [], []
    url = f"?sort={sort}"
    while url:
        response = browser.get(f"{LIST}{url}")
        pages.append([row.client_id for row in response.context["page"]])
        seen += pages[-1]
        url = response.context["next_url"]
    assert len(seen) == len(set(seen)) == 120
    before = browser.get(f"{LIST}{response.context['previous_url']}").context["page"]
    assert [row.client_id for row in before] == pages[-2]


def test_a_broken_cursor_shows_the_first_page(browse: Browse, cast: Cast) -> None:
    assert names(browse("li").get(f"{LIST}?after=bm9uc2Vuc2U")) == ["吴越"]


def test_the_list_costs_the_same_for_one_client_and_for_many(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    make_many(cast, 50)
    browser = browse("li")
    with query_budget("clients:list"):
        browser.get(f"{LIST}?tier=general&sort=-assets")


def test_columns_are_chosen_in_the_address(browse: Browse, cast: Cast) -> None:
    page = browse("li").get(f"{LIST}?cols=contribution&cols=manager").content.decode()
    assert "12 月贡献（元）" in page
    assert "资产（万元）</a>" not in page


def test_an_export_holds_what_was_seen_and_is_audited(browse: Browse, cast: Cast) -> None:
    make_client(cast.branch, "880100000002", manager=cast.wang, name="=1+1", standing={"tier": "gold", "value": 5.0})
    response = browse("zhao").post("/clients/export/?tier=gold", {"reason": "8月座谈邀约"})
    table = pd.read_excel(BytesIO(response.content), engine="calamine", dtype=str)
    assert table["客户"].tolist() == ["=1+1"]
    entry = AuditEntry.objects.get(action="clients.exported")
    assert (entry.after, entry.reason, entry.actor) == ({"rows": 1, "query": "tier=gold"}, "8月座谈邀约", cast.zhao)


def test_an_export_without_a_purpose_is_refused(browse: Browse, cast: Cast) -> None:
    assert browse("zhao").post("/clients/export/", {"reason": " "}).status_code == 422
    assert not AuditEntry.objects.filter(action="clients.exported").exists()


@pytest.mark.req("SEG-14")
def test_marking_reaches_only_clients_one_sees(browse: Browse, cast: Cast) -> None:
    other = make_client(cast.branch, "880100000002", manager=cast.wang)
    browse("li").post("/clients/importance/", {"ids": [cast.wu.pk, other.pk], "importance": "important"})
    assert list(Client.objects.filter(importance="important")) == [cast.wu]
    entry = AuditEntry.objects.get(action="clients.importance_marked")
    assert entry.after == {"importance": "important", "clients": [cast.wu.client_no]}


@pytest.mark.req("SEG-14")
def test_marking_everything_keeps_to_the_filters_and_to_what_one_sees(browse: Browse, cast: Cast) -> None:
    make_client(cast.branch, "880100000002", manager=cast.li, name="金", standing={"tier": "gold"})
    make_client(cast.branch, "880100000003", manager=cast.wang, name="他人", standing={"tier": "gold"})
    browse("li").post("/clients/importance/?tier=gold", {"everything": "1", "importance": "important"})
    assert list(Client.objects.filter(importance="important").values_list("name", flat=True)) == ["金"]
