"""A client asks for another manager; the director decides, and only then anything changes (ALC-08)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from clients.models import Client, ClientStanding
from clients.operations.assignments import assign_clients
from office.audit import record
from office.errors import DomainError
from office.menu import link
from office.models import Employee, Role, ServiceKey
from office.operations.notices import notify
from segmentation.models import ManagerChangeRequest, ManagerWish
from segmentation.operations.handover import build_dossiers
from segmentation.operations.wishes import record_wish
from segmentation.queries.allocation import eligible_managers

State = ManagerChangeRequest.State
REASON = "经理更换"  # in the service relation: who reads it there learns nothing of the request
DECIDERS = (Role.MARKET_DIRECTOR, Role.BRANCH_MANAGER)


class ChangeRefused(DomainError):
    """The client cannot be given to this person, or not by this one."""


@transaction.atomic
def ask_for_change(
    client: Client,
    *,
    channel: str,
    by: Employee | ServiceKey,
    wished: Employee | None = None,
    reason: str = ManagerChangeRequest.Reason.UNSAID,
    words: str = "",
    now: datetime | None = None,
) -> ManagerChangeRequest:
    """Write down that a client asks for another manager; the directors hear of it, the present manager does not.

    Raises ChangeRefused for a client who has left, has asked already, or wishes who serves him now or cannot.
    """
    if client.status == Client.Status.CLOSED:
        raise ChangeRefused("客户已销户")
    at, present = now or timezone.now(), client.standing.manager
    if wished is not None:
        _check(client, wished, present, at, wished_id=wished.pk)
    change = ManagerChangeRequest(
        branch=client.branch, client=client, present=present, wished=wished, reason=reason, words=words.strip()[:400],
        channel=channel, asked_at=at, taken_by=by if isinstance(by, Employee) else None,
        service_key=by if isinstance(by, ServiceKey) else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as refused:
        if not ManagerChangeRequest.objects.filter(client=client, state=State.OPEN).exists():
            raise
        raise ChangeRefused("该客户更换经理的申请正在等待决定，不必重复登记") from refused
    record("segmentation.change_asked", change, by=by, after={"reason": reason, "channel": channel})
    _tell_deciders(change)
    return change


@transaction.atomic
def grant_change(
    change: ManagerChangeRequest, to: Employee, *, by: Employee, version: int, note: str = "",
    now: datetime | None = None,
) -> None:  # fmt: skip
    """Give the client to `to` from today on; the dossier is made, and nobody stands in whom he asked to leave.

    Raises ChangeRefused if the client has left, or `to` may not be given clients or would decide for himself.
    """
    at = now or timezone.now()
    ClientStanding.objects.select_for_update(of=("self",)).get(client=change.client_id)  # nobody moves him meanwhile
    client = Client.objects.select_related("standing__manager", "branch").get(pk=change.client_id)
    former = client.standing.manager
    if client.status == Client.Status.CLOSED:
        raise ChangeRefused("客户已销户，请登记为不同意或客户撤回")
    _check(client, to, former, at, wished_id=change.wished_id)
    if to.pk == by.pk:
        raise ChangeRefused("不能把客户批给自己，请由另一位负责人决定")
    _decide(change, version, State.GRANTED, by=by, at=at, note=note, given_to=to)
    today = timezone.localdate(at)
    if former is not None:
        _wish(client, former, ManagerWish.Kind.REFUSE, by=by, at=at)
    if to.pk == change.wished_id:
        _wish(client, to, ManagerWish.Kind.STAY, by=by, at=at)
    assign_clients([(client.pk, to.pk)], on=today, reason=REASON)
    build_dossiers(client.branch, today, by=by)
    record("segmentation.change_granted", change, by=by, after={"given_to": to.name}, reason=note[:200])
    notify(
        [to], f"change-to:{change.pk}", f"{client.name} 改由您服务，请阅读交接档案", link("segmentation:handover_list")
    )
    if former is not None:
        notify([former], f"change-from:{change.pk}", f"一位客户改由 {to.name} 服务，您的客户名单已更新")


@transaction.atomic
def refuse_change(
    change: ManagerChangeRequest, *, note: str, by: Employee, version: int, now: datetime | None = None
) -> None:
    """Turn a request down, with what is told to the client. Raises DomainError without a reason."""
    if not note.strip():
        raise DomainError("请写明不同意的原因，并由柜台告知客户")
    _decide(change, version, State.REFUSED, by=by, at=now or timezone.now(), note=note)
    record("segmentation.change_refused", change, by=by, reason=note.strip()[:200])
    if change.taken_by is not None:
        text = f"客户 {change.client.client_no} 更换经理的申请未获同意，请告知客户原因"
        notify([change.taken_by], f"change-refused:{change.pk}", text, change.get_absolute_url())


@transaction.atomic
def withdraw_change(
    change: ManagerChangeRequest, *, note: str, by: Employee, version: int, now: datetime | None = None
) -> None:
    """Note that the client took his request back."""
    if not note.strip():
        raise DomainError("请写明客户如何表示撤回")
    _decide(change, version, State.WITHDRAWN, by=by, at=now or timezone.now(), note=note)
    record("segmentation.change_withdrawn", change, by=by, reason=note.strip()[:200])


def _check(client: Client, to: Employee, present: Employee | None, at: datetime, *, wished_id: int | None) -> None:
    if present is not None and to.pk == present.pk:
        raise ChangeRefused(f"{to.name} 正是现客户经理，请另选一位")
    able = eligible_managers(client.branch, timezone.localdate(at))
    if to.pk not in able:
        raise ChangeRefused("这位员工不在本营业部")
    why = able[to.pk]
    if why is not None:
        raise ChangeRefused(f"{to.name} 不能接手客户：{why.value}")
    refused = ManagerWish.objects.filter(client=client, employee=to, kind=ManagerWish.Kind.REFUSE)
    if to.pk != wished_id and refused.exists():
        raise ChangeRefused(f"客户曾表示不要 {to.name}，请另选一位")


def _decide(
    change: ManagerChangeRequest, version: int, state: str, *, by: Employee, at: datetime, note: str, **values: Any
) -> None:
    rows = ManagerChangeRequest.objects.filter(pk=change.pk, state=State.OPEN, version=version)
    decided = {"decided_by": by, "decided_at": at, "note": note.strip()[:200], "version": F("version") + 1}
    if rows.update(state=state, **decided, **values) != 1:
        change.refresh_from_db()
        raise DomainError(f"这份申请已有变化，现为「{change.get_state_display()}」，请刷新页面后再办理")
    change.refresh_from_db()


def _wish(client: Client, employee: Employee, kind: str, *, by: Employee, at: datetime) -> None:
    wish = ManagerWish(client=client, employee=employee, kind=kind, said_on=timezone.localdate(at), note=REASON)
    record_wish(client, wish, by=by)


def _tell_deciders(change: ManagerChangeRequest) -> None:
    people = Employee.objects.filter(branch=change.branch_id, is_active=True).exclude(pk=change.present_id or 0)
    deciders = [person for person in people if person.has_role(*DECIDERS)]
    notify(deciders, f"change-asked:{change.pk}", "一位客户申请更换经理，请决定", change.get_absolute_url())
