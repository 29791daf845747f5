"""Who leaves is served within the law's time, and nothing in the house can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client
from office.dates import SHANGHAI, TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry, Employee, Notice, Role
from office.queries import calendar
from retention.errors import AlreadyRequested, BadRequestDate, NoLawfulGround, NotAtThisPoint
from retention.models import Block, ClosureRequest
from retention.operations.breaches import tell_breaches
from retention.operations.closures import complete, free, hold_up, register_request, withdraw
from retention.queries.grounds import lawful_grounds
from retention.rules.closing import deadline, settlement_of
from service_logs.models import Task
from tests.conftest import Cast, make_client

TUESDAY_TEN = datetime(2026, 8, 18, 10, 0, tzinfo=SHANGHAI)
State = ClosureRequest.State


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def ask(cast: Cast, **fields: Any) -> ClosureRequest:
    fields.setdefault("kind", "close")
    fields.setdefault("now", TUESDAY_TEN)
    return register_request(cast.wu, channel="counter", by=cast.zhou, **fields)


@pytest.mark.req("RET-06")
@pytest.mark.parametrize(
    ("requested_at", "settles_on", "due"),
    [
        pytest.param("2026-08-18 10:00", None, "2026-08-20 17:00", id="a plain Tuesday"),
        pytest.param("2026-08-18 23:59", None, "2026-08-20 17:00", id="late at night is the same day"),
        pytest.param("2026-08-21 10:00", None, "2026-08-25 17:00", id="Friday over the weekend"),
        pytest.param("2026-08-22 10:00", None, "2026-08-25 17:00", id="Saturday: Monday is the first day"),
        pytest.param("2026-09-30 16:00", None, "2026-10-09 17:00", id="before the National Day holiday"),
        pytest.param("2026-08-18 10:00", date(2026, 8, 19), "2026-08-21 17:00", id="settled a day later"),
        pytest.param("2026-08-18 10:00", date(2026, 8, 17), "2026-08-20 17:00", id="settled before"),
    ],
)
def test_two_trading_days_after_request_and_settlement(
    cast: Cast, requested_at: str, settles_on: date | None, due: str
) -> None:
    assert deadline(at(requested_at), settles_on, calendar(cast.branch.calendar)) == at(due)


@given(day=st.dates(date(2025, 2, 1), date(2026, 12, 1)), later=st.integers(0, 5), hour=st.integers(0, 23))
def test_the_deadline_is_always_a_close_of_a_trading_day_and_never_earlier(
    days_of_2026: TradingCalendar, day: date, later: int, hour: int
) -> None:
    days = days_of_2026
    asked = datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)
    settles_on = day + timedelta(days=later)
    due = deadline(asked, settles_on, days).astimezone(SHANGHAI)
    assert days.is_trading(due.date())
    assert due.hour == 17
    assert days.trading_days_between(max(day, settles_on), due.date()) == 2
    assert deadline(asked, None, days) <= due


@pytest.fixture(scope="module")
def days_of_2026(django_db_setup: None, django_db_blocker: Any) -> TradingCalendar:
    with django_db_blocker.unblock():
        return calendar()


def test_a_trade_of_today_is_settled_tomorrow_and_an_old_one_long_since(cast: Cast) -> None:
    days = calendar(cast.branch.calendar)
    assert settlement_of(date(2026, 8, 18), date(2026, 8, 18), days) == date(2026, 8, 19)
    assert settlement_of(date(2026, 8, 17), date(2026, 8, 18), days) is None
    assert settlement_of(None, date(2026, 8, 18), days) is None


@pytest.mark.parametrize(
    ("by", "settles_on", "why"),
    [("zhou", date(2026, 8, 21), "交收日不能晚于 2026-08-20"), ("li", date(2026, 8, 19), "由柜台填写")],
)
def test_no_settlement_is_named_that_no_market_has_and_none_by_marketing(
    cast: Cast, by: str, settles_on: date, why: str
) -> None:
    with pytest.raises(DomainError, match=why):
        register_request(
            cast.wu, kind="close", channel="counter", by=cast.people[by], settles_on=settles_on, now=TUESDAY_TEN
        )
    assert ask(cast, settles_on=date(2026, 8, 20)).due_at == at("2026-08-24 17:00")


def test_registering_starts_the_clock_and_tells_the_manager_at_once(cast: Cast) -> None:
    request = ask(cast)
    assert (request.state, request.due_at) == (State.REGISTERED, at("2026-08-20 17:00"))
    assert request.request_no == "XH-8801-2608-0001"
    task = Task.objects.get()
    assert (task.owner, task.rule.code if task.rule else "") == (cast.li, "leaving")
    assert task.due_at == at("2026-08-18 17:00")
    assert AuditEntry.objects.filter(action="retention.request_registered").count() == 1


def test_the_client_need_not_say_why(cast: Cast) -> None:
    assert ask(cast).reason == ""
    with pytest.raises(DomainError, match="原因不在清单内"):
        ask(cast, kind="transfer_sh", reason="because")


def test_the_same_wish_is_registered_once(cast: Cast) -> None:
    first = ask(cast)
    with pytest.raises(AlreadyRequested) as refused:
        ask(cast)
    assert refused.value.extra["id"] == first.pk
    assert ask(cast, kind="transfer_sh").request_no == "XH-8801-2608-0002"  # another wish is another request
    withdraw(first, by=cast.zhou, note="客户当面撤回")
    assert ask(cast).request_no == "XH-8801-2608-0003"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"requested_at": TUESDAY_TEN + timedelta(hours=1)}, "不能晚于现在"),
        ({"requested_at": TUESDAY_TEN - timedelta(days=15)}, "不能早于 14 天前"),
    ],
)
def test_a_request_lies_neither_ahead_nor_long_back(cast: Cast, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequestDate, match=words):
        ask(cast, **fields)


def test_a_part_must_be_named_and_an_account_must_be_his(cast: Cast) -> None:
    with pytest.raises(DomainError, match="写明范围"):
        ask(cast, kind="transfer_sz", is_partial=True)
    stranger = make_client(cast.branch, "880100000002").accounts.get()
    with pytest.raises(DomainError, match="账户不属于该客户"):
        ask(cast, account=stranger)


def test_who_has_left_cannot_leave_again(cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(status=Client.Status.CLOSED)
    cast.wu.refresh_from_db()
    with pytest.raises(DomainError, match="已销户"):
        ask(cast)


# --- The clock stands -----------------------------------------------------------------------------


@pytest.mark.req("RET-06")
@pytest.mark.parametrize("field", ["due_at", "requested_at", "settles_on"])
def test_the_database_lets_nothing_move_the_clock(cast: Cast, field: str) -> None:
    request = ask(cast)
    later = date(2026, 9, 1) if field == "settles_on" else TUESDAY_TEN + timedelta(days=9)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        ClosureRequest.objects.filter(pk=request.pk).update(**{field: later})
    request.refresh_from_db()
    assert request.due_at == at("2026-08-20 17:00")


@pytest.mark.req("RET-06")
def test_nor_is_the_deadline_moved_around_it(cast: Cast) -> None:
    request = ask(cast)
    later = TUESDAY_TEN + timedelta(days=60)
    rows = ClosureRequest.objects.filter(pk=request.pk)
    for fields in ({"deadline_at": later}, {"deadline_at": later, "freed_due_at": later}):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            rows.update(**fields)
    hold_up(request, Block.UNSETTLED, "依据", by=cast.zhou, now=TUESDAY_TEN)
    with pytest.raises(IntegrityError), transaction.atomic():  # two trading days are never sixty
        rows.update(state="registered", freed_at=TUESDAY_TEN, freed_due_at=later, deadline_at=later)


def test_a_year_that_is_not_uploaded_refuses_nobody(cast: Cast) -> None:
    days = calendar(cast.branch.calendar)
    eve = datetime(days.last.year, 12, 31, 10, tzinfo=SHANGHAI)
    assert deadline(eve, None, days).date() > eve.date()
    assert settlement_of(eve.date(), eve.date(), days) == eve.date() + timedelta(days=1)


def test_the_number_carries_the_month_of_shanghai(cast: Cast) -> None:
    assert ask(cast, now=at("2026-09-01 07:30")).request_no == "XH-8801-2609-0001"


def test_no_request_is_ever_deleted(cast: Cast) -> None:
    request = ask(cast)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        request.delete()


def test_only_a_ground_of_the_law_holds_a_request_up(cast: Cast) -> None:
    request = ask(cast)
    for block, evidence in [("manager_absent", "客户经理外出"), ("", "x"), (Block.MARGIN_DEBT, " ")]:
        with pytest.raises(NoLawfulGround):
            hold_up(request, block, evidence, by=cast.zhou)
    hold_up(request, Block.MARGIN_DEBT, "合约 R-17 未了结", by=cast.zhou, now=TUESDAY_TEN)
    assert (request.state, request.due_at) == (State.BLOCKED, at("2026-08-20 17:00"))
    with pytest.raises(NotAtThisPoint):
        complete(request, by=cast.zhou)


@pytest.mark.parametrize(
    ("freed_at", "owed_at"),
    [("2026-08-18 15:00", "2026-08-20 17:00"), ("2026-08-24 09:00", "2026-08-26 17:00")],
)
def test_once_free_it_is_due_in_two_trading_days_and_that_too_stands(cast: Cast, freed_at: str, owed_at: str) -> None:
    request = ask(cast)
    hold_up(request, Block.UNSETTLED, "8 月 18 日成交", by=cast.zhou, now=TUESDAY_TEN)
    free(request, by=cast.zhou, now=at(freed_at))
    assert (request.due_at, request.deadline_at) == (at("2026-08-20 17:00"), at(owed_at))
    hold_up(request, Block.UNSETTLED, "再次", by=cast.zhou, now=at(freed_at))
    free(request, by=cast.zhou, now=at("2026-09-01 09:00"))
    assert request.deadline_at == at(owed_at)  # holding it up again wins no time


def test_of_two_people_one_completes_it(cast: Cast) -> None:
    request = ask(cast)
    same = ClosureRequest.objects.get(pk=request.pk)
    complete(request, by=cast.zhou, now=at("2026-08-19 11:00"))
    with pytest.raises(NotAtThisPoint, match="已办结"):
        complete(same, by=cast.shen)
    assert not request.is_late(at("2026-09-01 10:00"))


@pytest.mark.parametrize(("done_at", "late"), [("2026-08-20 17:00", False), ("2026-08-20 17:01", True)])
def test_late_is_after_the_deadline_to_the_minute(cast: Cast, done_at: str, late: bool) -> None:
    request = ask(cast)
    complete(request, by=cast.zhou, now=at(done_at))
    assert request.is_late(at(done_at)) is late


# --- Who hears of it ------------------------------------------------------------------------------


def test_a_breach_goes_to_compliance_once(cast: Cast) -> None:
    request = ask(cast)
    assert tell_breaches(cast.branch, at("2026-08-20 16:59")).changed == 0
    assert tell_breaches(cast.branch, at("2026-08-20 17:01")).changed == 1
    assert tell_breaches(cast.branch, at("2026-08-21 09:00")).changed == 0
    assert [notice.employee for notice in Notice.objects.filter(key=f"closure-late:{request.pk}")] == [cast.qian]


@pytest.mark.parametrize("act", ["hold_up", "complete", "withdraw"])
def test_what_was_late_stays_late_whatever_is_done_afterwards(cast: Cast, act: str) -> None:
    request = ask(cast)
    late = at("2026-08-20 18:00")
    if act == "hold_up":
        hold_up(request, Block.JUDICIAL, "（2026）冻结 12 号", by=cast.zhou, now=late)
        free(request, by=cast.zhou, now=late)
    elif act == "complete":
        complete(request, by=cast.zhou, now=late)
    else:
        withdraw(request, by=cast.zhou, note="客户电话撤回", now=late)
    assert (request.breached_at, request.is_late(late)) == (at("2026-08-20 17:00"), True)
    assert Notice.objects.filter(key=f"closure-late:{request.pk}", employee=cast.qian).exists()
    assert tell_breaches(cast.branch, late + timedelta(days=9)).changed == 0
    with pytest.raises(InternalError), transaction.atomic():
        ClosureRequest.objects.filter(pk=request.pk).update(breached_at=None)


def test_who_saw_an_older_version_changes_nothing(cast: Cast) -> None:
    request = ask(cast)
    hold_up(request, Block.UNSETTLED, "依据", by=cast.zhou, version=1, now=TUESDAY_TEN)
    free(request, by=cast.zhou, version=2, now=TUESDAY_TEN)
    with pytest.raises(NotAtThisPoint, match="已有变化"):
        complete(request, by=cast.zhou, version=1)


def test_a_frozen_account_is_a_ground_the_facts_point_to(cast: Cast) -> None:
    cast.wu.accounts.update(status="frozen")
    [ground] = lawful_grounds(cast.wu, "close", TUESDAY_TEN.date(), calendar(cast.branch.calendar))
    assert (ground.block, ground.evidence) == (Block.PLEDGE_OR_FREEZE, "柜台账户 ****0001 为冻结状态")


def test_what_the_law_holds_up_is_no_breach(cast: Cast) -> None:
    hold_up(ask(cast), Block.JUDICIAL, "（2026）冻结 12 号", by=cast.zhou, now=TUESDAY_TEN)
    assert tell_breaches(cast.branch, at("2026-09-18 09:00")).seen == 0


@pytest.mark.parametrize(
    ("person", "sees"),
    [("li", True), ("wang", False), ("chen", True), ("zhao", True), ("qian", True), ("zhou", True), ("sun", False)],
)
def test_the_desk_sees_the_branch_and_everybody_else_his_clients(cast: Cast, person: str, sees: bool) -> None:
    ask(cast)
    assert ClosureRequest.objects.visible_to(cast.people[person]).exists() is sees


def test_a_desk_of_another_branch_sees_nothing(cast: Cast) -> None:
    ask(cast)
    cast.sun.roles = [Role.COUNTER]
    assert not ClosureRequest.objects.visible_to(cast.sun).exists()


Act = Callable[[ClosureRequest, Employee], None]
ACTS: dict[str, Act] = {
    "hold_up": lambda request, by: hold_up(request, Block.UNSETTLED, "依据", by=by),
    "free": lambda request, by: free(request, by=by),
    "complete": lambda request, by: complete(request, by=by),
    "withdraw": lambda request, by: withdraw(request, by=by, note="客户撤回"),
}
ALLOWED = {
    State.REGISTERED: {"hold_up", "complete", "withdraw"},
    State.BLOCKED: {"free", "withdraw"},
    State.DONE: set(),
    State.WITHDRAWN: set(),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", State)
def test_no_step_is_taken_out_of_turn(cast: Cast, state: State, act: str) -> None:
    request = ask(cast, now=TUESDAY_TEN)
    block = {"block": Block.UNSETTLED, "blocked_at": TUESDAY_TEN} if state == State.BLOCKED else {}
    ClosureRequest.objects.filter(pk=request.pk).update(state=state, **block)
    request.refresh_from_db()
    if act in ALLOWED[state]:
        ACTS[act](request, cast.zhou)
    else:
        with pytest.raises(NotAtThisPoint):
            ACTS[act](request, cast.zhou)
