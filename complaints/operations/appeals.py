"""What a client may ask for beyond the answer: mediation, and a second opinion."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import MayNotApprove, WrongStep
from complaints.models import Complaint, Mediation
from complaints.operations.desk import land, require, require_handler, taken_up
from complaints.queries.staff import eligible_approvers
from complaints.rules.states import Act
from office.dates import SHANGHAI
from office.models import Employee

# What a new decision replaces; the timeline keeps what was there.
DECISION = (
    "plan", "planned_by", "outcome", "refusal_reason", "appeal_text", "approver", "approved_at", "feedback_at",
    "feedback_channel", "feedback_text", "satisfied", "satisfaction",
)  # fmt: skip


@transaction.atomic
def request_mediation(
    complaint: Complaint, *, note: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Write down that the client asks for mediation; after the end it is accepted at once.

    Raises WrongStep the second time, FactMissing without the institution.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.ASK_MEDIATION, by=by, version=version)
    require_handler(fresh, by, at)
    require("请记录客户向哪家机构申请调解", note)
    if fresh.mediation != Mediation.NONE:
        raise WrongStep(f"投诉 {fresh.no} 已登记调解申请")
    if not fresh.is_open:
        fresh.mediation = Mediation.ACCEPTED
        return land(fresh, Act.ACCEPT_MEDIATION, by=by, now=at, note=note.strip(), fields=["mediation"])
    fresh.mediation = Mediation.REQUESTED
    return land(fresh, Act.ASK_MEDIATION, by=by, now=at, note=note.strip(), fields=["mediation"])


@transaction.atomic
def accept_mediation(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Accept the mediation the client asked for; there is no operation that refuses it. Raises WrongStep."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.ACCEPT_MEDIATION, by=by, version=version)
    require_handler(fresh, by, at)
    if fresh.mediation != Mediation.REQUESTED:
        raise WrongStep(f"投诉 {fresh.no} 没有待同意的调解申请")
    fresh.mediation = Mediation.ACCEPTED
    return land(fresh, Act.ACCEPT_MEDIATION, by=by, now=at, note=note, fields=["mediation"])


@transaction.atomic
def second_opinion(
    complaint: Complaint,
    *,
    reviewer: Employee,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Take an answered complaint back to its plan, to be approved by `reviewer`, who had no part in the first decision.

    Once per complaint. Raises WrongStep, FactMissing without a reason, MayNotApprove for another reviewer.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.SECOND_OPINION, by=by, version=version)
    require_handler(fresh, by, at)
    require("请写明客户要求复核的理由；尚未反馈的投诉不用复核", reason, fresh.feedback_at)
    if fresh.reviewer_id is not None:
        raise WrongStep("复核只有一次；可告知客户申请调解或向监管机构反映")
    able = eligible_approvers(fresh, at.astimezone(SHANGHAI).date()).exclude(pk=fresh.approver_id or 0)
    if not able.filter(pk=reviewer.pk).exists():
        raise MayNotApprove("复核人须有批准权限，且未参与原处理")
    fresh.reviewer, fresh.reviewed_because = reviewer, reason.strip()
    forget_decision(fresh)
    return land(
        fresh, Act.SECOND_OPINION, by=by, now=at, note=reason.strip(), facts={"reviewer": reviewer.pk},
        fields=["reviewer", "reviewed_because", *DECISION],
    )  # fmt: skip


def forget_decision(complaint: Complaint, *, keep: tuple[str, ...] = ()) -> None:
    """Empty the decision of a complaint that goes back to its plan, but for the fields of `keep`."""
    for name in DECISION:
        if name not in keep:
            setattr(complaint, name, "" if isinstance(getattr(complaint, name), str) else None)
