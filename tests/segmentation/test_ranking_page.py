"""价值排行, 分层网格 and 核心客户: who sees what, in which order, and how few bring how much."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import ClientStanding
from office.dates import TradingCalendar
from office.models import AuditEntry
from segmentation.models import ScoringRun
from segmentation.operations.weights import (
    Proposal,
    approve_weights,
    ensure_weights,
    propose_weights,
    submit_weights,
)
from segmentation.queries import core
from segmentation.queries.grid import grid, last_ranks
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.segmentation.published import FRIDAY, THURSDAY, fill, score, two_nights

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
RANKING, GRID, CORE = "/value/", "/value/grid/", "/value/core/"


@pytest.fixture
def run(cast: Cast, calendar: TradingCalendar) -> ScoringRun:
    return two_nights(cast)


def order(browser: Browser, query: str = "") -> list[str]:
    return [row.client.name for row in browser.get(f"{RANKING}{query}").context["page"]]


def make_ranked(cast: Cast, count: int) -> None:
    """Make clients as a night would leave them that ranked `count`; half of them rose, half fell."""
    ScoringRun.objects.create(
        branch=cast.branch,
        as_of=FRIDAY,
        weight_set=ensure_weights(cast.branch, FRIDAY),
        input_hash="",
        state="published",
        metrics={"clients": count},
    )
    for number in range(1, count + 1):
        make_client(
            cast.branch,
            f"88012{number:07d}",
            manager=cast.li,
            name=f"客户{number:03d}",
            standing={
                "rank": number,
                "previous_rank": count + 1 - number,
                "value": 100 - number / 2,
                "contribution_fen": (count - number) * 100,
            },
        )


@pytest.mark.parametrize("page", [RANKING, GRID, CORE, "/value/weights/"])
def test_before_the_first_night_a_page_says_what_it_waits_for(browse: Browse, page: str) -> None:
    response = browse("zhao").get(page)
    assert response.status_code == 200
    assert "夜间作业" in response.content.decode()


@pytest.mark.req("VAL-04")
def test_the_ranking_shows_rank_rank_before_and_movement(browse: Browse, run: ScoringRun) -> None:
    response = browse("zhao").get(RANKING)
    rows = list(response.context["page"])
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    assert all(row.moved == row.previous_rank - row.rank for row in rows)
    assert {row.rank for row in rows} == {row.previous_rank for row in rows}
    told = response.context["summary"]
    assert told.clients == told.up + told.down + told.same + told.new == 4


@pytest.mark.req("VAL-04")
def test_who_rose_and_who_fell_is_told_and_leads_to_the_list(browse: Browse, cast: Cast) -> None:
    make_ranked(cast, 9)
    response = browse("zhao").get(RANKING)
    assert [row.rank for row in response.context["risen"]] == [1, 2, 3, 4]
    assert [row.rank for row in response.context["fallen"]] == [9, 8, 7, 6]
    assert order(browse("zhao"), "?move=down&sort=moved") == ["客户009", "客户008", "客户007", "客户006"]
    assert order(browse("zhao"), "?move=same") == ["客户005"]


@pytest.mark.parametrize("sort", ["rank", "-rank", "-moved", "moved", "-contribution", "-assets", "nonsense"])
def test_pages_of_the_ranking_hold_everybody_once(browse: Browse, cast: Cast, sort: str) -> None:
    make_ranked(cast, 119)
    browser, seen, url = browse("li"), [], f"?sort={sort}"
    while url:
        response = browser.get(f"{RANKING}{url}")
        seen += [row.pk for row in response.context["page"]]
        url = response.context["next_url"]
    assert len(seen) == len(set(seen)) == 119


def test_the_ranking_costs_the_same_for_few_and_for_many(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    make_ranked(cast, 60)
    browser = browse("zhao")
    with query_budget("segmentation:ranking"):
        browser.get(f"{RANKING}?tier=general&sort=-moved&grid=high&segment=basic&style=idle")


def test_a_movement_is_worth_a_colour_by_the_ranks_of_the_branch_not_of_ones_own_book(
    browse: Browse, cast: Cast
) -> None:
    make_ranked(cast, 60)
    make_client(cast.branch, "880100000099", manager=cast.wang, name="他人客户", standing={"rank": 61, "value": 1.0})
    assert browse("wang").get(RANKING).context["big_move"] == 3.0


def test_turning_a_page_counts_nobody_anew(browse: Browse, cast: Cast) -> None:
    make_ranked(cast, 60)
    table = browse("zhao").get(RANKING, headers={"hx-request": "true"})
    assert len(list(table.context["page"])) == 50
    assert "summary" not in table.context


def test_a_manager_is_ranked_among_all_but_sees_the_own_clients(browse: Browse, cast: Cast, run: ScoringRun) -> None:
    make_client(cast.branch, "880100000099", manager=cast.wang, name="他人客户", standing={"rank": 5, "value": 1.0})
    assert order(browse("wang")) == ["他人客户"]
    assert "他人客户" not in order(browse("li"))


def test_an_export_of_the_ranking_is_what_is_filtered_and_is_audited(browse: Browse, cast: Cast) -> None:
    make_ranked(cast, 9)
    response = browse("zhao").post(f"{RANKING}export/?move=up", {"reason": "9月经理会"})
    table = pd.read_excel(BytesIO(response.content), engine="calamine")
    assert table["变动"].tolist() == [8, 6, 4, 2]
    entry = AuditEntry.objects.get(action="segmentation.exported")
    assert entry.after is not None
    assert (entry.after["rows"], entry.reason) == (4, "9月经理会")
    assert browse("zhao").post(f"{RANKING}export/", {"reason": ""}).status_code == 422


@pytest.mark.parametrize("condition", ["tier=nonsense", "manager=99999999", "core=maybe", "grid=x", "move=x"])
def test_a_condition_nobody_understands_shows_and_exports_nobody(browse: Browse, cast: Cast, condition: str) -> None:
    make_ranked(cast, 9)
    response = browse("zhao").get(f"{RANKING}?{condition}")
    assert (response.status_code, len(list(response.context["page"]))) == (422, 0)
    refused = browse("zhao").post(f"{RANKING}export/?{condition}", {"reason": "9月经理会"})
    assert refused.status_code == 422
    assert "条件有误" in refused.content.decode()
    assert not AuditEntry.objects.filter(action="segmentation.exported").exists()


def test_the_grid_holds_every_ranked_client_once_and_opens_them(browse: Browse, cast: Cast) -> None:
    make_ranked(cast, 21)
    ClientStanding.objects.filter(rank__lte=3).update(value_type="commission")
    cells = [cell for line in grid(ClientStanding.objects.visible_to(cast.zhao), cast.branch) for cell in line]
    assert last_ranks(cast.branch) == (5, 11)  # 20 % and 50 % of 21, rounded up
    assert sum(cell.clients for cell in cells) == 21
    assert sum(cell.share for cell in cells) == pytest.approx(1)
    high = next(cell for cell in cells if (cell.value_class, cell.value_type) == ("high", "commission"))
    assert high.clients == 3
    assert len(order(browse("zhao"), "?grid=high&value_type=commission")) == 3
    assert browse("zhao").get(GRID).status_code == 200


def test_the_grid_costs_the_same_for_few_and_for_many(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    make_ranked(cast, 50)
    browser = browse("zhao")
    with query_budget("segmentation:grid"):
        browser.get(GRID)


@pytest.mark.req("VAL-07")
def test_the_core_page_says_how_few_bring_how_much(browse: Browse, cast: Cast, run: ScoringRun) -> None:
    figures = core.figures(run)
    response = browse("zhao").get(CORE)
    page = response.content.decode()
    assert figures.money_share >= 0.8
    assert f'<b class="tn">{figures.members}</b> 位客户' in page
    assert f"{figures.money_share * 100:.1f}%" in page
    listed = [line["row"] for line in response.context["lines"]]
    assert len(listed) == figures.members
    assert sum(row.contribution_fen for row in listed) == figures.members_fen


@pytest.mark.req("VAL-06")
@pytest.mark.parametrize(("share", "members"), [("0.80", 2), ("0.50", 1)])
def test_the_criteria_are_shown_and_other_ones_make_another_list(
    browse: Browse, cast: Cast, calendar: TradingCalendar, share: str, members: int
) -> None:
    fill(cast)
    ensure_weights(cast.branch, THURSDAY)
    weights = Proposal(Decimal("0.40"), Decimal("0.25"), Decimal("0.35"), core_share=Decimal(share))
    made = propose_weights(cast.branch, weights, by=cast.zhao)
    submit_weights(made, by=cast.zhao)
    approve_weights(made, by=cast.chen)
    score(cast.branch, THURSDAY)
    response = browse("zhao").get(CORE)
    assert f'累计到 <b class="tn">{Decimal(share) * 100:.0f}%</b>' in response.content.decode()
    assert len(response.context["lines"]) == members


def test_the_curve_rises_from_nothing_to_all(run: ScoringRun) -> None:
    points = core.curve(run, core.figures(run).heads)
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (100.0, 100.0)
    assert points == sorted(points)


@pytest.mark.parametrize(
    ("heads", "base", "usual"), [(100, 4, False), (100, 5, True), (100, 40, True), (100, 41, False), (0, 0, False)]
)
def test_a_branch_that_does_not_follow_80_20_is_told_so(heads: int, base: int, usual: bool) -> None:
    assert core.CoreFigures(heads, base, 0, base, 1, 1, 1).is_usual is usual


def test_a_manager_sees_the_own_core_clients_only(browse: Browse, run: ScoringRun) -> None:
    assert browse("wang").get(CORE).context["lines"] == []
    assert browse("li").get(CORE).context["lines"] != []


def test_the_core_page_costs_the_same_for_few_and_for_many(
    browse: Browse, cast: Cast, run: ScoringRun, query_budget: QueryBudget
) -> None:
    browser = browse("zhao")
    with query_budget("segmentation:core"):
        browser.get(CORE)
