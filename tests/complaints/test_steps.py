"""The way of a complaint: every step with its facts, none skipped, none taken by two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from complaints import operations
from complaints.errors import (
    FactMissing,
    MayNotApprove,
    MediationCannotBeRefused,
    NotTheHandler,
    WrongStep,
)
from complaints.models import Complaint, State, Step
from complaints.rules.states import MOVES, STAYS, Act, may
from complaints.rules.wording import APPEAL
from office.dates import TradingCalendar
from office.errors import Conflict
from office.models import AuditEntry
from tests.complaints.making import MORNING, answered, at, complain, walked
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("calendar")
Do = Callable[[Cast, Complaint], Any]

ACTS: dict[Act, Do] = {
    Act.INVESTIGATE: lambda cast, one: operations.start_investigation(one, by=cast.chen, now=MORNING),
    Act.FIND_CAUSE: lambda cast, one: operations.record_cause(
        one, cause_code="skill", cause_note="业务不熟", by=cast.chen, now=MORNING
    ),
    Act.PROPOSE: lambda cast, one: operations.propose_plan(
        one, plan="致歉", outcome="upheld", by=cast.chen, now=MORNING
    ),
    Act.APPROVE: lambda cast, one: operations.approve_plan(one, by=cast.zhao, now=MORNING),
    Act.FEED_BACK: lambda cast, one: operations.give_feedback(
        one, channel="phone", text="已说明", by=cast.chen, now=MORNING
    ),
    Act.CLOSE: lambda cast, one: operations.close(one, by=cast.chen, now=MORNING),
    Act.REJECT: lambda cast, one: operations.reject(
        one, reason="不属于本营业部", appeal_text=APPEAL, by=cast.chen, now=MORNING
    ),
    Act.WITHDRAW: lambda cast, one: operations.withdraw(one, reason="来电撤回", by=cast.chen, now=MORNING),
    Act.SECOND_OPINION: lambda cast, one: operations.second_opinion(
        one, reviewer=cast.qian, reason="客户不接受", by=cast.chen, now=MORNING
    ),
    Act.PAUSE: lambda cast, one: operations.pause(one, reason="等待客户材料", by=cast.chen, now=MORNING),
    Act.RESUME: lambda cast, one: operations.resume(one, by=cast.chen, now=MORNING),
    Act.ASK_EXTENSION: lambda cast, one: operations.request_extension(
        one, days=10, reason="情况复杂", by=cast.chen, now=MORNING
    ),
    Act.ASK_MEDIATION: lambda cast, one: operations.request_mediation(
        one, note="向投服中心申请", by=cast.chen, now=MORNING
    ),
    Act.CLASSIFY: lambda cast, one: operations.classify(one, urgency="serious", by=cast.chen, now=MORNING),
    Act.REFER: lambda cast, one: operations.refer(one, cast.zhou, request="核对流水", by=cast.chen, now=MORNING),
}  # fmt: skip


def ready(cast: Cast, act: Act, state: str) -> Complaint:
    """Return a complaint in `state` that lacks nothing `act` needs but the right state."""
    one = walked(cast, state)
    if act == Act.APPROVE and state == State.HANDLING:
        one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen, now=MORNING)
    if act in (Act.CLOSE, Act.SECOND_OPINION) and state == State.FEEDBACK:
        one = operations.give_feedback(one, channel="phone", text="已说明", by=cast.chen, now=MORNING)
    if act == Act.RESUME and may(act, state):
        one = operations.pause(one, reason="等待材料", by=cast.chen, now=MORNING)
    return one


@pytest.mark.req("CMP-01")
@pytest.mark.parametrize("state", [str(state) for state in State])
@pytest.mark.parametrize("act", list(ACTS))
def test_every_act_is_allowed_in_its_states_and_refused_in_all_others(cast: Cast, act: Act, state: str) -> None:
    one = ready(cast, act, state)
    if may(act, state):
        ACTS[act](cast, one)
        one.refresh_from_db()
        assert one.state == (MOVES[act][1] if act in MOVES else state)
        return
    with pytest.raises(WrongStep) as refused:
        ACTS[act](cast, one)
    assert refused.value.status == 409
    one.refresh_from_db()
    assert one.state == state


def test_the_tables_know_the_same_states_and_acts_as_the_models() -> None:
    assert {str(act) for act in Act} == set(Step.Act.values)
    assert {str(state) for _, state in MOVES.values()} <= set(State.values)
    assert not MOVES.keys() & STAYS.keys()


@pytest.mark.req("CMP-01")
def test_a_complaint_walks_the_four_states_and_each_step_leaves_a_line(cast: Cast) -> None:
    closed = walked(cast, "closed")
    assert closed.state == State.CLOSED
    moves = [(step.from_state, step.to_state) for step in closed.steps.order_by("pk") if step.is_move]
    assert moves == [
        ("", "accepted"), ("accepted", "investigating"), ("investigating", "handling"), ("handling", "feedback"),
        ("feedback", "closed"),
    ]  # fmt: skip
    assert closed.ended_at == MORNING
    assert closed.due_at is None
    assert not closed.clocks.filter(stopped_at=None).exists()


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        pytest.param("handling", {"cause_code": ""}, marks=pytest.mark.req("CMP-03")),
        pytest.param("feedback", {"plan": ""}, marks=pytest.mark.req("CMP-04")),
        pytest.param("feedback", {"approver": None}, marks=pytest.mark.req("CMP-04")),
        pytest.param("closed", {"feedback_at": None}, marks=pytest.mark.req("CMP-05")),
        pytest.param("closed", {"ended_at": None}, marks=pytest.mark.req("CMP-01")),
        pytest.param("rejected", {"appeal_text": ""}, marks=pytest.mark.req("CMP-13")),
    ],
)
def test_the_database_itself_keeps_no_step_without_its_facts(cast: Cast, state: str, fields: dict[str, Any]) -> None:
    one = walked(cast, state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=one.pk).update(**fields)


@pytest.mark.parametrize(
    ("state", "do"),
    [
        pytest.param(
            "investigating",
            lambda cast, one: operations.record_cause(one, cause_code="skill", cause_note="  ", by=cast.chen),
            marks=pytest.mark.req("CMP-03"),
        ),
        pytest.param(
            "handling",
            lambda cast, one: operations.propose_plan(one, plan="", outcome="upheld", by=cast.chen),
            marks=pytest.mark.req("CMP-04"),
        ),
        pytest.param(
            "handling", lambda cast, one: operations.approve_plan(one, by=cast.zhao), marks=pytest.mark.req("CMP-04")
        ),
        pytest.param(
            "feedback", lambda cast, one: operations.close(one, by=cast.chen), marks=pytest.mark.req("CMP-05")
        ),
        pytest.param(
            "feedback",
            lambda cast, one: operations.give_feedback(one, channel="", text="已说明", by=cast.chen),
            marks=pytest.mark.req("CMP-05"),
        ),
        pytest.param(
            "accepted",
            lambda cast, one: operations.reject(one, reason="", appeal_text=APPEAL, by=cast.chen),
            marks=pytest.mark.req("CMP-13"),
        ),
        pytest.param(
            "accepted",
            lambda cast, one: operations.reject(one, reason="非本业务", appeal_text="谢谢", by=cast.chen),
            marks=pytest.mark.req("CMP-07"),
        ),
        ("feedback", lambda cast, one: operations.second_opinion(one, reviewer=cast.qian, reason="x", by=cast.chen)),
    ],
)
def test_a_step_without_its_facts_is_refused(cast: Cast, state: str, do: Do) -> None:
    one = walked(cast, state)
    with pytest.raises(FactMissing) as refused:
        do(cast, one)
    assert refused.value.status == 422


@pytest.mark.req("CMP-13")
def test_refusing_needs_an_unreasonable_demand_a_reason_and_the_ways_to_appeal(cast: Cast) -> None:
    one = walked(cast, "handling")
    refusal: dict[str, Any] = {"plan": "说明规则", "outcome": "refused", "by": cast.chen}
    reason = "要求赔偿投资亏损无依据"
    for said, appeal in (("", APPEAL), (reason, "请致电我们"), (reason, APPEAL)):  # the last: not examined yet
        with pytest.raises(FactMissing):
            operations.propose_plan(one, **refusal, refusal_reason=said, appeal_text=appeal)
    one = operations.classify(one, reasonableness="unreasonable", by=cast.chen)
    one = operations.propose_plan(one, **refusal, refusal_reason=reason, appeal_text=APPEAL)
    assert (one.outcome, one.appeal_text) == ("refused", APPEAL)


@pytest.mark.req("CMP-04")
def test_neither_handler_nor_author_approves_the_plan(cast: Cast) -> None:
    one = complain(cast, by=cast.zhao)
    assert one.handler == cast.zhao
    one = walked(cast, "handling", complaint=one)
    one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.zhao)
    for person in (cast.zhao, cast.chen, cast.li, cast.sun):
        with pytest.raises((MayNotApprove, NotTheHandler)):
            operations.approve_plan(one, by=person)
    one = operations.approve_plan(one, by=cast.qian)
    assert one.approver == cast.qian
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=one.pk).update(approver=cast.zhao)


def test_only_the_handler_and_who_directs_act(cast: Cast) -> None:
    one = complain(cast)
    for person in (cast.li, cast.wang, cast.zhou, cast.qian, cast.sun):
        with pytest.raises(NotTheHandler):
            operations.start_investigation(one, by=person)
    assert operations.start_investigation(one, by=cast.zhao).state == State.INVESTIGATING


def test_of_two_people_at_once_one_is_told_what_the_other_did(cast: Cast) -> None:
    first = complain(cast)
    second = Complaint.objects.get(pk=first.pk)
    operations.start_investigation(first, by=cast.chen)
    with pytest.raises(Conflict, match="刚被他人处理，当前为「调查」"):
        operations.start_investigation(second, by=cast.zhao)
    assert Step.objects.filter(complaint=first, act="investigate").count() == 1


def test_a_page_opened_earlier_is_told_by_its_version(cast: Cast) -> None:
    one = complain(cast)
    seen = one.version
    operations.classify(one, urgency="hard", by=cast.chen)
    one.refresh_from_db()
    with pytest.raises(Conflict):
        operations.start_investigation(one, by=cast.chen, version=seen)


def test_the_course_says_what_was_put_into_another_class(cast: Cast) -> None:
    one = operations.classify(complain(cast), urgency="hard", people_count=3, by=cast.chen)
    assert one.steps.latest("pk").note == "紧急程度：疑难，人数：3"


def test_mediation_can_only_be_accepted(cast: Cast) -> None:
    one = answered(cast, satisfaction=1)
    one = operations.request_mediation(one, note="向投服中心申请", by=cast.chen)
    with pytest.raises(MediationCannotBeRefused):
        operations.close(one, by=cast.chen)
    with pytest.raises(InternalError), transaction.atomic():
        Complaint.objects.filter(pk=one.pk).update(mediation="none")
    one = operations.accept_mediation(one, by=cast.chen)
    with pytest.raises(InternalError), transaction.atomic():
        Complaint.objects.filter(pk=one.pk).update(mediation="requested")
    assert operations.close(one, by=cast.chen).state == State.CLOSED
    assert not [name for name in dir(operations) if "mediation" in name and name not in MEDIATING]


MEDIATING = ("request_mediation", "accept_mediation")


@pytest.mark.parametrize("state", ["closed", "rejected"])
def test_mediation_asked_for_after_the_end_is_accepted_at_once(cast: Cast, state: str) -> None:
    one = operations.request_mediation(walked(cast, state), note="向法院诉前调解", by=cast.chen)
    assert one.mediation == "accepted"


def test_a_second_opinion_is_given_once_by_somebody_with_no_part_in_the_first(cast: Cast) -> None:
    one = answered(cast, satisfaction=2)
    for person in (cast.zhao, cast.chen, cast.li):
        with pytest.raises(MayNotApprove):
            operations.second_opinion(one, reviewer=person, reason="客户不接受", by=cast.chen)
    one = operations.second_opinion(one, reviewer=cast.qian, reason="客户不接受", by=cast.chen)
    assert (one.state, one.plan, one.feedback_at, one.approver) == ("handling", "", None, None)
    one = operations.propose_plan(one, plan="补发对账单", outcome="partly", by=cast.chen)
    with pytest.raises(MayNotApprove):
        operations.approve_plan(one, by=cast.zhao)
    one = operations.approve_plan(one, by=cast.qian)
    one = operations.give_feedback(one, channel="phone", text="已补发", by=cast.chen)
    with pytest.raises(WrongStep):
        operations.second_opinion(one, reviewer=cast.zhao, reason="仍不接受", by=cast.chen)


def test_the_timeline_and_the_receipt_cannot_be_changed(cast: Cast) -> None:
    one = complain(cast)
    for change in (
        lambda: Step.objects.filter(complaint=one).update(note="改"),
        lambda: Step.objects.filter(complaint=one).delete(),
        lambda: Complaint.objects.filter(pk=one.pk).update(received_at=at("2026-08-25T10:00")),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_every_step_is_audited_without_its_words(cast: Cast) -> None:
    one = walked(cast, "closed")
    entries = AuditEntry.objects.filter(subject_type="complaints.complaint", subject_id=str(one.pk)).order_by("pk")
    assert [entry.action.removeprefix("complaints.") for entry in entries] == [
        "taken_in", "investigated", "cause_found", "planned", "plan_approved", "fed_back", "closed",
    ]  # fmt: skip
    assert all(set(entry.after or {}) == {"step", "state"} and entry.subject_label == one.no for entry in entries)


def test_a_calendar_that_ends_refuses_no_complaint(cast: Cast, calendar: TradingCalendar) -> None:
    late = at(f"{calendar.last}T10:00")
    one = complain(cast, now=late)
    assert one.clocks.filter(is_provisional=True).count() >= 2
    assert one.due_at is not None
    assert one.due_at > late
