"""Findings: drawn from complaints and answers, given a measure, done, measured again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone

from clients.models import AnswerSheet, Client
from complaints.errors import FactMissing, OwnFinding, TooFewAnswers, WrongStep
from complaints.models import Finding, ServiceStandard
from complaints.operations.findings import (
    Found,
    drop,
    find,
    finish,
    plan_measure,
    publish_standard,
    remeasure,
    reopen,
)
from complaints.operations.surveys import end_run
from complaints.queries.findings import analysis
from office.errors import Conflict
from office.models import Employee, Notice, Role
from tests.complaints.asking import ANGRY, CONTENT, answered, book, finding, opened
from tests.complaints.making import complain
from tests.conftest import Cast, make_employee

NOW = date(2026, 12, 1)


@pytest.fixture
def desk(cast: Cast) -> Employee:
    return make_employee("1008", "蓝心", cast.branch, Role.SERVICE_STAFF)


def planned(cast: Cast, one: Finding, owner: Employee, *, due_on: date | None = None) -> Finding:
    return plan_measure(
        one, measure_kind="training", measure="组织培训", owner=owner, due_on=due_on or timezone.localdate(),
        version=one.version, by=cast.zhao,
    )  # fmt: skip


def done(cast: Cast, one: Finding) -> Finding:
    held = planned(cast, one, cast.chen)
    return finish(held, result="已培训", done_on=timezone.localdate(), version=held.version, by=cast.chen)


@pytest.mark.req("FBK-02")
@pytest.mark.req("CMP-15")
def test_what_several_say_is_common_and_what_one_says_individual(
    browse: Callable[[str], Browser], cast: Cast, desk: Employee, calendar: Any
) -> None:
    clients = book(cast, cast.li, 9)
    run = opened(cast)
    answered(run, clients[:3], ANGRY, desk)
    answered(run, clients[3:], CONTENT, desk)
    complain(cast, category="system_fault", client=clients[5])
    complain(cast, category="staff_attitude", client=clients[0])  # one of the three: counted once
    lines = {line.topic: line for line in analysis(cast.zhao, date(2026, 1, 1), date(2099, 1, 1))}
    said = {topic: (line.clients, line.kind, len(line.complaint_ids)) for topic, line in lines.items()}
    assert said == {"attitude": (3, "common", 1), "speed": (3, "common", 0), "channel": (1, "individual", 1)}
    page = browse("zhao").get("/complaints/findings/analysis/?since=2026-01-01&until=2099-01-01&topic=attitude")
    assert "共性" in page.content.decode()
    assert len(page.context["sheets"]) == 3


@pytest.mark.req("FBK-03")
def test_from_finding_to_measured_again(cast: Cast, desk: Employee) -> None:
    clients = book(cast, cast.li, 8)
    before = opened(cast, title="整改前")
    answered(before, clients[:6], ANGRY, desk)
    end_run(before, by=cast.zhao)
    one = done(cast, finding(cast, base_run=before))
    after = opened(cast, title="整改后", opens_on=timezone.localdate())
    answered(after, clients[:4], CONTENT, desk)
    with pytest.raises(WrongStep, match="还在进行"):
        remeasure(one, after, version=one.version, by=cast.zhao)
    answered(after, clients[4:], CONTENT, desk)
    end_run(after, by=cast.zhao)
    one = remeasure(one, after, version=one.version, by=cast.zhao)
    assert (one.state, one.mean_before, one.mean_after, one.change) == ("remeasured", 1.0, 5.0, 4.0)
    assert (one.count_before, one.count_after) == (6, 8)
    assert reopen(one, reason="又有反映", version=one.version, by=cast.zhao).state == "open"


def test_four_answers_prove_nothing(cast: Cast, desk: Employee) -> None:
    one = done(cast, finding(cast))
    after = opened(cast, opens_on=timezone.localdate())
    answered(after, book(cast, cast.li, 3) and list(Client.objects.filter(branch=cast.branch)), CONTENT, desk)
    end_run(after, by=cast.zhao)
    with pytest.raises(TooFewAnswers):
        remeasure(one, after, version=one.version, by=cast.zhao)


def test_a_run_of_before_the_measure_proves_nothing(cast: Cast) -> None:
    early = opened(cast, opens_on=date(2026, 1, 1))
    end_run(early, by=cast.zhao)
    one = done(cast, finding(cast))
    with pytest.raises(WrongStep, match="完成之后"):
        remeasure(one, early, version=one.version, by=cast.zhao)


@pytest.mark.req("QUA-06")
def test_attitude_proposes_training_on_the_page(browse: Callable[[str], Browser], cast: Cast) -> None:
    page = browse("zhao").get(f"/complaints/findings/{finding(cast).pk}/plan/")
    assert page.context["form"].initial["measure_kind"] == "training"
    assert "培训" in page.context["form"].initial["measure"]


def test_whoever_it_is_about_neither_owns_nor_sees_it(browse: Callable[[str], Browser], cast: Cast) -> None:
    one = finding(cast, kind="individual", client=cast.wu, about=cast.li)
    with pytest.raises(OwnFinding):
        planned(cast, one, cast.li)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=one.pk).update(owner=cast.li)
    assert browse("li").get(one.get_absolute_url()).status_code == 404
    assert one.title not in browse("li").get("/complaints/findings/").content.decode()
    with pytest.raises(OwnFinding):
        find(Found("关于自己", "attitude", "common", about=cast.zhao), by=cast.zhao)


def test_what_one_sheet_says_is_about_who_served(cast: Cast, desk: Employee) -> None:
    run = opened(cast)
    answered(run, [cast.wu], ANGRY, desk)
    one = find(Found("个别", "speed", "individual", client=cast.wu, sheets=[AnswerSheet.objects.get()]), by=cast.zhao)
    assert one.about == cast.li
    assert one.proposal[0] == "personal"
    assert not Finding.objects.visible_to(cast.li).exists()


def test_the_owner_is_told_and_notes_the_result(browse: Callable[[str], Browser], cast: Cast) -> None:
    one = planned(cast, finding(cast), cast.chen)
    assert Notice.objects.get(employee=cast.chen).url == one.get_absolute_url()
    with pytest.raises(OwnFinding):
        finish(one, result="做了", done_on=NOW, version=one.version, by=cast.wang)
    with pytest.raises(FactMissing):
        finish(one, result=" ", done_on=NOW, version=one.version, by=cast.chen)
    assert finish(one, result="做了", done_on=NOW, version=one.version, by=cast.chen).state == "done"


def test_of_two_at_one_finding_the_second_is_told(cast: Cast) -> None:
    one = finding(cast)
    stale = Finding.objects.get(pk=one.pk)
    planned(cast, one, cast.chen)
    with pytest.raises(Conflict):
        drop(stale, reason="重复", version=stale.version, by=cast.zhao)
    with pytest.raises(WrongStep):
        remeasure(one, opened(cast), version=one.version, by=cast.zhao) if one.done_on else reopen(
            one, reason="再来", version=one.version, by=cast.zhao
        )


def test_overdue_measures_stand_out(browse: Callable[[str], Browser], cast: Cast) -> None:
    late = planned(cast, finding(cast), cast.chen, due_on=timezone.localdate() - timedelta(days=2))
    planned(cast, finding(cast, title="没有逾期"), cast.chen)
    page = browse("zhao").get("/complaints/findings/?show=overdue").content.decode()
    assert late.title in page
    assert "没有逾期" not in page
    assert "逾期 2 天" in browse("zhao").get("/complaints/findings/board/").content.decode()


def test_managers_are_not_told_how_many_said_so(browse: Callable[[str], Browser], cast: Cast) -> None:
    one = finding(cast, clients_count=3, answered_count=40)
    assert "涉及客户" in browse("zhao").get(one.get_absolute_url()).content.decode()
    assert "涉及客户" not in browse("li").get(one.get_absolute_url()).content.decode()


@pytest.mark.req("QUA-05")
def test_a_published_standard_reaches_everybody(browse: Callable[[str], Browser], cast: Cast) -> None:
    publish_standard(slogan="用心", promises="三声内接听\n当日答复", note="", by=cast.zhao)
    made = publish_standard(slogan="用心", promises="两声内接听", note="提高", by=cast.zhao)
    assert (made.version, ServiceStandard.objects.count()) == (2, 2)
    assert Notice.objects.filter(employee=cast.zhou, text__contains="第 2 版").count() == 1
    assert "两声内接听" in browse("zhou").get("/complaints/standard/").content.decode()
    assert "两声内接听" not in browse("sun").get("/complaints/standard/").content.decode()


def test_the_pages_of_findings_keep_their_budget(
    browse: Callable[[str], Browser], cast: Cast, query_budget: Any
) -> None:
    for n in range(12):
        planned(cast, finding(cast, title=f"事项 {n}", client=cast.wu), cast.chen)
        finding(cast, title=f"待定 {n}")
    browser = browse("zhao")
    for name in ("list", "board", "analysis"):
        address = {"list": "", "board": "board/", "analysis": "analysis/"}[name]
        with query_budget(f"complaints:finding_{name}"):
            assert browser.get(f"/complaints/findings/{address}").status_code == 200
