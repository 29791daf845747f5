"""Requests to leave: registered, held up by the law alone, done, withdrawn by the client.

Nothing here takes a deadline: `due_at` comes from the calendar and is written once.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from clients.models import Account, Client
from office.audit import record
from office.dates import SHANGHAI, TradingCalendar
from office.errors import DomainError
from office.jobs import Ledger
from office.models import Branch, Employee, ServiceKey
from office.queries import calendar
from office.rights import COUNTER_DESK
from retention.errors import AlreadyRequested, BadRequestDate, NoLawfulGround, NotAtThisPoint
from retention.models import Block, ClosureRequest, Reason
from retention.operations.breaches import note_breach
from retention.operations.numbering import next_number
from retention.queries.grounds import last_trade_on
from retention.rules.closing import OLDEST_BACKDATE, deadline, latest_settlement, settlement_of
from service_logs.operations.events import Event, raise_events

State = ClosureRequest.State
LEAVING = "leaving"  # the MOT type a request raises at once
TOLD_WITHIN = timedelta(days=2)  # the worker looks back so far for what a broker lost


def register_request(
    client: Client,
    *,
    kind: str,
    channel: str,
    by: Employee | ServiceKey,
    account: Account | None = None,
    is_partial: bool = False,
    part: str = "",
    reason: str = "",
    reason_note: str = "",
    requested_at: datetime | None = None,
    settles_on: date | None = None,
    arrived_at: datetime | None = None,
    now: datetime | None = None,
    tells: bool = True,
) -> ClosureRequest:
    """Take a request in and start its clock: the clock needs no approval, no talk and no further paper.

    `settles_on` is the day the counter, and nobody else, names for the last settlement; without it the last
    trade tells. `reason` may stay empty: the client need not say. The manager hears of it at once (MOT 8), or with
    `tells` off by the worker, which the caller asks for: whoever waits for the answer waits for no more than it.
    Raises AlreadyRequested, BadRequestDate, and DomainError for a client who has left.
    """
    at = now or timezone.now()
    asked_at = requested_at or at
    _check(client, account, reason, part if is_partial else "整体")
    _check_times(asked_at, arrived_at, at)
    days = calendar(client.branch.calendar)
    asked_on = asked_at.astimezone(SHANGHAI).date()
    if settles_on is not None:
        _check_settlement(settles_on, asked_on, days, by)
    settled = settles_on or settlement_of(last_trade_on(client, asked_on), asked_on, days)
    due_at = deadline(asked_at, settled, days)
    request = ClosureRequest(
        branch=client.branch, client=client, account=account, kind=kind, is_partial=is_partial, part=part.strip(),
        channel=channel, reason=reason, reason_note=reason_note.strip(), arrived_at=arrived_at, requested_at=asked_at,
        settles_on=settled, registered_at=at, registered_by=by if isinstance(by, Employee) else None,
        service_key=by if isinstance(by, ServiceKey) else None, due_at=due_at, deadline_at=due_at,
    )  # fmt: skip
    try:
        _register(request, by, tells=tells)
    except IntegrityError as refused:
        if (before := _requested_before(request)) is None:
            raise
        raise before from refused
    return request


def tell_managers(branch: Branch, now: datetime) -> Ledger:
    """Raise MOT 8 for the requests registered lately; those that were told already are counted and left."""
    lately = ClosureRequest.objects.filter(branch=branch, registered_at__gte=now - TOLD_WITHIN).owed()
    return raise_events(branch, [_event(request) for request in lately.order_by("pk")], now=now)


def _check(client: Client, account: Account | None, reason: str, part: str) -> None:
    if client.status == Client.Status.CLOSED:
        raise DomainError("客户已销户，无需再登记")
    if account is not None and account.client_id != client.pk:
        raise DomainError("账户不属于该客户，请重新选择")
    if reason and reason not in Reason.values:
        raise DomainError("原因不在清单内；客户可以不作说明")
    if not part.strip():
        raise DomainError("部分转出须写明范围，如证券代码与数量")


def _check_times(asked_at: datetime, arrived_at: datetime | None, now: datetime) -> None:
    latest = now + timedelta(minutes=1)  # for clocks that differ
    if asked_at > latest or (arrived_at or asked_at) > latest:
        raise BadRequestDate("申请与到达时间不能晚于现在")
    if asked_at < now - OLDEST_BACKDATE:
        raise BadRequestDate(f"申请时间不能早于 {OLDEST_BACKDATE.days} 天前，请核对日期")
    if arrived_at is not None and arrived_at < now - OLDEST_BACKDATE:
        raise BadRequestDate(f"到达时间不能早于 {OLDEST_BACKDATE.days} 天前，请核对日期")


def _check_settlement(settles_on: date, asked_on: date, days: TradingCalendar, by: Employee | ServiceKey) -> None:
    """Raise BadRequestDate for a day that would move the deadline further than a market's settlement can."""
    if isinstance(by, Employee) and not by.has_role(*COUNTER_DESK):
        raise BadRequestDate("最后交收日由柜台填写；请留空，由成交记录推算")
    latest = latest_settlement(asked_on, days)
    if settles_on > latest:
        raise BadRequestDate(f"交收日不能晚于 {latest:%Y-%m-%d}（申请后第二个交易日），请核对日期")


