"""The classification tables: their totals are those of the client list, on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Client, ClientStanding, ClientWindow
from office.models import Role
from segmentation.queries import completeness, reports, trading
from segmentation.queries.overview import AGE, overview
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client, make_employee

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
TABLES = ["total", "tier", "target", "trading", "completeness"]
KINDS = ["commission", "product", "asset", "unclassified"]


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Forty clients of all tiers, grades and types, some without a manager, one closed."""
    for number in range(40):
        make_client(
            cast.branch,
            f"88013{number:07d}",
            manager=[cast.li, cast.wang, None][number % 3],
            name=f"客户{number:03d}",
            standing={
                "rank": number + 1 if number % 10 else None,
                "value": 90 - number,
                "tier": ["general", "silver", "gold", "platinum", "diamond"][number % 5],
                "grade": ["vip", "active", "ordinary", "potential"][number % 4],
                "value_type": KINDS[number % 4],
                "is_core": number < 4,
                "is_provisional": number == 7,
                "contribution_fen": number * 1_000,
                "is_closed": number == 39,
            },
        )
    return cast


def seen_in_list(browser: Browser, query: str = "") -> int:
    return int(browser.get(f"/clients/{query}").context["count"])


@pytest.mark.req("SEG-16")
@pytest.mark.parametrize("name", ["zhao", "li"])
def test_every_table_adds_up_to_the_client_list(browse: Browse, many: Cast, name: str) -> None:
    user = many.people[name]
    rows = ClientStanding.objects.visible_to(user)
    listed = seen_in_list(browse(name))
    managers = reports.by_manager(rows)
    sums = [sum(line.clients for line in lines) for lines in overview(rows, date(2026, 8, 21)).values()]
    sums += [
        sum(line.clients for line in managers),
        sum(line.clients for line in reports.by_segment(rows, many.branch)),
    ]
    sums += [reports.crossing(rows, "tier", "grade").total, reports.crossing(rows, "tier", "type").total]
    sums += [reports.by_manager_and(rows, "tier", managers).total]
    sums += [reports.segments_of_managers(rows, many.branch, managers).total]
    assert sums == [listed] * len(sums)


@pytest.mark.req("SEG-16")
def test_a_count_of_a_table_opens_just_those_clients(browse: Browse, many: Cast) -> None:
    browser = browse("zhao")
    for table, name in [("tier", "by_grade"), ("target", "by_manager")]:
        linked = browser.get(f"/value/tables/{table}/").context["linked"][name]
        opened = [
            (count, browser.get(href)) for row in linked["rows"] for count, href in row["cells"] if count and href
        ]
        assert len(opened) > 4
        assert all(int(page.context["count"]) == count for count, page in opened)
    target = browser.get("/value/tables/target/").context["told"]
    for line, _ in target:
        if line.key != "unscored":
            assert int(browser.get(f"/value/?segment={line.key}").context["count"]) == line.clients, line.label


@pytest.mark.req("SEG-16")
@pytest.mark.parametrize(
    ("table", "sheet"), [("total", "客户总体分类表"), ("target", "目标客户细分表"), ("tier", "等级×级别")]
)
def test_the_workbook_has_the_totals_of_the_page(browse: Browse, many: Cast, table: str, sheet: str) -> None:
    browser = browse("zhao")
    response = browser.post(f"/value/tables/{table}/export/", {"reason": "9月经理会"})
    written = pd.read_excel(BytesIO(response.content), engine="calamine", sheet_name=sheet)
    column = "合计" if table == "tier" else "客户数"
    assert written[column].iloc[-1] == seen_in_list(browser)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_opens_at_a_fixed_cost(browse: Browse, many: Cast, table: str, query_budget: QueryBudget) -> None:
    browser = browse("zhao")
    with query_budget(f"segmentation:report {table}"):
        assert browser.get(f"/value/tables/{table}/").status_code == 200
    assert browser.post(f"/value/tables/{table}/export/", {"reason": ""}).status_code == 422


def test_an_unknown_table_is_not_found(browse: Browse, cast: Cast) -> None:
    assert browse("zhao").get("/value/tables/nonsense/").status_code == 404


