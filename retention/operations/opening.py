"""Cases begin: from the signs of a night, by hand, or from a request. Opening one slows nothing down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.dates import SHANGHAI
from office.errors import DomainError
from office.jobs import Ledger
from office.models import Branch, Employee
from retention.errors import CaseOpen, NoTarget
from retention.models import Band, ChurnRun, ChurnStanding, ClosureRequest, Reason, RetentionCase
from retention.operations.numbering import next_number, next_numbers
from retention.queries.case_facts import discreet, owner_for, probabilities, reason_history
from retention.queries.cases import setting_of
from retention.queries.churn import standing_of
from retention.queries.discretion import named_in_complaints, without_complaints

Trigger = RetentionCase.Trigger
REST = timedelta(days=60)  # after a case, before the night opens another one for the same client


@transaction.atomic
def open_by_hand(client: Client, concern: str, *, by: Employee, now: datetime | None = None) -> RetentionCase:
    """Open a case for a client who may leave, for what `concern` tells; his manager owns it, or who stands for him.

    Raises CaseOpen if there is one, NoTarget if nobody may own it, DomainError without a concern or for a client
    who has left.
    """
    told = concern.strip()
    if not told:
        raise DomainError("请写明开案缘由：看到或听到了什么")
    on = timezone.localdate(now or timezone.now())
    return _open(client, Trigger.HAND, None, on, by, told)


@transaction.atomic
def open_from_request(request: ClosureRequest, *, by: Employee | None, now: datetime | None = None) -> RetentionCase:
    """Open the case that belongs to a request, or let the open case of its client be about it from now on.

    It is offered with every request and required by none. The request itself is not written.
    """
    on = timezone.localdate(now or timezone.now())
    held = RetentionCase.objects.filter(request=request).first()
    if held is not None:
        return held
    if not request.is_open:
        raise DomainError("申请已办结或撤回，不再开案")
    taken = RetentionCase.objects.open().filter(client=request.client_id, request=None)
    if taken.update(request=request) == 1:
        case = RetentionCase.objects.get(request=request)
        record("retention.case_opened", case, by=by, after={"request": request.request_no})
        return case
    return _open(request.client, Trigger.REQUEST, request, on, by)


def _open(
    client: Client, trigger: str, request: ClosureRequest | None, on: date, by: Employee | None, concern: str = ""
) -> RetentionCase:
    if client.is_deceased:
        raise DomainError("客户已故，由柜台办理继承，不开挽留个案")
    if client.status == Client.Status.CLOSED:
        raise DomainError("客户已销户，不再开案；征得同意后可列入回访名单")
    owner = owner_for(client, named_in_complaints([client.pk]).get(client.pk, frozenset()))
    if owner is None:
        raise NoTarget("没有可负责的营销岗位人员，请先分配客户经理")
    case = _new(client, trigger, standing_of(client), reason_history(client.branch, on), request)
    case.owner, case.opened_on, case.opened_by, case.concern = owner, on, by, concern
    case.case_no = next_number(RetentionCase, "case_no", "WL", client.branch, on)
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as refused:
        held = RetentionCase.objects.open().filter(client=client).first()
        if held is None:
            raise
        raise CaseOpen(f"该客户已有进行中的个案 {held.case_no}", id=held.pk) from refused
    record("retention.case_opened", case, by=by, after={"trigger": trigger, "owner": owner.name}, reason=concern)
    return case


def _new(
    client: Client, trigger: str, standing: ChurnStanding | None, history: dict[str, int],
    request: ClosureRequest | None = None,
) -> RetentionCase:  # fmt: skip
    line, said = without_complaints(standing) if standing else None, request.reason if request else ""
    signals = discreet(standing.signals if standing else [])
    return RetentionCase(
        branch_id=client.branch_id, client=client, trigger=trigger, request=request, reason=said, signals=signals,
        band=line.band if line else Band.QUIET, value_at_risk_fen=line.value_at_risk_fen if line else 0,
        history=history, reasons=probabilities(signals, history, said),
    )  # fmt: skip


def open_beside(request: ClosureRequest, *, by: Employee) -> RetentionCase | None:
    """Open the case of a request that was just registered, None if there can be none; the request never waits for it.

    Registered it is already: whatever speaks against a case, the client goes his way.
    """
    try:
        return open_from_request(request, by=by)
    except DomainError:
        return None


def open_from_requests(branch: Branch, as_of: date) -> Ledger:
    """Open a case for every request that is owed and has none; run again it opens nothing new."""
    rows = ClosureRequest.objects.owed().filter(branch=branch, case=None).exclude(reason=Reason.DEATH_INHERITANCE)
    wide = rows.select_related("branch", "client__branch", "client__standing__manager__team__leader")
    ledger = Ledger()
    for request in wide.order_by("pk"):
        ledger.seen += 1
        try:
            open_from_request(request, by=None, now=_evening(as_of))
            ledger.changed += 1
        except NoTarget:
            ledger.skipped["没有可负责的人"] += 1
        except CaseOpen:
            ledger.skipped["已有另一件申请的个案"] += 1
        except DomainError:
            ledger.skipped["已故或已销户"] += 1
    ledger.expected = ledger.seen
    return ledger


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(18), SHANGHAI)


@transaction.atomic
def open_from_signals(branch: Branch, as_of: date) -> Ledger:
    """Open a case for every client in a band that opens one by the run of `as_of`, unless he has or lately had one.

    Run again it opens nothing new. Whom complaints alone alarm is left to those who handle them.
    """
    run = ChurnRun.objects.filter(branch=branch, as_of=as_of).order_by("-edition").first()
    if run is None:
        return Ledger(skipped=Counter({"当日没有流失评分": 1}))
    least = setting_of(branch.pk).opens_from
    rows = ChurnStanding.objects.filter(run=run, band__gte=least, client__is_deceased=False)
    rows = rows.exclude(client__status=Client.Status.CLOSED)
    wide = rows.select_related("client__standing__manager__team__leader", "run__point_set")
    alarmed = list(wide.order_by("client_id"))
    ledger = Ledger(seen=len(alarmed), expected=len(alarmed))
    lately = _lately([row.client_id for row in alarmed], as_of)
    told = [row for row in alarmed if row.client_id not in lately]
    fresh = [row for row in told if without_complaints(row).band >= Band.WARN]
    cases = _with_owners(branch, fresh, as_of)
    RetentionCase.objects.bulk_create(cases, batch_size=500)
    ledger.changed = len(cases)
    ledger.skipped = +Counter(
        {
            "已有或近期有个案": len(lately),
            "仅因投诉，由投诉处理": len(told) - len(fresh),
            "没有可负责的人": len(fresh) - len(cases),
        }
    )
    if cases:
        opened = {"cases": len(cases), "as_of": as_of.isoformat()}
        record("retention.cases_opened", "retention.retentioncase", by=None, branch_id=branch.pk, after=opened)
    return ledger


def _lately(client_ids: Iterable[int], as_of: date) -> set[int]:
    """Return which of the clients have a case that is open or was opened within REST."""
    mine = RetentionCase.objects.filter(client__in=list(client_ids))
    rows = mine.open() | mine.filter(opened_on__gt=as_of - REST)
    return set(rows.values_list("client_id", flat=True))


def _with_owners(branch: Branch, fresh: list[ChurnStanding], as_of: date) -> list[RetentionCase]:
    history = reason_history(branch, as_of)
    named = named_in_complaints(row.client_id for row in fresh)
    owned: list[tuple[RetentionCase, Any]] = []
    for row in fresh:
        owner = owner_for(row.client, named.get(row.client_id, frozenset()))
        if owner is not None:
            owned.append((_new(row.client, Trigger.SIGNAL, row, history), owner))
    numbers = next_numbers(RetentionCase, "case_no", "WL", branch, as_of, len(owned))
    for (case, owner), number in zip(owned, numbers, strict=True):
        case.owner, case.opened_on, case.case_no = owner, as_of, number
    return [case for case, _ in owned]
