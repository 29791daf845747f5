"""Why clients leave by year, what the branch answers to each reason, and how each answer did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser
from django.utils import timezone

from office.dates import SHANGHAI
from office.errors import DomainError
from office.models import AuditEntry
from retention.errors import NotAtThisPoint
from retention.models import Reason, ResponseNote, RetentionCase
from retention.operations.responses import write_response
from retention.queries.reasons import columns, measured, reasons_by_year
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.retention.making import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
REASONS, LIBRARY = "/retention/reasons/", "/retention/responses/"
YEARS = [2023, 2024, 2025, 2026]


def left(cast: Cast, number: int, year: int, reason: str) -> None:
    """Let a client ask to close in that year, for that reason."""
    client = make_client(cast.branch, f"8801000007{number:02}", name=f"客户{number}", manager=cast.li)
    at = datetime(year, 6, 3, 10, 0, tzinfo=SHANGHAI)
    ask(cast, client, reason=reason, now=at, requested_at=at)


def closed(cast: Cast, number: int, outcome: str, *, reason: str = "commission", learning: str = "") -> RetentionCase:
    """A case that ended so, opened without a request."""
    client = make_client(cast.branch, f"8801000008{number:02}", name=f"欧阳{number}", manager=cast.li)
    now = timezone.now()
    return RetentionCase.objects.create(
        branch=cast.branch, case_no=f"WL-8801-2608-{number:04}", client=client, trigger="signal", opened_on=now.date(),
        owner=cast.li, state="closed", outcome=outcome, reason=reason, learning=learning, closed_at=now,
    )  # fmt: skip


@pytest.mark.req("RET-03")
def test_reasons_are_counted_by_year_and_tell_who_stayed(cast: Cast) -> None:
    for number, (year, reason) in enumerate([(2025, "commission"), (2025, "commission"), (2026, "family"), (2026, "")]):
        left(cast, number, year, reason)
    for number in range(5):
        closed(cast, number, "kept" if number < 2 else "left")
    lines = {line.code: line for line in reasons_by_year(cast.zhao, YEARS)}
    assert lines["commission"].years(YEARS)[2] == (2, 0)
    assert lines["commission"].cases[timezone.localdate().year] == 5
    assert lines["commission"].kept_share == pytest.approx(0.4)
    assert lines["family"].requests[2026] == 1
    assert lines["unsaid"].requests[2026] == 1
    assert reasons_by_year(cast.wang, YEARS)[0].total == 0  # nobody else's clients


@pytest.mark.req("RET-09")
def test_the_causes_named_by_the_house_are_reasons_with_a_page(cast: Cast, browse: Browse) -> None:
    assert {"outside_broker", "poor_market", "commission"} <= set(Reason.values)
    for code in ("outside_broker", "poor_market", "commission"):
        assert browse("li").get(f"{LIBRARY}{code}/").status_code == 200
    assert browse("li").get(f"{LIBRARY}weather/").status_code == 404


def test_the_chart_adds_up_and_tells_the_finding(cast: Cast) -> None:
    for number in range(6):
        left(cast, number, 2026, Reason.values[number])
    left(cast, 7, 2026, Reason.values[0])
    chart = columns(reasons_by_year(cast.zhao, YEARS), YEARS)
    assert [column.total for column in chart.columns] == [0, 0, 0, 7]
    assert sum(chart.columns[-1].counts) == 7
    assert len(chart.legend) == 5
    assert "2026 年 7 件" in chart.finding


def test_the_report_opens_its_figures_and_goes_back_in_time(cast: Cast, browse: Browse) -> None:
    left(cast, 1, 2025, "commission")
    page = browse("zhao").get(REASONS).content.decode()
    assert "reason=commission&amp;since=2025-01-01&amp;until=2025-12-31" in page
    assert 'role="img"' in page
    earlier = browse("zhao").get(f"{REASONS}?year=2024")
    assert earlier.context["years"] == [2021, 2022, 2023, 2024]
    for odd in ("0000", "9999", "x", "٢٠٢٥"):
        assert browse("zhao").get(f"{REASONS}?year={odd}").status_code == 200


@pytest.mark.req("RET-03")
def test_cases_of_a_reason_and_year_lead_to_just_those_cases(cast: Cast, browse: Browse) -> None:
    year = timezone.localdate().year
    made, unsaid = closed(cast, 1, "kept"), closed(cast, 2, "left", reason="")
    earlier = closed(cast, 3, "left")
    RetentionCase.objects.filter(pk=earlier.pk).update(opened_on=made.opened_on.replace(year=year - 1, day=1))
    board = "/retention/cases/?part=all&asked=no"
    page = browse("zhao").get(REASONS).content.decode()
    for code, when, expected in (
        ("commission", year, made), ("commission", year - 1, earlier), ("unsaid", year, unsaid),
    ):  # fmt: skip
        address = f"{board}&reason={code}&year={when}"
        assert address.replace("&", "&amp;") in page
        answer = browse("zhao").get(address)
        assert [row.pk for row in answer.context["page"].rows] == [expected.pk]
    assert browse("zhao").get(f"{board}&year=99999").status_code == 200


def test_an_export_of_reasons_has_its_purpose_in_the_audit(cast: Cast, browse: Browse) -> None:
    left(cast, 1, 2026, "family")
    assert browse("zhao").post(f"{REASONS}export/").status_code == 422
    answer = browse("zhao").post(f"{REASONS}export/?year=2026", {"reason": "年度分析"})
    sheet = pd.read_excel(BytesIO(answer.content), engine="calamine")
    assert sheet.loc[sheet["原因"] == "家庭原因", "2026 申请"].tolist() == [1]
    assert AuditEntry.objects.get(action="retention.exported").reason == "年度分析"


@pytest.mark.req("RET-03")
def test_a_response_is_written_anew_and_the_old_one_stays(cast: Cast, browse: Browse) -> None:
    zhao = browse("zhao")
    for version, text in ((0, "费率走审批"), (1, "先听完，再走审批")):
        assert zhao.post(f"{LIBRARY}commission/write/", {"version": version, "text": text}).status_code == 302
    assert list(ResponseNote.objects.order_by("version").values_list("version", "text")) == [
        (1, "费率走审批"),
        (2, "先听完，再走审批"),
    ]
    for name in ("li", "zhou", "qian"):  # all who talk read it
        assert "先听完，再走审批" in browse(name).get(LIBRARY).content.decode()
    assert "先听完，再走审批" not in browse("sun").get(LIBRARY).content.decode()


def test_who_wrote_upon_an_old_version_keeps_his_words(cast: Cast, browse: Browse) -> None:
    write_response(cast.branch, "family", text="别人先写的", worked="", version=0, by=cast.zhao)
    answer = browse("zhao").post(f"{LIBRARY}family/write/", {"version": 0, "text": "我写的"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我写的" in page
    assert "别人先写的" in page
    assert answer.context["form"]["version"].value() == 1
    with pytest.raises(NotAtThisPoint):
        write_response(cast.branch, "family", text="我写的", worked="", version=0, by=cast.zhao)


@pytest.mark.parametrize("text", ["保证收益", "先拖延办理几天", "给客户返佣"])
def test_no_response_teaches_what_is_forbidden(cast: Cast, browse: Browse, text: str) -> None:
    answer = browse("zhao").post(f"{LIBRARY}commission/write/", {"version": 0, "text": text})
    assert answer.status_code == 422
    assert "不得使用" in answer.content.decode()
    with pytest.raises(DomainError):
        write_response(cast.branch, "commission", text=text, worked="", version=0, by=cast.zhao)
    assert not ResponseNote.objects.exists()


@pytest.mark.req("RET-03")
def test_each_version_is_measured_by_the_cases_of_its_time(cast: Cast, browse: Browse) -> None:
    write_response(cast.branch, "commission", text="第一版", worked="", version=0, by=cast.zhao)
    for number in range(3):
        closed(cast, number, "left")
    second = write_response(cast.branch, "commission", text="第二版", worked="", version=1, by=cast.zhao)
    ResponseNote.objects.filter(pk=second.pk).update(made_at=timezone.now() + timedelta(seconds=1))
    for number in range(3, 8):
        made = closed(cast, number, "kept", learning="当天回电最有用")
        RetentionCase.objects.filter(pk=made.pk).update(closed_at=timezone.now() + timedelta(hours=1))
    latest, first = measured(cast.zhao, "commission")
    assert (latest.ended, latest.kept, latest.kept_share) == (5, 5, 1.0)
    assert (first.ended, first.kept, first.kept_share) == (3, 0, None)  # too few to tell a share
    assert "当天回电最有用" in browse("li").get(f"{LIBRARY}commission/").content.decode()
    assert "当天回电最有用" not in browse("wang").get(f"{LIBRARY}commission/").content.decode()


@pytest.mark.req("RET-04")
def test_the_library_shows_the_script_of_every_reason_and_finds_by_a_word(cast: Cast, browse: Browse) -> None:
    page = browse("li").get(LIBRARY)
    assert len(page.context["entries"]) == len(Reason.values)
    assert all(entry["script"] for entry in page.context["entries"])
    found = browse("li").get(f"{LIBRARY}?q=佣金")
    assert "commission" in {entry["code"] for entry in found.context["entries"]}
    assert len(found.context["entries"]) < len(Reason.values)
    assert "没有找到" in browse("li").get(f"{LIBRARY}?q=天王盖地虎").content.decode()


def test_the_pages_of_reasons_cost_the_same_for_more(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(12):
        left(cast, number, 2026, Reason.values[number % len(Reason.values)])
    write_response(cast.branch, "family", text="别人先写的", worked="", version=0, by=cast.zhao)
    zhao = browse("zhao")
    with query_budget("retention:reasons"):
        zhao.get(REASONS)
    with query_budget("retention:responses"):
        zhao.get(LIBRARY)
    with query_budget("retention:response_detail"):
        zhao.get(f"{LIBRARY}family/")
