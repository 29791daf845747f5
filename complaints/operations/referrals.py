"""What other departments are asked for, and what they answer (CMP-10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import FactMissing, NotTheHandler, WrongStep
from complaints.models import Complaint, Referral
from complaints.operations.desk import land, notice_key, page_of, refuse_named, require, require_handler, taken_up
from complaints.rules.clocks import Terms, Unit, reckoned
from complaints.rules.states import Act
from office import queries
from office.models import Employee
from office.operations.notices import notify

ANSWER_WITHIN = 2  # working days, unless the handler says otherwise


@transaction.atomic
def refer(
    complaint: Complaint,
    to: Employee,
    *,
    request: str,
    by: Employee,
    working_days: int = ANSWER_WITHIN,
    version: int | None = None,
    now: datetime | None = None,
) -> Referral:
    """Ask `to` for his part in the complaint; he reads it from now on. Raises NamedInComplaint if it names him."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.REFER, by=by, version=version)
    require_handler(fresh, by, at)
    refuse_named(fresh, to)
    require("请写明转交事项", request)
    if working_days < 1:
        raise FactMissing("回复时限至少 1 个工作日")
    terms = Terms(at, working_days, Unit.WORKING_DAYS)
    due_at, _ = reckoned(queries.calendar(fresh.branch.calendar), terms)
    referral = Referral.objects.create(
        complaint=fresh, employee=to, request=request.strip(), sent_at=at, sent_by=by, due_at=due_at
    )
    land(fresh, Act.REFER, by=by, now=at, note=referral.request, facts={"to": to.pk})
    notify([to], notice_key(fresh, f"referral:{referral.pk}"), f"投诉 {fresh.no} 请您协助", page_of(fresh))
    return referral


@transaction.atomic
def answer_referral(
    referral: Referral, *, answer: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Referral:
    """Answer what was asked, once. Raises NotTheHandler for anybody but who was asked, WrongStep the second time."""
    at = now or timezone.now()
    fresh = taken_up(referral.complaint, Act.ANSWER, by=by, version=version)
    if by.pk != referral.employee_id:
        raise NotTheHandler("由被转交人回复")
    require("请填写回复内容", answer)
    unanswered = Referral.objects.filter(pk=referral.pk, answered_at=None)
    if unanswered.update(answer=answer.strip(), answered_at=at) != 1:
        raise WrongStep("此转交已回复")
    land(fresh, Act.ANSWER, by=by, now=at, note=answer.strip())
    referral.refresh_from_db()
    return referral
