"""Who is named in a complaint, who takes over from him, and what compliance lets him read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import FactMissing, FirstHandlerStays, MayNotApprove, WrongStep
from complaints.models import Complaint, ComplaintParty, State
from complaints.operations.appeals import DECISION, forget_decision
from complaints.operations.avoidance import take_back
from complaints.operations.desk import (
    forget_notices,
    land,
    notice_key,
    page_of,
    require,
    require_handler,
    taken_up,
)
from complaints.queries.scope import party_ids
from complaints.queries.staff import eligible_handlers, next_handler
from complaints.rules.states import Act
from office.dates import SHANGHAI
from office.models import Employee, Leave
from office.operations.notices import notify

APPROVED = (State.FEEDBACK, State.CLOSED)
PLAN = ("plan", "planned_by", "outcome", "refusal_reason", "appeal_text")  # what an approval was about


@transaction.atomic
def add_party(
    complaint: Complaint,
    employee: Employee,
    *,
    by: Employee,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Name `employee` in the complaint and in those joined with it, at any time.

    If he handled it, handling passes to who comes next in line; an approval he gave is void, and the
    complaint goes back to its plan. Raises WrongStep if he is named already, FactMissing for somebody
    of another branch.
    """
    at = now or timezone.now()
    _joined(complaint)  # in the order of ids before any other lock, so that two of them never wait for each other
    fresh = taken_up(complaint, Act.NAME, by=by, version=version)
    if by.pk != fresh.recorder_id and not by.has_perm("complaints.release_words"):
        require_handler(fresh, by, at)
    if employee.branch_id != fresh.branch_id:
        raise FactMissing("被投诉人须为本营业部员工")
    if employee.pk in party_ids(fresh):
        raise WrongStep(f"{employee.name} 已列为被投诉人")
    for one in _joined(fresh):
        name(one, employee, by=by, at=at, reason=reason, came_by=None if one == fresh else fresh)
    fresh.refresh_from_db()
    return fresh


def name(
    complaint: Complaint, employee: Employee, *, by: Employee, at: datetime, reason: str, came_by: Complaint | None
) -> None:
    """Name `employee` in the locked complaint, taking from him what he has a hand in, here and in other apps."""
    if employee.pk in party_ids(complaint):
        return
    if complaint.handler_id == employee.pk:
        _pass_on(complaint, avoid=party_ids(complaint) | {employee.pk}, by=by, at=at)
    _take_decision(complaint, employee, by=by, at=at)
    ComplaintParty.objects.create(complaint=complaint, employee=employee, named_at=at, named_by=by, came_by=came_by)
    forget_notices(complaint, employee)
    taken = take_back(complaint, [employee], by=by, at=at)
    note = "；".join(filter(None, (reason, taken)))
    land(complaint, Act.NAME, by=by, now=at, note=note, facts={"employee": employee.pk})


def _take_decision(complaint: Complaint, employee: Employee, *, by: Employee, at: datetime) -> None:
    if complaint.reviewer_id == employee.pk:
        complaint.reviewer = None
        complaint.save(update_fields=["reviewer"])
    if complaint.approver_id == employee.pk and complaint.state in APPROVED:
        forget_decision(complaint, keep=PLAN)
        land(
            complaint, Act.VOID_APPROVAL, by=by, now=at, facts={"approver": employee.pk},
            note="批准人被列为被投诉人，原批准失效，方案须重新批准", fields=DECISION,
        )  # fmt: skip
    if complaint.planned_by_id == employee.pk and complaint.state == State.HANDLING:
        forget_decision(complaint)
        complaint.save(update_fields=DECISION)


def _pass_on(complaint: Complaint, *, avoid: frozenset[int], by: Employee, at: datetime) -> None:
    """Give the complaint to who comes next in line; never to who approved it."""
    on = at.astimezone(SHANGHAI).date()
    manager = complaint.client.standing.manager_id if complaint.client is not None else None
    kept_out = avoid | ({complaint.approver_id} if complaint.approver_id else set())
    before = complaint.handler_id
    complaint.handler = next_handler(complaint.branch, on, avoid=kept_out, manager_id=manager)
    facts = {"from": before, "to": complaint.handler_id}
    land(complaint, Act.HAND_OVER, by=by, now=at, facts=facts, note="原处理人须回避", fields=["handler"])
    _tell(complaint)


@transaction.atomic
def hand_over(
    complaint: Complaint,
    to: Employee,
    *,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Give the complaint to another handler, because its own has left, is away or there is none.

    Raises FirstHandlerStays otherwise, MayNotApprove for somebody who may not handle it.
    """
    at = now or timezone.now()
    on = at.astimezone(SHANGHAI).date()
    fresh = taken_up(complaint, Act.HAND_OVER, by=by, version=version)
    if not by.has_perm("complaints.release_words"):  # compliance, where everybody above is named
        require_handler(fresh, by, at)
    require("请写明更换处理人的理由", reason)
    if fresh.handler is not None and fresh.handler.is_employed(on) and not _is_away(fresh.handler, at):
        raise FirstHandlerStays("首问负责：处理人在岗且无须回避，不能更换")
    if not eligible_handlers(fresh, on).filter(pk=to.pk).exists():
        raise MayNotApprove(f"{to.name} 不能处理此投诉（无权限、须回避或是批准人）")
    facts = {"from": fresh.handler_id, "to": to.pk}
    fresh.handler = to
    land(fresh, Act.HAND_OVER, by=by, now=at, note=reason.strip(), facts=facts, fields=["handler"])
    _tell(fresh)
    return fresh


@transaction.atomic
def release_words(
    complaint: Complaint,
    employee: Employee,
    *,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Let one who is named read what was said; he still takes no part in it.

    Compliance alone decides. Raises MayNotApprove for anybody else, WrongStep if he is not named or reads already.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.RELEASE, by=by, version=version)
    if not by.has_perm("complaints.release_words"):
        raise MayNotApprove("只有合规可以准予被投诉人查看")
    require("请写明准予查看的理由", reason)
    unread = fresh.parties.filter(employee=employee, released_at=None)
    if unread.update(released_at=at, released_by=by) != 1:
        raise WrongStep(f"{employee.name} 未列为被投诉人，或已准予查看")
    return land(fresh, Act.RELEASE, by=by, now=at, note=reason.strip(), facts={"employee": employee.pk})


def _joined(complaint: Complaint) -> list[Complaint]:
    """Return the complaint, what it is joined to and what is joined to it, all locked in the order of their ids."""
    root = Complaint.objects.values_list("merged_into", flat=True).get(pk=complaint.pk) or complaint.pk
    rows = Complaint.objects.select_for_update().order_by("pk")
    return list(rows.filter(pk=root) | rows.filter(merged_into=root))


def _is_away(handler: Employee, at: datetime) -> bool:
    on = at.astimezone(SHANGHAI).date()
    return Leave.objects.filter(employee=handler, starts_on__lte=on, ends_on__gte=on).exists()


def _tell(complaint: Complaint) -> None:
    if complaint.handler is not None:
        key = notice_key(complaint, f"handler:{complaint.version}")
        notify([complaint.handler], key, f"投诉 {complaint.no} 转由您处理", page_of(complaint))
