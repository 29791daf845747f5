"""Satisfaction as each one is shown it: a manager his own, never who said what, nothing of under five answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from python_calamine import CalamineWorkbook

from clients.models import AnswerSheet, Client
from complaints.models import Invitation, SurveyRun
from complaints.operations.surveys import end_run
from complaints.queries.satisfaction import report, topic_mean
from office.models import AuditEntry, Employee, Role
from tests.complaints.asking import ANGRY, CONTENT, answered, book, opened
from tests.conftest import Cast, make_employee

TODAY = date(2026, 8, 24)


@pytest.fixture
def desk(cast: Cast) -> Employee:
    return make_employee("1008", "蓝心", cast.branch, Role.SERVICE_STAFF)


def survey(cast: Cast, desk: Employee, by_manager: dict[str, tuple[int, int]], **fields: Any) -> SurveyRun:
    """Return a closed run: name → (content, angry) answers about that manager."""
    run = opened(cast, **fields)
    for name, (content, angry) in by_manager.items():
        clients = list(Client.objects.filter(standing__manager=cast.people[name]).order_by("pk"))
        answered(run, clients[:content], CONTENT, desk)
        answered(run, clients[content : content + angry], ANGRY, desk)
    end_run(run, by=cast.zhao)
    return run


@pytest.fixture
def books(cast: Cast) -> None:
    book(cast, cast.li, 9, start=100)
    book(cast, cast.wang, 9, start=200)
    book(cast, cast.chen, 9, start=300)


@pytest.mark.req("FBK-04")
@pytest.mark.usefixtures("books")
def test_the_branch_sees_managers_teams_and_runs_with_intervals(cast: Cast, desk: Employee) -> None:
    survey(cast, desk, {"li": (4, 1), "wang": (8, 0), "chen": (1, 1)}, title="春季")
    survey(cast, desk, {"li": (6, 0)}, title="夏季", opens_on=date(2026, 4, 1))
    found = report(cast.zhao, TODAY)
    assert (found.total.count, [line.run.title for line in found.trend]) == (21, ["春季", "夏季"])
    spring = report(cast.zhao, TODAY, found.trend[0].run.pk)
    assert [(line.label, line.figure.count) for line in spring.managers] == [("陈立", 2), ("李清", 5), ("王珂", 8)]
    assert [(line.label, line.figure.count) for line in spring.teams] == [("一团队", 7), ("不属于团队", 8)]
    li = spring.managers[1].figure
    assert li.share == 0.8
    assert li.mean == pytest.approx(3.4)
    assert li.share_low == pytest.approx(0.3755, abs=5e-4)
    assert li.share_high == pytest.approx(0.9638, abs=5e-4)
    assert (li.mean_low or 0) < 3.4 < (li.mean_high or 0)
    assert topic_mean(found.trend[0].run, "attitude", cast.li) == (5, 4.2)


@pytest.mark.req("FBK-05")
@pytest.mark.usefixtures("books")
def test_a_manager_sees_his_own_and_nothing_of_others(
    browse: Callable[[str], Browser], cast: Cast, desk: Employee
) -> None:
    run = survey(cast, desk, {"li": (5, 1), "wang": (7, 0)})
    found = report(cast.li, TODAY)
    assert [(line.label, line.figure.count) for line in found.managers] == [("李清", 6)]
    assert (found.total.count, found.trend[0].figure.count) == (6, 6)
    page = browse("li").get(f"/complaints/satisfaction/?run={run.pk}").content.decode()
    assert "6" in page
    assert not any(word in page for word in ("王珂", "客户10", "接电话很不耐烦"))


@pytest.mark.req("FBK-05")
@pytest.mark.usefixtures("books")
def test_no_filter_narrows_a_managers_view_below_five(
    browse: Callable[[str], Browser], cast: Cast, desk: Employee
) -> None:
    """Two runs, one of them with three answers: no page, total, trend, topic or export lets the three be told."""
    big = survey(cast, desk, {"li": (6, 1), "wang": (6, 0)}, title="大样本")
    small = survey(cast, desk, {"li": (2, 1), "wang": (6, 0)}, title="小样本", opens_on=date(2026, 4, 1))
    browser = browse("li")
    asked = (
        "", f"run={big.pk}", f"run={small.pk}", "run=0", "run=abc", f"run={small.pk}&tier=gold", "since=2026-04-01",
        f"manager={cast.wang.pk}", f"client={cast.wu.pk}", "team=1", f"run={big.pk}&run={small.pk}",
    )  # fmt: skip
    for query in asked:
        page = browser.get(f"/complaints/satisfaction/?{query}")
        found = page.context["report"]
        counts = {found.total.count, *(line.figure.count for line in [*found.managers, *found.teams, *found.trend])}
        assert counts == {7}, query
        assert all(line.count >= 5 for line in found.topics), query
        assert "小样本" not in page.content.decode()
        told = export(browser, query)
        if "run=" in query and query != f"run={big.pk}":  # one he is not shown is refused as one that never was
            assert told.status_code == 422, query
            assert "小样本" not in told.content.decode()
        else:
            assert {row[3] for row in lines(told)} == {7}, query


@pytest.mark.req("FBK-05")
@pytest.mark.usefixtures("books")
def test_looking_before_and_after_an_answer_tells_nothing(cast: Cast, desk: Employee) -> None:
    """While a run is open its figures stay closed to managers: the sixth answer cannot be told from five."""
    run = opened(cast)
    clients = list(Client.objects.filter(standing__manager=cast.li).order_by("pk"))
    for count in range(1, 8):
        answered(run, clients[count - 1 : count], CONTENT, desk)
        assert report(cast.li, TODAY).total.count == 0
        assert report(cast.zhao, TODAY).total.count == count
    end_run(run, by=cast.zhao)
    assert report(cast.li, TODAY).total.count == 7


@pytest.mark.req("FBK-05")
@pytest.mark.usefixtures("books")
def test_a_leader_cannot_subtract_his_way_to_few_answers(cast: Cast, desk: Employee) -> None:
    """chen leads li: of the two of himself nothing may be told, neither shown nor as the team less li."""
    survey(cast, desk, {"li": (6, 0), "chen": (1, 1), "wang": (7, 0)})
    found = report(cast.chen, TODAY)
    assert [(line.label, line.figure.count) for line in found.managers] == [("李清", 6)]
    assert (found.total.count, found.teams[0].figure.count, found.trend[0].figure.count) == (6, 6, 6)


@pytest.mark.usefixtures("books")
def test_who_leads_and_serves_is_shown_of_himself_what_a_manager_is(
    browse: Callable[[str], Browser], cast: Cast, desk: Employee
) -> None:
    cast.people["zhao"].roles = ["market_director", "client_manager"]
    cast.zhao.save()
    own = book(cast, cast.zhao, 3, start=400)
    run = opened(cast)
    answered(run, own, ANGRY, desk)
    answered(run, list(Client.objects.filter(standing__manager=cast.wang)[:6]), CONTENT, desk)
    end_run(run, by=desk)
    found = report(cast.zhao, TODAY)
    assert (found.total.count, [line.label for line in found.managers]) == (6, ["王珂"])
    sheet = AnswerSheet.objects.filter(about=cast.zhao).first()
    assert sheet is not None
    assert browse("zhao").get(f"/complaints/sheets/{sheet.pk}/").status_code == 404
    page = browse("zhao").get(f"/complaints/surveys/{run.pk}/?show=low").content.decode()
    assert f"/complaints/sheets/{sheet.pk}/" not in page


@pytest.mark.req("FBK-05")
@pytest.mark.usefixtures("books")
def test_no_route_tells_a_manager_who_said_what(browse: Callable[[str], Browser], cast: Cast, desk: Employee) -> None:
    run = survey(cast, desk, {"li": (5, 2)})
    sheet = AnswerSheet.objects.filter(about=cast.li, score=1).first()
    assert sheet is not None
    row = Invitation.objects.get(sheet=sheet)
    for name in ("li", "chen", "wang"):
        browser = browse(name)
        for address in (
            f"/complaints/sheets/{sheet.pk}/", f"/complaints/surveys/{run.pk}/", "/complaints/surveys/",
            f"/complaints/surveys/{run.pk}/calls/", f"/complaints/invitations/{row.pk}/answer/",
            "/complaints/findings/analysis/",
        ):  # fmt: skip
            assert browser.get(address).status_code in (403, 404), (name, address)
        assert not AnswerSheet.objects.visible_to(cast.people[name]).exists()
    assert "接电话很不耐烦" not in browse("li").get(f"/clients/{sheet.client_id}/").content.decode()


def test_an_export_is_written_down_with_its_purpose(browse: Callable[[str], Browser], cast: Cast) -> None:
    assert browse("zhao").post("/complaints/satisfaction/export/", {"reason": ""}).status_code == 422
    export(browse("zhao"), "")
    entry = AuditEntry.objects.get(action="complaints.satisfaction_exported")
    assert (entry.reason, entry.actor) == ("自查", cast.zhao)


@pytest.mark.usefixtures("books")
def test_satisfaction_keeps_its_budget(
    browse: Callable[[str], Browser], cast: Cast, desk: Employee, query_budget: Any
) -> None:
    for title in ("一", "二", "三"):
        survey(cast, desk, {"li": (5, 0), "wang": (5, 0), "chen": (5, 0)}, title=title)
    for name in ("zhao", "li"):
        browser = browse(name)
        with query_budget(f"complaints:satisfaction {name}"):
            assert browser.get("/complaints/satisfaction/").status_code == 200


def test_nothing_answered_is_said_plainly(browse: Callable[[str], Browser], cast: Cast) -> None:
    assert "达到 5 份后" in browse("li").get("/complaints/satisfaction/").content.decode()
    assert report(cast.zhou, timezone.localdate()).trend == []


def export(browser: Browser, query: str) -> Any:
    return browser.post(f"/complaints/satisfaction/export/?{query}", {"reason": "自查"})


def lines(told: Any) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(told.content)).get_sheet_by_index(0).to_python()[1:]
