"""The orders of the client list: every one pages both ways through ties, and goes out in the export as it is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from itertools import chain

import pandas as pd
import pytest
from django.db import connection
from django.test import Client as Browser

from clients.models import ClientStanding
from clients.queries.listing import ORDERS, listed, order_of
from office.models import SavedView
from tests.conftest import Cast, make_client

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LIST = "/clients/"
SORTS = [sign + key for key in ORDERS for sign in ("", "-")]
DAY = date(2026, 8, 3)


@pytest.fixture
def tied(cast: Cast) -> None:
    """A hundred and ten clients besides wu, of few different figures, some without rank and days."""
    for number in range(110):
        some = number % 3 > 0
        make_client(
            cast.branch,
            f"88021{number:07d}",
            manager=cast.li if number % 2 else cast.wang,
            name="安白程丁"[number % 4] + "同",
            pinyin="abcd"[number % 4] + "tong",
            standing={
                "value": float(number % 5),
                "rank": 1 + (4 - number % 5) * 22 + number // 5 if some else None,
                "assets_fen": number % 4 * 100_000_000,
                "commission_fen": number % 2 * 100,
                "contribution_fen": number % 6 * 100,
                "turnover_fen": number % 3 * 1_000_000,
                "last_trade_on": DAY + timedelta(days=number % 7) if some else None,
                "last_contact_on": DAY + timedelta(days=number % 4) if some else None,
                "next_contact_on": DAY + timedelta(days=number % 9) if some else None,
            },
        )


def pages_of(browser: Browser, url: str) -> list[list[int]]:
    pages = []
    while url:
        response = browser.get(f"{LIST}{url}")
        pages.append([row.client_id for row in response.context["page"]])
        url = response.context["next_url"]
    return pages


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_pages_both_ways_through_ties(browse: Browse, tied: None, sort: str) -> None:
    browser = browse("zhao")
    pages = pages_of(browser, f"?sort={sort}")
    rows = ClientStanding.objects.filter(branch__code="8801")
    assert list(chain(*pages)) == [row.client_id for row in listed(rows, sort).order_by(*order_of(sort))]
    assert [len(page) for page in pages] == [50, 50, 11]
    response = browser.get(f"{LIST}?sort={sort}")
    for _ in pages[1:]:
        response = browser.get(f"{LIST}{response.context['next_url']}")
    for page in reversed(pages[:-1]):
        response = browser.get(f"{LIST}{response.context['previous_url']}")
        assert [row.client_id for row in response.context["page"]] == page
    assert response.context["previous_url"] == ""


@pytest.mark.parametrize("key", ORDERS)
def test_an_order_downwards_is_the_order_upwards_turned_round(tied: None, key: str) -> None:
    rows = ClientStanding.objects.all()
    up = [row.client_id for row in listed(rows, key).order_by(*order_of(key))]
    down = [row.client_id for row in listed(rows, f"-{key}").order_by(*order_of(f"-{key}"))]
    assert down == up[::-1]


def test_by_rank_nobody_stands_before_a_better_one(tied: None) -> None:
    ranks = [
        row.rank
        for row in listed(ClientStanding.objects.filter(rank__isnull=False), "rank").order_by(*order_of("rank"))
    ]
    assert ranks == sorted(ranks, key=lambda rank: rank or 0)


# An index of each would cost the night more than it saves: of one branch at most are sorted.
SORTED = {"commission", "contribution", "turnover", "last_trade"}


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort.lstrip("-") not in SORTED])
def test_an_order_of_every_day_is_read_from_an_index(cast: Cast, tied: None, sort: str) -> None:
    rows = ClientStanding.objects.filter(branch_id=cast.branch.pk)
    sql, params = listed(rows, sort).order_by(*order_of(sort))[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on clients_client" not in plan
    assert "Incremental Sort" in plan if sort.endswith("rank") else "Sort" not in plan


@pytest.mark.parametrize("sort", SORTS)
def test_an_export_goes_out_in_the_order_that_was_seen(browse: Browse, tied: None, sort: str) -> None:
    browser = browse("zhao")
    seen = [row.client__client_no for row in browser.get(f"{LIST}?sort={sort}&assets_min=300").context["page"]]
    response = browser.post(f"/clients/export/?sort={sort}&assets_min=300&cols=rank&cols=manager", {"reason": "座谈"})
    table = pd.read_excel(BytesIO(response.content), engine="calamine", dtype=str)
    assert table["客户号"].tolist() == seen
    assert list(table.columns) == ["客户号", "客户", "手机", "排名", "客户经理"]


def test_columns_and_order_stay_while_filters_paging_and_views_change(browse: Browse, cast: Cast, tied: None) -> None:
    browser = browse("zhao")
    page = browser.get(f"{LIST}?cols=contribution&cols=manager&sort=-assets&tier=&q=&value_min=")
    html = page.content.decode()
    assert page.context["columns"] == ["contribution", "manager"]
    assert html.count('<input type="hidden" name="cols" value="contribution">') == 1  # the filters keep them
    assert '<input type="hidden" name="sort" value="-assets">' in html
    assert not page.context["is_filtered"]  # what was left empty is no condition
    assert "cols=contribution&cols=manager&sort=-assets" in page.context["next_url"]
    assert "value_min" not in page.context["next_url"]
    assert "cols%3Dcontribution" in page.context["save_href"]
    later = browser.get(f"{LIST}{page.context['next_url']}")
    assert later.context["columns"] == ["contribution", "manager"]
    assert "after" not in later.context["save_href"]  # a view is saved from its first page on


@pytest.mark.parametrize("query", ["tier=gold", "tier=gold&sort=-assets", "contact=due&cols=tier&cols=value", "q="])
def test_a_saved_view_is_current_when_it_is_shown(browse: Browse, cast: Cast, query: str) -> None:
    SavedView.objects.create(employee=cast.zhao, page="clients:list", name="我的", query=query)
    views = browse("zhao").get(f"{LIST}?{query}&after=x&value_min=").context["views"]
    current = [view["label"] for view in views if view["current"]]
    assert current == ["我的"]
    assert not any(view["current"] for view in browse("zhao").get(f"{LIST}?tier=silver").context["views"])


@pytest.mark.parametrize(
    ("query", "label"), [("", "全部客户"), ("contact=due&sort=name", "应联系"), ("flag=core", "核心客户")]
)
def test_a_ready_made_view_is_current_in_any_order(browse: Browse, query: str, label: str) -> None:
    views = browse("zhao").get(f"{LIST}?{query}").context["views"]
    assert [view["label"] for view in views if view["current"]] == [label]