@transaction.atomic
def _register(request: ClosureRequest, by: Employee | ServiceKey, *, tells: bool) -> None:
    on = timezone.localdate(request.registered_at)
    request.request_no = next_number(ClosureRequest, "request_no", "XH", request.branch, on)
    request.save(force_insert=True)
    record("retention.request_registered", request, by=by, after=_told(request))
    if tells:
        raise_events(request.branch, [_event(request)], now=request.registered_at)


def _requested_before(request: ClosureRequest) -> AlreadyRequested | None:
    """Return what to tell who registers a request that is open already."""
    same = ClosureRequest.objects.owed().filter(client=request.client, kind=request.kind, account=request.account)
    held = same.first()
    if held is None:
        return None
    return AlreadyRequested(
        f"该客户已有办理中的申请 {held.request_no}，不必重复登记",
        id=held.pk, request_no=held.request_no, due_at=held.due_at.isoformat(),
    )  # fmt: skip


def _told(request: ClosureRequest) -> dict[str, Any]:
    return {
        "kind": request.kind, "channel": request.channel, "requested_at": request.requested_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "settles_on": request.settles_on.isoformat() if request.settles_on else None,
    }  # fmt: skip


def _event(request: ClosureRequest) -> Event:
    occurred_on = request.requested_at.astimezone(SHANGHAI).date()
    facts = {
        "event": f"{request.what}（{request.request_no}）",
        "request": request.request_no,
        "occurred_on": occurred_on.isoformat(),
    }
    return Event(LEAVING, request.client_id, f"request:{request.request_no}", occurred_on, facts)


def _advance(request: ClosureRequest, expected: str, at: datetime, version: int | None, **values: Any) -> None:
    """Move on by one conditional update, so that of two people only one does it; what came late is noted as that."""
    rows = ClosureRequest.objects.filter(pk=request.pk, state=expected)
    if version is not None:
        rows = rows.filter(version=version)
    if rows.filter(breached_at=None).late(at).exists():
        note_breach(request)
    if rows.update(version=F("version") + 1, **values) != 1:
        request.refresh_from_db()
        raise NotAtThisPoint(
            f"申请 {request.request_no} 已有变化，现为「{request.get_state_display()}」，请刷新页面后再办理"
        )
    request.refresh_from_db()


@transaction.atomic
def hold_up(
    request: ClosureRequest, block: str, evidence: str, *, by: Employee, version: int | None = None,
    now: datetime | None = None,
) -> None:  # fmt: skip
    """Note the ground of the law that holds the request up, with what shows it; the clock stays where it is.

    Raises NoLawfulGround for anything else than a ground of the list, or without evidence.
    """
    if block not in Block.values:
        raise NoLawfulGround("只有清单内的法定事由可以暂缓办理，其他原因一律不得暂缓")
    if not evidence.strip():
        raise NoLawfulGround("请写明依据，如合约编号、冻结文书号或交收日期")
    at, shown = now or timezone.now(), evidence.strip()[:200]
    _advance(
        request, State.REGISTERED, at, version, state=State.BLOCKED, block=block, block_evidence=shown, blocked_at=at
    )
    record("retention.request_held_up", request, by=by, after={"block": block}, reason=shown)


@transaction.atomic
def free(request: ClosureRequest, *, by: Employee, version: int | None = None, now: datetime | None = None) -> None:
    """Note that the ground is gone: due two trading days from now, or at its old deadline if that is later.

    Held up and freed once more it wins no further time.
    """
    at = now or timezone.now()
    again = Coalesce(F("freed_due_at"), Value(deadline(at, None, calendar(request.branch.calendar))))
    _advance(
        request, State.BLOCKED, at, version, state=State.REGISTERED, freed_at=at, freed_due_at=again,
        deadline_at=Greatest(F("due_at"), again),
    )  # fmt: skip
    record("retention.request_freed", request, by=by, after={"block": request.block})


@transaction.atomic
def complete(request: ClosureRequest, *, by: Employee, version: int | None = None, now: datetime | None = None) -> None:
    """Note that the client is served; one that the law holds up must be freed first."""
    at = now or timezone.now()
    _advance(request, State.REGISTERED, at, version, state=State.DONE, done_at=at, done_by=by)
    record("retention.request_done", request, by=by, after={"done_at": at.isoformat(), "late": request.is_late(at)})


@transaction.atomic
def withdraw(
    request: ClosureRequest, *, by: Employee, note: str, version: int | None = None, now: datetime | None = None
) -> None:
    """Note that the client himself took the request back, in his words; nobody else can."""
    if not note.strip():
        raise DomainError("请写明客户如何表示撤回")
    at, state = now or timezone.now(), request.state if request.is_open else State.REGISTERED
    _advance(request, state, at, version, state=State.WITHDRAWN, withdrawn_at=at)
    record("retention.request_withdrawn", request, by=by, reason=note.strip()[:200])
