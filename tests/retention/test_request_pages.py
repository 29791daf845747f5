"""What is owed by when: the board, the list, one request, and what compliance reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from office.dates import SHANGHAI
from office.models import AuditEntry
from retention.models import ClosureRequest
from retention.operations.closures import complete, free, hold_up, register_request
from retention.rules.process import Passage, process
from retention.rules.time_left import time_left
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
BOARD, LIST = "/retention/clock/", "/retention/requests/"
TUESDAY_TEN = datetime(2026, 8, 18, 10, 0, tzinfo=SHANGHAI)


def ask(cast: Cast, number: int, ago: timedelta = timedelta(0), **fields: str) -> ClosureRequest:
    client = make_client(cast.branch, f"8801000005{number:02}", name=f"客户{number}", manager=cast.li)
    at = timezone.now() - ago
    kind = fields.pop("kind", "close")
    return register_request(client, kind=kind, channel="counter", by=cast.zhou, now=at, **fields)  # type: ignore[arg-type]  # words of the test


def parts(browser: Browser) -> dict[str, int]:
    counts: dict[str, int] = browser.get(BOARD).context["counts"]
    return counts


@pytest.mark.req("RET-06")
def test_the_board_tells_what_is_late_old_and_held_up(cast: Cast, browse: Browse) -> None:
    ask(cast, 1)
    ask(cast, 2, timedelta(days=30))
    hold_up(ask(cast, 3, timedelta(hours=25)), "judicial", "冻结文书", by=cast.zhou)
    complete(ask(cast, 4), by=cast.zhou)
    assert parts(browse("zhou")) == {"owed": 3, "late": 1, "today": 0, "old": 2, "held": 1}
    page = browse("zhou").get(f"{BOARD}?part=late")
    assert len(page.context["page"]) == 1
    assert "超时 2" in page.content.decode()
    assert parts(browse("wang"))["owed"] == 0


def test_the_desk_reads_no_name_where_a_manager_does(cast: Cast, browse: Browse) -> None:
    ask(cast, 1)
    assert "客户1" not in browse("zhou").get(BOARD).content.decode()
    assert "客户1" in browse("li").get(BOARD).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3), ("state=done", 1), ("kind=transfer_sh", 1), ("clock=late", 1), ("reason=unsaid", 2),
        ("reason=family", 1), ("since=2099-01-01", 0), ("q=nobody", 0), ("block=judicial", 0), ("kind=x", 3),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_its_address(cast: Cast, browse: Browse, query: str, found: int) -> None:
    ask(cast, 1, reason="family")
    ask(cast, 2, timedelta(days=30))
    complete(ask(cast, 3, kind="transfer_sh"), by=cast.zhou)
    assert len(browse("zhao").get(f"{LIST}?{query}").context["page"]) == found


def test_a_step_taken_on_an_old_page_is_refused_and_said(cast: Cast, browse: Browse) -> None:
    request, counter = ask(cast, 1), browse("zhou")
    address = f"{LIST}{request.pk}/"
    form = counter.get(f"{address}hold/").context["form"]
    hold_up(request, "judicial", "冻结文书", by=cast.zhou)
    free(request, by=cast.zhou)
    sent = {"version": form.initial["version"], "block": "judicial", "evidence": "冻结文书"}
    answer = counter.post(f"{address}hold/", sent)
    assert answer.status_code == 409
    assert "已有变化" in answer.content.decode()
    assert counter.post(f"{address}hold/", {**sent, "block": "manager_absent", "version": 3}).status_code == 422
    counter.post(f"{address}complete/", {"version": 3})
    shown = counter.get(address).content.decode()
    assert "按时办结" in shown
    assert "登记法定事由" in shown


@pytest.mark.req("RET-06")
def test_compliance_reads_the_breaches_of_a_month_and_takes_them_with_a_purpose(cast: Cast, browse: Browse) -> None:
    request = register_request(cast.wu, kind="close", channel="counter", by=cast.zhou, now=TUESDAY_TEN)
    complete(request, by=cast.zhou, now=TUESDAY_TEN + timedelta(days=3))
    page = browse("qian").get("/retention/breaches/?month=2026-08")
    assert [row.request_no for row in page.context["rows"]] == [request.request_no]
    assert list(browse("qian").get("/retention/breaches/?month=2026-07").context["rows"]) == []
    assert browse("qian").get("/retention/breaches/?month=9999-99").status_code == 200
    export = "/retention/breaches/export/?month=2026-08"
    assert browse("qian").post(export, {"reason": ""}).status_code == 422
    answer = browse("qian").post(export, {"reason": "月度报告"})
    sheet = pd.read_excel(BytesIO(answer.content), engine="calamine")
    assert (sheet["编号"].tolist(), sheet["客户"].tolist()) == ([request.request_no], ["吴*"])
    assert AuditEntry.objects.get(action="retention.exported").reason == "月度报告"


@pytest.mark.req("QUA-02")
@pytest.mark.req("QUA-03")
@pytest.mark.req("QUA-04")
def test_the_process_report_tells_how_long_each_step_takes() -> None:
    def passed(minutes: int, hours: int, *, late: bool = False) -> Passage:
        arrived = TUESDAY_TEN
        return Passage(
            "close", arrived, arrived, arrived + timedelta(minutes=minutes), None, None,
            arrived + timedelta(hours=hours), late,
        )  # fmt: skip

    [row] = process([passed(4, 2), passed(6, 30), passed(20, 80, late=True)], ["transfer_sh", "close"])
    assert row.waiting is not None
    assert row.serving is not None
    assert (row.waiting.median_minutes, row.waiting.slow_minutes) == (6, 20)
    assert (row.serving.median_minutes, row.held) == (1800, None)
    assert row.share_in_time == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("left", "look", "words"),
    [
        (timedelta(days=1, hours=3, minutes=9), "info", "剩 1 天 3 小时"),
        (timedelta(hours=8), "warn", "剩 8 小时"),
        (timedelta(minutes=40), "warn", "剩 40 分钟"),
        (timedelta(0), "warn", "剩 0 分钟"),
        (-timedelta(minutes=5), "crit", "超时 5 分钟"),
    ],
)
def test_a_clock_is_told_in_words_and_an_icon(left: timedelta, look: str, words: str) -> None:
    mark = time_left(TUESDAY_TEN + left, TUESDAY_TEN)
    assert (mark.look, mark.words) == (look, words)


@pytest.mark.parametrize(
    "name",
    ["retention:clock_board", "retention:request_list", "retention:clock_panel", "retention:breach_list",
     "retention:process_report", "retention:client_requests"],
)  # fmt: skip
def test_every_list_costs_the_same_however_long(
    cast: Cast, browse: Browse, query_budget: QueryBudget, name: str
) -> None:
    for number in range(12):
        ask(cast, number, timedelta(days=30))
    director = browse("zhao")
    address = reverse(name, args=[cast.wu.pk] if name.endswith("client_requests") else [])
    with query_budget(name):
        assert director.get(address).status_code == 200
