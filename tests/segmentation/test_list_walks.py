"""Lists of segmentation walked to the end and back: every row once, in the order and under the conditions asked for."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.models import AuditEntry
from segmentation.models import AllocationPlan, Handover, ManagerChangeRequest, PlanLine, ScoringRun
from segmentation.operations.weights import ensure_weights
from tests.conftest import Cast, make_client
from tests.segmentation.plan_branch import AS_OF, clients

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
MANY = 119  # over two pages, the last one not full


def walked(browser: Browser, url: str, query: str = "", key: Callable[[Any], Any] = lambda row: row.pk) -> list[Any]:
    """Turn the pages of a list to its end and back to the beginning; return the rows of the way there."""
    there: list[list[Any]] = []
    back: list[list[Any]] = []
    turn, last = f"?{query}", ""
    while turn:
        last, context = turn, browser.get(f"{url}{turn}").context
        there.append([key(row) for row in context["page"]])
        turn = context["next_url"]
    turn = last
    while turn:
        context = browser.get(f"{url}{turn}").context
        back.insert(0, [key(row) for row in context["page"]])
        turn = context["previous_url"]
    assert [row for page in back for row in page] == [row for page in there for row in page]
    return [row for page in there for row in page]


def ranked_clients(cast: Cast, **standing: Any) -> list[Client]:
    """Rank MANY clients of li by a published run; ties of value and contribution, every third a core client."""
    ScoringRun.objects.create(
        branch=cast.branch, as_of=AS_OF, edition=1, state="published", metrics={"clients": MANY},
        weight_set=ensure_weights(cast.branch, AS_OF),
    )  # fmt: skip
    return [
        make_client(
            cast.branch, f"88012{number:07d}", manager=cast.li, name=f"客户{number:03d}",
            standing={
                "rank": number, "previous_rank": MANY + 1 - number, "value": 90 - number // 7,
                "contribution_fen": number // 9 * 100, "is_core": number % 3 == 0,
                "value_type": ("asset", "commission")[number % 2], "tier": ("gold", "silver")[number % 2], **standing,
            },
        )
        for number in range(1, MANY + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("sort", ["contribution", "-contribution", "value", "-value", "nonsense"])
def test_the_core_list_holds_every_core_client_once(browse: Browse, cast: Cast, sort: str) -> None:
    ranked_clients(cast, is_core=True)
    seen = walked(browse("zhao"), "/value/core/", f"sort={sort}", key=lambda line: line.pk)
    assert len(seen) == len(set(seen)) == MANY


def test_the_core_list_is_exported_in_its_order_with_its_purpose(browse: Browse, cast: Cast) -> None:
    ranked_clients(cast)
    answer = browse("zhao").post("/value/core/export/?sort=contribution", {"reason": "季度走访"})
    table = pd.read_excel(BytesIO(answer.content), engine="calamine")
    assert len(table) == ClientStanding.objects.filter(is_core=True).count() == MANY // 3
    assert table["12 月贡献（元）"].is_monotonic_increasing
    assert set(table["核心"]) == {"是"}
    entry = AuditEntry.objects.get(action="segmentation.exported")
    assert (entry.after or {})["rows"] == MANY // 3
    assert (entry.after or {})["query"] == "sort=contribution"
    assert entry.reason == "季度走访"


def test_an_export_of_the_core_list_without_a_purpose_takes_nothing_out(browse: Browse, cast: Cast) -> None:
    ranked_clients(cast)
    assert browse("zhao").post("/value/core/export/", {"reason": " "}).status_code == 422
    assert not AuditEntry.objects.filter(action="segmentation.exported").exists()


CONDITIONS = [
    "tier=gold&sort=-moved",
    "tier=gold&value_type=asset&sort=contribution",
    "grid=low&sort=assets",
    "move=down&sort=rank",
    "segment=basic&sort=-contribution",
    "core=false&style=idle",
    "tier=gold&tier=silver&move=up&sort=moved",
]


@pytest.mark.parametrize("query", CONDITIONS)
def test_the_ranking_keeps_its_conditions_and_order_to_the_last_page(browse: Browse, cast: Cast, query: str) -> None:
    ranked_clients(cast)
    browser = browse("zhao")
    seen = walked(browser, "/value/", query, key=lambda row: row.client.client_no)
    answer = browser.post(f"/value/export/?{query}", {"reason": "核对"})
    exported = pd.read_excel(BytesIO(answer.content), engine="calamine", dtype={"客户号": str})
    assert seen == exported["客户号"].tolist()
    assert len(seen) == len(set(seen)) > 0
    assert len(seen) == int(browser.get(f"/value/?{query}").context["count"])


def test_a_name_that_looks_like_a_formula_leaves_as_text(browse: Browse, cast: Cast) -> None:
    name = '=HYPERLINK("http://example.com","吴")'
    make_client(cast.branch, "880100000099", manager=cast.li, name=name, standing={"rank": 1, "value": 9.0})
    answer = browse("zhao").post("/value/export/", {"reason": "核对"})
    assert pd.read_excel(BytesIO(answer.content), engine="calamine")["客户"].tolist() == [name]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", MANY), ("state=named", 17), ("reason=overload", 60), ("reason=overload&state=named", 9)],
)
def test_the_lines_of_a_plan_are_walked_under_their_conditions(
    browse: Browse, cast: Cast, query: str, expected: int
) -> None:
    plan = AllocationPlan.objects.create(
        branch=cast.branch, plan_no="P-2608-01", kind="full", state="published", as_of=AS_OF
    )
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan, client=client, from_manager=cast.li, to_manager=cast.wang, minutes=1, value=number // 5,
            reason=("overload", "neglected")[number % 2], needs_named_approval=number % 7 == 0,
        )
        for number, client in enumerate(clients(cast, cast.li, MANY, 100))
    )  # fmt: skip
    seen = walked(browse("zhao"), plan.get_absolute_url(), query)
    assert len(seen) == len(set(seen)) == expected


@pytest.mark.parametrize("tab", ["open", "overdue", "confirmed", ""])
def test_dossiers_are_walked_under_each_tab(browse: Browse, cast: Cast, tab: str) -> None:
    day = timezone.localdate()
    Handover.objects.bulk_create(
        Handover(
            branch=cast.branch, client=client, from_manager=cast.li, to_manager=cast.wang, effective_on=day,
            confirm_by=day.replace(year=day.year + (-1, 1)[number % 2]), tier="gold", value=number // 4,
            assets_fen=1, commission_fen=1, state=("open", "confirmed")[number % 3 == 0],
            confirmed_at=timezone.now() if number % 3 == 0 else None,
        )
        for number, client in enumerate(clients(cast, cast.wang, MANY, 100))
    )  # fmt: skip
    browser = browse("zhao")
    seen = walked(browser, "/value/handovers/", f"tab={tab}")
    assert len(seen) == len(set(seen)) == browser.get("/value/handovers/").context["counts"][tab] > 0


@pytest.mark.parametrize("state", ["open", "refused"])
def test_requests_for_another_manager_are_walked_by_state(browse: Browse, cast: Cast, state: str) -> None:
    ManagerChangeRequest.objects.bulk_create(
        ManagerChangeRequest(
            branch=cast.branch, client=client, present=cast.li, channel="counter", asked_at=timezone.now(),
            state=state, taken_by=cast.zhou,
            **({} if state == "open" else {"decided_by": cast.zhao, "decided_at": timezone.now(), "note": "已说明"}),
        )
        for client in clients(cast, cast.li, MANY, 100)
    )  # fmt: skip
    seen = walked(browse("zhao"), "/value/changes/", f"state={state}")
    assert len(seen) == len(set(seen)) == MANY
