"""Standing still and going on, and the one extension of a complaint's time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import AlreadyExtended, FactMissing, MayNotApprove, WrongStep
from complaints.models import Complaint
from complaints.operations import clocks
from complaints.operations.desk import (
    land,
    notice_key,
    page_of,
    require,
    require_approver,
    require_handler,
    taken_up,
)
from complaints.queries.limits import limits
from complaints.queries.scope import is_named
from complaints.rules.states import Act
from office.models import Employee
from office.operations.notices import notify


@transaction.atomic
def pause(
    complaint: Complaint, *, reason: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Let the clocks stand still while somebody else is waited for; the hard limits run on.

    Raises FactMissing without a reason, WrongStep if it stands still already or nothing is left to stop.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.PAUSE, by=by, version=version)
    require_handler(fresh, by, at)
    require("请写明暂停计时的理由", reason)
    if fresh.is_paused or not clocks.pause(fresh, at):
        raise WrongStep(f"投诉 {fresh.no} 没有可以暂停的计时（已暂停或已逾期）")
    fresh.is_paused = True
    return land(fresh, Act.PAUSE, by=by, now=at, note=reason.strip(), fields=["is_paused"])


@transaction.atomic
def resume(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Let the clocks go on; each deadline is later by the working time of the pause. Raises WrongStep."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.RESUME, by=by, version=version)
    require_handler(fresh, by, at)
    if not fresh.is_paused:
        raise WrongStep(f"投诉 {fresh.no} 没有暂停计时")
    clocks.resume(fresh, at)
    fresh.is_paused = False
    return land(fresh, Act.RESUME, by=by, now=at, note=note, fields=["is_paused"])


@transaction.atomic
def request_extension(
    complaint: Complaint,
    *,
    days: int,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Ask for more calendar days. Raises FactMissing beyond the limit or without reason, AlreadyExtended."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.ASK_EXTENSION, by=by, version=version)
    require_handler(fresh, by, at)
    _refuse_second(fresh)
    most = limits(fresh.branch)["extension"].amount
    require("请写明延长的理由", reason)
    if not 1 <= days <= most:
        raise FactMissing(f"延长不超过 {most} 日")
    fresh.extension_days, fresh.extension_reason, fresh.extension_by = days, reason.strip(), by
    return land(
        fresh, Act.ASK_EXTENSION, by=by, now=at, note=fresh.extension_reason, facts={"days": days},
        fields=["extension_days", "extension_reason", "extension_by"],
    )  # fmt: skip


@transaction.atomic
def extend(
    complaint: Complaint, *, by: Employee, note: str = "", version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Approve the extension that was asked for, once. Raises MayNotApprove for who asked, AlreadyExtended."""
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.EXTEND, by=by, version=version)
    _require_request(fresh, by, at)
    assert fresh.extension_days is not None
    clocks.lengthen(fresh, fresh.extension_days)
    fresh.extended_at = at
    facts = {"days": fresh.extension_days}
    return land(fresh, Act.EXTEND, by=by, now=at, note=note, facts=facts, fields=["extended_at"])


@transaction.atomic
def decline_extension(
    complaint: Complaint, *, reason: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Turn down the extension that was asked for and tell who asked why; the clocks run on as they did.

    He may ask again, with better reasons. Raises FactMissing without a reason or a request, MayNotApprove for who
    asked.
    """
    at = now or timezone.now()
    fresh = taken_up(complaint, Act.DECLINE_EXTENSION, by=by, version=version)
    _require_request(fresh, by, at)
    require("请写明驳回延长的理由", reason)
    asker, facts = fresh.extension_by, {"days": fresh.extension_days}
    fresh.extension_days, fresh.extension_reason, fresh.extension_by = None, "", None
    fields = ["extension_days", "extension_reason", "extension_by"]
    land(fresh, Act.DECLINE_EXTENSION, by=by, now=at, note=reason.strip(), facts=facts, fields=fields)
    if asker is not None and not is_named(fresh, asker):
        key = notice_key(fresh, f"declined:{fresh.version}")
        notify([asker], key, f"投诉 {fresh.no} 的延长申请被驳回，时限不变", page_of(fresh))
    return fresh


def _require_request(complaint: Complaint, by: Employee, at: datetime) -> None:
    """Raise unless an extension waits for a decision and `by` may decide it."""
    _refuse_second(complaint)
    require("尚未申请延长", complaint.extension_days)
    require_approver(complaint, by, at)
    if by.pk == complaint.extension_by_id:
        raise MayNotApprove("申请人不能决定自己的延长申请")


def _refuse_second(complaint: Complaint) -> None:
    if complaint.extended_at is not None:
        raise AlreadyExtended(f"投诉 {complaint.no} 已延长过一次")