@pytest.mark.req("SEG-17")
def test_completeness_is_told_per_manager(browse: Browse, cast: Cast) -> None:
    for number, fields in enumerate([{"education_level": "本科", "risk_level": "C3"}, {"risk_level": "C2"}, {}]):
        make_client(cast.branch, f"88014{number:07d}", manager=cast.wang, **fields)
    make_client(cast.branch, "880149999999", manager=cast.wang, kind=Client.Kind.INSTITUTION)
    lines = completeness.completeness(ClientStanding.objects.visible_to(cast.zhao))
    wang = next(line for line in lines if line.manager_id == cast.wang.pk)
    shares = dict(zip(completeness.FIELDS, wang.shares, strict=True))
    assert wang.clients == 3
    assert (shares["education_level"], shares["risk_level"], shares["birth_date"]) == pytest.approx((1 / 3, 2 / 3, 0))
    assert "66.7%" in browse("zhao").get("/value/tables/completeness/").content.decode()


@pytest.mark.req("VAL-11")
def test_clients_are_divided_by_turnover_and_opened_by_class(browse: Browse, cast: Cast) -> None:
    expected = {"hft": (40, 1), "short": (39, 1), "mid": (3, 1), "long": (2, 1), "idle": (0, 1), "unknown": (5, 0)}
    for number, (style, (turnover, assets)) in enumerate(expected.items(), start=1):
        made = make_client(cast.branch, f"88015{number:07d}", name=style, manager=cast.li, standing={"rank": number})
        ClientWindow.objects.create(
            client=made,
            branch=cast.branch,
            as_of="2026-08-21",
            turnover_120_fen=turnover * 1_000,
            assets_sum_120_fen=assets * 120_000,
            assets_days_120=120 * assets,
        )
    rows = {line.style: line.clients for line in trading.styles(ClientStanding.objects.visible_to(cast.zhao))}
    assert rows == dict.fromkeys(expected, 1)
    for style, (turnover, assets) in expected.items():
        found = browse("li").get(f"/value/?style={style}").context["page"]
        assert [row.client.name for row in found] == [style]
        assert trading.style_of(turnover * 1_000, float(turnover) if assets else None) == style


@pytest.mark.parametrize(
    ("code", "market"),
    [
        ("600519", "沪市"),
        ("000001", "深市"),
        ("300750.SZ", "深市"),
        ("830799", "北交所"),
        ("AAPL", "其他"),
        ("", "其他"),
    ],
)
def test_the_market_follows_from_the_code(code: str, market: str) -> None:
    assert trading.market_of(code) == market


@pytest.mark.req("VAL-09")
def test_a_new_director_learns_about_all_clients_at_once(browse: Browse, many: Cast) -> None:
    many.people["jin"] = make_employee("1010", "金岚", many.branch, Role.MARKET_DIRECTOR)
    response = browse("jin").get("/value/tables/total/")
    sections = {label: lines for label, _, lines in response.context["sections"]}
    assert {"等级", "价值类型", "客户经理", "年龄", "风险等级"} <= sections.keys()
    assert all(sum(line.clients for line in lines) == seen_in_list(browse("jin")) for lines in sections.values())


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(1996, 8, 22), "30 岁以下"),
        (date(1996, 8, 21), "30–44 岁"),
        (date(1966, 8, 22), "45–59 岁"),
        (date(1966, 8, 21), "60 岁及以上"),
        (None, "年龄未知或机构"),
    ],
)
def test_age_is_that_of_the_day(cast: Cast, born: date | None, band: str) -> None:
    make_client(cast.branch, "880100000099", manager=cast.wang, birth_date=born)
    lines = overview(ClientStanding.objects.visible_to(cast.wang), date(2026, 8, 21))[AGE]
    assert [line.label for line in lines if line.clients] == [band]


def test_the_total_table_counts_sums_and_averages_each_group(cast: Cast) -> None:
    for number, (tier, importance, value) in enumerate(
        [("gold", "important", 60.0), ("gold", "basic", 30.0), ("silver", "basic", 9.0)], start=1
    ):
        make_client(
            cast.branch, f"88010000010{number}", manager=cast.wang, importance=importance,
            standing={"tier": tier, "value": value, "assets_fen": number * 100, "is_core": number == 1},
        )  # fmt: skip
    found = overview(ClientStanding.objects.visible_to(cast.wang), date(2026, 8, 21))
    told = {
        key: [(line.key, line.clients, line.assets_fen, line.core, line.value) for line in found[key] if line.clients]
        for key in ("tier", "importance")
    }
    assert told == {
        "tier": [("silver", 1, 300, 0, 9.0), ("gold", 2, 300, 1, 45.0)],
        "importance": [("basic", 2, 500, 0, 19.5), ("important", 1, 100, 1, 60.0)],
    }
    assert [line.share for line in found["tier"] if line.clients] == pytest.approx([1 / 3, 2 / 3])
