"""Clocks of one complaint as they run, stand still, are extended, and rise when they are late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from complaints import operations
from complaints.errors import AlreadyExtended, FactMissing, MayNotApprove, WrongStep
from complaints.models import Clock, ClockSetting, Complaint, Step
from complaints.operations.deadlines import reckon_again, tick
from complaints.queries.limits import limits
from complaints.tasks import remove_expired_papers, watch_deadlines
from office.dates import TradingCalendar
from office.models import Employee, Notice, Role
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import Cast, make_employee

pytestmark = pytest.mark.usefixtures("calendar")


def running(complaint: Complaint) -> dict[str, datetime]:
    rows = complaint.clocks.filter(stopped_at=None, paused_at=None)
    return {clock.step: clock.due_at for clock in rows}


@pytest.mark.req("CMP-05")
def test_every_step_has_its_own_clock_beside_those_of_the_whole(cast: Cast) -> None:
    one = complain(cast)
    whole = {"result": at("2026-09-14T17:00"), "limit": at("2026-10-23T10:00")}
    assert running(one) == whole | {"receipt": at("2026-08-25T17:00")}
    assert one.due_at == at("2026-08-25T17:00")
    one = operations.start_investigation(one, by=cast.chen, now=at("2026-08-24T11:00"))
    assert running(one) == whole | {"decision": at("2026-08-31T17:00")}
    one = walked(cast, "handling", complaint=complain(cast, urgency="serious"))
    assert running(one)["handling"] == at("2026-09-02T17:00")
    one = walked(cast, "feedback", complaint=complain(cast))
    assert running(one) == whole | {"feedback": at("2026-08-27T17:00")}
    one = operations.give_feedback(one, channel="phone", text="已说明", by=cast.chen, now=MORNING)
    assert set(running(one)) == {"limit"}
    assert one.due_at == whole["limit"]


def test_a_case_that_12386_transferred_has_a_clock_of_its_own(cast: Cast) -> None:
    one = complain(cast, channel="hotline_12386", transfer_no="ZB-1")
    assert running(one)["transfer"] == at("2026-09-14T17:00")


def test_what_came_at_night_runs_from_its_receipt_and_is_due_by_day(cast: Cast) -> None:
    one = complain(cast, received_at=at("2026-08-22T00:00"))
    assert running(one)["receipt"] == at("2026-08-24T17:00")


def test_a_pause_moves_deadlines_by_its_working_time_but_not_the_hard_limit(cast: Cast) -> None:
    one = complain(cast)
    one = operations.pause(one, reason="等客户材料", by=cast.chen, now=at("2026-08-24T11:00"))
    assert one.is_paused
    assert set(running(one)) == {"limit"}
    one = operations.resume(one, by=cast.chen, now=at("2026-08-24T14:00"))  # lunch: 1.5 hours of work
    assert not one.is_paused
    assert running(one)["receipt"] == at("2026-08-26T10:30")
    assert running(one)["limit"] == at("2026-10-23T10:00")
    with pytest.raises(WrongStep):
        operations.resume(one, by=cast.chen, now=at("2026-08-24T15:00"))


def test_a_pause_needs_a_reason_and_heals_nothing_that_is_late(cast: Cast) -> None:
    one = complain(cast)
    with pytest.raises(FactMissing):
        operations.pause(one, reason=" ", by=cast.chen, now=MORNING)
    late = at("2026-08-26T10:00")
    one = operations.pause(one, reason="等客户材料", by=cast.chen, now=late)
    assert running(one).keys() == {"receipt", "limit"}  # the late one runs on
    with pytest.raises(WrongStep):
        operations.pause(one, reason="再等", by=cast.chen, now=late)


def test_a_step_taken_while_the_clocks_stand_still_lets_them_run(cast: Cast) -> None:
    one = operations.pause(complain(cast), reason="等客户材料", by=cast.chen, now=at("2026-08-24T11:00"))
    one = operations.start_investigation(one, by=cast.chen, now=at("2026-08-24T14:00"))
    assert not one.is_paused
    assert running(one)["result"] == at("2026-09-15T10:30")


def test_time_is_extended_once_by_who_did_not_ask_for_it(cast: Cast) -> None:
    one = walked(cast, "investigating")
    before = running(one)
    for days in (0, 31):
        with pytest.raises(FactMissing):
            operations.request_extension(one, days=days, reason="情况复杂", by=cast.chen, now=MORNING)
    with pytest.raises(FactMissing):
        operations.extend(one, by=cast.zhao, now=MORNING)
    one = operations.request_extension(one, days=30, reason="情况复杂", by=cast.chen, now=MORNING)
    assert running(one) == before
    with pytest.raises(MayNotApprove):
        operations.extend(one, by=cast.chen, now=MORNING)
    one = operations.extend(one, by=cast.zhao, now=MORNING)
    assert running(one) == {
        "decision": at("2026-09-30T17:00"), "result": at("2026-10-14T17:00"), "limit": at("2026-11-20T17:00"),
    }  # fmt: skip
    with pytest.raises(AlreadyExtended):
        operations.request_extension(one, days=5, reason="再延", by=cast.chen, now=MORNING)
    with pytest.raises(AlreadyExtended):
        operations.extend(one, by=cast.zhao, now=MORNING)


def test_an_extension_is_declined_with_a_reason_and_who_asked_is_told(cast: Cast) -> None:
    one = walked(cast, "investigating")
    before = running(one)
    with pytest.raises(FactMissing, match="尚未申请"):
        operations.decline_extension(one, reason="可以按期", by=cast.zhao, now=MORNING)
    one = operations.request_extension(one, days=30, reason="情况复杂", by=cast.chen, now=MORNING)
    with pytest.raises(MayNotApprove):
        operations.decline_extension(one, reason="可以按期", by=cast.chen, now=MORNING)
    with pytest.raises(FactMissing, match="理由"):
        operations.decline_extension(one, reason=" ", by=cast.zhao, now=MORNING)
    one = operations.decline_extension(one, reason="可以按期办结", by=cast.zhao, now=MORNING)
    assert running(one) == before
    assert (one.extension_days, one.extension_by, one.extended_at) == (None, None, None)
    assert told(cast.chen)[-1] == f"投诉 {one.no} 的延长申请被驳回，时限不变"
    line = one.steps.latest("pk")
    assert (line.act, line.note, line.by) == ("decline_extension", "可以按期办结", cast.zhao)
    one = operations.request_extension(one, days=5, reason="须调取录音", by=cast.chen, now=MORNING)
    assert operations.extend(one, by=cast.zhao, now=MORNING).extended_at == MORNING


def told(employee: Employee) -> list[str]:
    return list(Notice.objects.filter(employee=employee).order_by("pk").values_list("text", flat=True))


@pytest.fixture
def head(cast: Cast) -> Employee:
    return make_employee("1009", "郑总", cast.branch, Role.BRANCH_MANAGER)


def test_a_late_clock_rises_level_by_level_and_only_in_working_time(cast: Cast, head: Employee) -> None:
    one = complain(cast, by=cast.zhao)  # due on Tuesday at 17:00
    assert tick(cast.branch, at("2026-08-25T20:00")).changed == 0
    assert tick(cast.branch, at("2026-08-26T00:00")).changed == 0
    rises = {
        "2026-08-26T09:00": cast.chen, "2026-08-26T14:30": cast.zhao, "2026-08-27T11:00": head,
        "2026-08-27T16:30": cast.qian,
    }  # fmt: skip
    for moment, person in rises.items():
        before = told(person)
        assert tick(cast.branch, at(moment)).changed == 1, moment
        assert tick(cast.branch, at(moment)).changed == 0
        assert [*before, f"投诉 {one.no}「受理」已逾期"] == told(person)
    assert tick(cast.branch, at("2026-08-28T16:30")).changed == 0  # the cap
    clock = one.clocks.get(step="receipt")
    assert (clock.level, one.steps.filter(act="escalate").count()) == (4, 4)


def test_nothing_rises_on_a_holiday_or_its_eve_at_midnight(cast: Cast) -> None:
    complain(cast, now=at("2026-09-28T10:00"))
    for moment in ("2026-10-01T10:00", "2026-10-05T15:00", "2026-10-08T00:00", "2026-09-29T17:01"):
        assert tick(cast.branch, at(moment)).changed == 0
        assert not Step.objects.filter(act="escalate").exists()
    assert tick(cast.branch, at("2026-09-30T09:00")).changed == 1


def test_a_level_where_everybody_is_named_is_passed_over(cast: Cast, head: Employee) -> None:
    one = complain(cast, by=cast.zhou, parties=[cast.chen, cast.zhao])
    assert one.handler == head
    tick(cast.branch, at("2026-08-26T09:00"))
    assert f"投诉 {one.no}「受理」已逾期" in told(head)
    assert one.clocks.get(step="receipt").level == 3
    assert told(cast.chen) == told(cast.zhao) == []


def test_the_handler_is_reminded_once_shortly_before(cast: Cast) -> None:
    one = complain(cast, by=cast.zhou)
    assert tick(cast.branch, at("2026-08-25T11:00")).changed == 0
    assert tick(cast.branch, at("2026-08-25T14:00")).changed == 1
    assert tick(cast.branch, at("2026-08-25T14:10")).changed == 0
    assert told(cast.chen)[-1] == f"投诉 {one.no}「受理」即将到期"


def test_a_paused_or_ended_complaint_rises_no_more(cast: Cast) -> None:
    operations.pause(complain(cast), reason="等材料", by=cast.chen, now=MORNING)
    walked(cast, "withdrawn")
    assert tick(cast.branch, at("2026-08-28T10:00")).changed == 0


def test_the_watch_looks_at_every_branch_and_may_be_called_again(cast: Cast) -> None:
    complain(cast)
    watch_deadlines()
    remove_expired_papers()


def test_deadlines_guessed_beyond_the_calendar_are_set_right_once_it_is_known(
    cast: Cast, calendar: TradingCalendar
) -> None:
    one = complain(cast, now=at(f"{calendar.last}T10:00") - timedelta(days=6))
    guessed = one.clocks.get(step="result")
    assert guessed.is_provisional
    known = TradingCalendar(
        calendar.first, calendar.last + timedelta(days=400), calendar.trading,
        (*calendar.working, *(calendar.last + timedelta(days=n) for n in range(60, 400))),
    )  # fmt: skip
    assert reckon_again(cast.branch, calendar) == 0
    assert reckon_again(cast.branch, known) >= 1
    right = one.clocks.get(step="result")
    assert not right.is_provisional
    assert right.due_at > guessed.due_at


def test_a_branch_sets_its_own_limits_within_bounds(cast: Cast) -> None:
    for step, amount in (("receipt", 0), ("limit", 61), ("extension", 31), ("decision", 61)):
        with pytest.raises(FactMissing):
            operations.set_limit(cast.branch, step, amount, by=cast.zhao)
    operations.set_limit(cast.branch, "receipt", 2, by=cast.zhao)
    assert running(complain(cast))["receipt"] == at("2026-08-26T17:00")
    assert limits(cast.other_branch)["receipt"].amount == 1
    call_command("migrate", "complaints", verbosity=0)  # seeds again
    assert ClockSetting.objects.filter(step="receipt").count() == 2
    assert Clock.objects.filter(step="receipt").get().certainty == "C"
