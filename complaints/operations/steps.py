"""The steps of a complaint: 受理 → 调查 → 处理 → 反馈 → 结案; each with the facts it cannot be taken without.

Every function locks the complaint, checks it against the version the caller saw, and returns it as it then stands.
Each raises NamedInComplaint, NotTheHandler, Conflict and WrongStep as `desk.taken_up` does.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import FactMissing, MediationCannotBeRefused
from complaints.models import Complaint, Mediation, Outcome, Reasonableness
from complaints.operations import clocks
from complaints.operations.desk import land, require, require_approver, require_handler, taken_up
from complaints.rules.classes import tells_appeal
from complaints.rules.clocks import Step as Measure
from complaints.rules.states import Act
from office.models import Employee

SATISFIED_FROM, SCALE = 3, (1, 5)  # of the satisfaction the client names


@transaction.atomic
def start_investigation(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Begin to look into what was said."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.INVESTIGATE, by=by, version=version)
    require_handler(fresh, by, at)
    return land(fresh, Act.INVESTIGATE, by=by, now=at, note=note)


@transaction.atomic
def record_cause(
    complaint: Complaint,
    *,
    cause_code: str,
    cause_note: str,
    by: Employee,
    reasonableness: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Write down what the investigation found; with it the handling begins (CMP-03). Raises FactMissing."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.FIND_CAUSE, by=by, version=version)
    require_handler(fresh, by, at)
    require("请选择原因并说明调查结果", cause_code, cause_note)
    fresh.cause_code, fresh.cause_note = cause_code, cause_note.strip()
    fresh.reasonableness = reasonableness or fresh.reasonableness
    return land(
        fresh, Act.FIND_CAUSE, by=by, now=at, note=fresh.cause_note, facts={"cause": cause_code},
        fields=["cause_code", "cause_note", "reasonableness"],
    )  # fmt: skip


@transaction.atomic
def propose_plan(
    complaint: Complaint,
    *,
    plan: str,
    outcome: str,
    by: Employee,
    refusal_reason: str = "",
    appeal_text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Propose how the complaint is settled; may be done anew until somebody approves (CMP-04).

    Refusing needs a reason, the finding that the demand is not reasonable, and the ways to appeal
    (CMP-13). Raises FactMissing.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.PROPOSE, by=by, version=version)
    require_handler(fresh, by, at)
    require("请填写处理方案和处理结论", plan, outcome)
    if outcome == Outcome.REFUSED:
        _check_refusal(fresh, refusal_reason, appeal_text)
    fresh.plan, fresh.outcome, fresh.planned_by = plan.strip(), outcome, by
    refused = outcome == Outcome.REFUSED
    fresh.refusal_reason, fresh.appeal_text = (refusal_reason.strip(), appeal_text.strip()) if refused else ("", "")
    return land(
        fresh, Act.PROPOSE, by=by, now=at, note=fresh.plan,
        facts={"outcome": outcome, "reason": fresh.refusal_reason},
        fields=["plan", "outcome", "planned_by", "refusal_reason", "appeal_text"],
    )  # fmt: skip


def _check_refusal(complaint: Complaint, reason: str, appeal: str) -> None:
    require("不支持客户诉求须写明理由", reason)
    if complaint.reasonableness not in (Reasonableness.UNREASONABLE, Reasonableness.PARTLY):
        raise FactMissing("合理的诉求不能作不支持处理；请先核实并更新合理性")
    if not tells_appeal(appeal):
        raise FactMissing("不支持客户诉求须告知救济途径（12386 热线，以及调解、仲裁或诉讼）")


@transaction.atomic
def approve_plan(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Approve the plan; with it the answer is owed. Raises MayNotApprove for handler and author, FactMissing."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.APPROVE, by=by, version=version)
    require("尚无处理方案，不能批准", fresh.plan, fresh.outcome)
    require_approver(fresh, by, at)
    fresh.approver, fresh.approved_at = by, at
    return land(fresh, Act.APPROVE, by=by, now=at, note=note, fields=["approver", "approved_at"])


@transaction.atomic
def give_feedback(
    complaint: Complaint,
    *,
    channel: str,
    text: str,
    by: Employee,
    satisfied: bool | None = None,
    satisfaction: int | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Write down what the client was told, how, and how he took it (CMP-05). Raises FactMissing.

    `satisfaction` is 1 to 5; at 3 and above he counts as satisfied.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.FEED_BACK, by=by, version=version)
    require_handler(fresh, by, at)
    require("请填写反馈方式和反馈内容", channel, text)
    if satisfaction is not None and not SCALE[0] <= satisfaction <= SCALE[1]:
        raise FactMissing("满意度为 1 至 5 分")
    fresh.feedback_at, fresh.feedback_channel, fresh.feedback_text = at, channel, text.strip()
    fresh.satisfaction = satisfaction
    fresh.satisfied = satisfaction >= SATISFIED_FROM if satisfaction is not None else satisfied
    clocks.stop(fresh, [Measure.FEEDBACK, Measure.RESULT, Measure.TRANSFER], at)
    return land(
        fresh, Act.FEED_BACK, by=by, now=at, note=fresh.feedback_text,
        facts={"channel": channel, "satisfied": fresh.satisfied, "satisfaction": satisfaction},
        fields=["feedback_at", "feedback_channel", "feedback_text", "satisfaction", "satisfied"],
    )  # fmt: skip


@transaction.atomic
def close(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Close what was answered. Raises FactMissing without feedback, MediationCannotBeRefused while it is asked for."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.CLOSE, by=by, version=version)
    require_handler(fresh, by, at)
    require("尚未向客户反馈，不能结案", fresh.feedback_at)
    if fresh.mediation == Mediation.REQUESTED:
        raise MediationCannotBeRefused("客户已申请调解，须先同意调解才能结案")
    return land(fresh, Act.CLOSE, by=by, now=at, note=note)


@transaction.atomic
def reject(
    complaint: Complaint,
    *,
    reason: str,
    appeal_text: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Do not take the complaint up: with a reason, and with the ways to appeal. Raises FactMissing."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.REJECT, by=by, version=version)
    require_handler(fresh, by, at)
    require("不予受理须写明理由", reason)
    if not tells_appeal(appeal_text):
        raise FactMissing("不予受理须告知救济途径（12386 热线，以及调解、仲裁或诉讼）")
    fresh.refusal_reason, fresh.appeal_text = reason.strip(), appeal_text.strip()
    return land(fresh, Act.REJECT, by=by, now=at, note=fresh.refusal_reason, fields=["refusal_reason", "appeal_text"])


@transaction.atomic
def withdraw(
    complaint: Complaint, *, reason: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """End the complaint because the client took it back; how he said so is written down. Raises FactMissing."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.WITHDRAW, by=by, version=version)
    require_handler(fresh, by, at)
    require("请记录客户撤回的方式和理由", reason)
    return land(fresh, Act.WITHDRAW, by=by, now=at, note=reason.strip())
