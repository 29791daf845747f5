"""Complaints as tests need them: made and moved by the operations themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from complaints import operations
from complaints.models import Complaint, State
from complaints.rules.wording import APPEAL
from office.dates import SHANGHAI
from office.models import Employee
from tests.conftest import Cast

MORNING = datetime(2026, 8, 24, 10, 0, tzinfo=SHANGHAI)  # a Monday
WAY = (State.ACCEPTED, State.INVESTIGATING, State.HANDLING, State.FEEDBACK, State.CLOSED)


def at(text: str) -> datetime:
    """Read a moment of the Shanghai clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def complain(cast: Cast, **fields: Any) -> Complaint:
    """Take a complaint of wu in: chen heard it on Monday morning, so he handles it."""
    given: dict[str, Any] = {
        "by": cast.chen, "channel": "phone", "category": "staff_attitude", "caller_name": "吴越",
        "content": "客户反映营业部人员答复拖延，且态度生硬。", "client": cast.wu, "now": MORNING,
    } | fields  # fmt: skip
    return operations.take_in(given.pop("branch", cast.branch), **given)


def walked(cast: Cast, to: str, *, complaint: Complaint | None = None, now: datetime = MORNING) -> Complaint:
    """Return a complaint in state `to` that chen handled and zhao approved; a closed one has its feedback."""
    one = complaint or complain(cast)
    by: dict[str, Any] = {"by": handler_of(one), "now": now}
    if to == State.REJECTED:
        return operations.reject(one, reason="不属于本营业部业务", appeal_text=APPEAL, **by)
    if to == State.WITHDRAWN:
        return operations.withdraw(one, reason="客户来电撤回", **by)
    for state in WAY[1 : WAY.index(State(to)) + 1]:
        one = _step(cast, one, state, by)
    return one


def answered(cast: Cast, **feedback: Any) -> Complaint:
    """Return a complaint whose client was told the result."""
    one = walked(cast, "feedback")
    given: dict[str, Any] = {"channel": "phone", "text": "已致歉并说明", "by": cast.chen, "now": MORNING} | feedback
    return operations.give_feedback(one, **given)


def handler_of(complaint: Complaint) -> Employee:
    """Return who handles it."""
    assert complaint.handler is not None
    return complaint.handler


def _step(cast: Cast, one: Complaint, state: str, by: dict[str, Any]) -> Complaint:
    if state == State.INVESTIGATING:
        return operations.start_investigation(one, **by)
    if state == State.HANDLING:
        return operations.record_cause(one, cause_code="attitude", cause_note="通话录音证实语气生硬", **by)
    if state == State.FEEDBACK:
        one = operations.propose_plan(one, plan="由负责人致歉", outcome="upheld", **by)
        return operations.approve_plan(one, by=cast.zhao, now=by["now"])
    one = operations.give_feedback(one, channel="phone", text="已致歉并说明", satisfaction=4, **by)
    return operations.close(one, **by)
