"""Joining a repeat to the complaint it repeats, and undoing it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import NotMergeable
from complaints.models import Channel, Complaint, ComplaintParty
from complaints.operations import clocks
from complaints.operations.desk import land, refuse_named, require, require_handler, taken_up
from complaints.operations.parties import name
from complaints.rules.clocks import TRANSFERRED, Step
from complaints.rules.states import Act
from office.models import Employee


@transaction.atomic
def merge(
    repeat: Complaint,
    into: Complaint,
    *,
    reason: str,
    by: Employee,
    version: int | None = None,
    now: datetime | None = None,
) -> Complaint:
    """Join `repeat` to the earlier complaint of the same matter; who is named in either sees neither.

    Its clocks stop, those of the earlier one run on; a case that 12386 transferred keeps its own.
    Raises NotMergeable if one is joined already, is over, is later, or is another client's.
    """
    at = now or timezone.now()
    list(Complaint.objects.select_for_update().filter(pk__in=[repeat.pk, into.pk]).order_by("pk"))
    fresh = taken_up(repeat, Act.MERGE, by=by, version=version)
    main = Complaint.objects.get(pk=into.pk)
    refuse_named(main, by)
    require_handler(main, by, at)
    require("请写明并案的理由", reason)
    _check(fresh, main)
    _unite_parties(fresh, main, by=by, at=at)
    main.refresh_from_db()
    fresh.refresh_from_db()
    clocks.suspend(fresh, at)
    if fresh.channel in TRANSFERRED:
        clocks.start(main, Step.TRANSFER, fresh.received_at)
    fresh.merged_into, fresh.merged_at = main, at
    land(main, Act.MERGE, by=by, now=at, note=reason.strip(), facts={"repeat": fresh.pk})
    facts = {"into": main.pk}
    return land(fresh, Act.MERGE, by=by, now=at, note=reason.strip(), facts=facts, fields=["merged_into", "merged_at"])


@transaction.atomic
def unmerge(
    repeat: Complaint, *, reason: str, by: Employee, version: int | None = None, now: datetime | None = None
) -> Complaint:
    """Let a joined repeat stand by itself again, its clocks as if they had never stopped. Raises NotMergeable."""
    at = now or timezone.now()
    pair = [pk for pk in (repeat.pk, repeat.merged_into_id) if pk]
    list(Complaint.objects.select_for_update().filter(pk__in=pair).order_by("pk"))
    fresh = taken_up(repeat, Act.UNMERGE, by=by, version=version)
    if fresh.merged_into_id is None:
        raise NotMergeable(f"投诉 {fresh.no} 没有并案")
    main = Complaint.objects.get(pk=fresh.merged_into_id)
    require_handler(main, by, at)
    require("请写明撤销并案的理由", reason)
    ComplaintParty.objects.filter(complaint__in=[fresh, main], came_by=fresh).delete()
    ComplaintParty.objects.filter(complaint=fresh, came_by=main).delete()
    if main.channel not in TRANSFERRED:
        clocks.stop(main, [Step.TRANSFER], at)
    clocks.take_up(fresh)
    fresh.merged_into, fresh.merged_at = None, None
    land(main, Act.UNMERGE, by=by, now=at, note=reason.strip(), facts={"repeat": fresh.pk})
    return land(fresh, Act.UNMERGE, by=by, now=at, note=reason.strip(), fields=["merged_into", "merged_at"])


def _check(repeat: Complaint, main: Complaint) -> None:
    if repeat.pk == main.pk or repeat.branch_id != main.branch_id:
        raise NotMergeable("只能并入本营业部的另一件投诉")
    if main.merged_into_id is not None or repeat.repeats.exists():
        raise NotMergeable("已并案的投诉不能再并；请并入主投诉")
    if not main.is_open:
        raise NotMergeable(f"投诉 {main.no} 已结束，不能并入")
    if main.received_at > repeat.received_at:
        raise NotMergeable(f"投诉 {main.no} 收到较晚；请将后收到的并入先收到的，时限从先收到的算起")
    if repeat.client_id and main.client_id and repeat.client_id != main.client_id:
        raise NotMergeable("两件投诉属于不同客户，不能并案")
    if repeat.client_id and not main.client_id:
        raise NotMergeable(f"请先为投诉 {main.no} 关联客户")
    if Channel.HOTLINE in (repeat.channel, main.channel) and repeat.transfer_no and main.transfer_no:
        raise NotMergeable("两件投诉各有 12386 转办编号，须分别答复")


def _unite_parties(repeat: Complaint, main: Complaint, *, by: Employee, at: datetime) -> None:
    """Name in each of the two who is named in the other; undone together with the merge."""
    both = [list(one.parties.select_related("employee")) for one in (repeat, main)]
    for one, others in ((main, both[0]), (repeat, both[1])):
        for party in others:
            name(one, party.employee, by=by, at=at, reason="并案", came_by=repeat)
