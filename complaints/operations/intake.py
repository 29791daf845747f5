"""Taking a complaint in: its record, its number, its first handler and its clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clients.models import Client
from complaints.errors import FactMissing, KnownTransfer, NamedInComplaint
from complaints.models import Channel, Complaint, ComplaintParty
from complaints.operations import clocks
from complaints.operations.avoidance import take_back
from complaints.operations.desk import notice_key, page_of, write
from complaints.queries.staff import handlers, next_handler
from complaints.rules.classes import MIN_CONTENT, persons_class, speaks_of_commission
from complaints.rules.files import kept_until
from complaints.rules.states import Act
from office.crypto import blind_index
from office.dates import SHANGHAI
from office.masking import mask_account, mask_phone
from office.models import Branch, Employee
from office.operations.notices import notify

NEXT_NUMBER = """
INSERT INTO complaints_numberbook AS b (month, last) VALUES (%s, 1)
ON CONFLICT (month) DO UPDATE SET last = b.last + 1 RETURNING last
"""
# Further fields of Complaint that may be said at once.
SAID = ("service_wanted", "special_requests", "our_answers", "business_class", "urgency", "reasonableness")


@transaction.atomic
def take_in(
    branch: Branch,
    *,
    by: Employee | None,
    channel: str,
    category: str,
    content: str,
    caller_name: str,
    received_at: datetime | None = None,
    client: Client | None = None,
    account_no: str = "",
    phone: str = "",
    people_count: int = 1,
    transfer_no: str = "",
    parties: Iterable[Employee] = (),
    handler: Employee | None = None,
    contact_id: int | None = None,
    now: datetime | None = None,
    **said: Any,
) -> Complaint:
    """Take a complaint in and start its clocks; `by` is None for what a client wrote on the public form.

    Who heard it first handles it if he may; else `handler`, else who is next in line. Nobody of
    `parties` does. `said` are further fields, see SAID. Raises FactMissing for a content that says too
    little or a moment in the future, KnownTransfer for a case 12386 sent before, and NamedInComplaint
    for a handler who is named.
    """
    at = now or timezone.now()
    complaint = Complaint(
        branch=branch, client=client, caller_name=caller_name.strip(), account_no=account_no, phone=phone,
        channel=channel, category=category, transfer_no=transfer_no.strip(), received_at=received_at or at,
        content=content.strip(), people_count=people_count, recorder=by, contact_id=contact_id,
        **{name: value for name, value in said.items() if name in SAID},
    )  # fmt: skip
    _check(complaint, at, set(said) - set(SAID))
    named = list(parties)
    _index(complaint)
    complaint.handler = _first_handler(complaint, by, handler, {one.pk for one in named}, at)
    complaint.no = _next_number(complaint.received_at)
    complaint.kept_until = kept_until(complaint.received_at.astimezone(SHANGHAI).date())
    return _begun(complaint, named, by, at)


def _begun(complaint: Complaint, named: list[Employee], by: Employee | None, at: datetime) -> Complaint:
    """Save the complaint with who is named in it, start its clocks, and tell its handler."""
    _save_once(complaint)
    ComplaintParty.objects.bulk_create(
        ComplaintParty(complaint=complaint, employee=one, named_at=at, named_by=by) for one in named
    )
    clocks.begin_all(complaint)
    complaint.due_at = clocks.earliest(complaint)
    complaint.save(update_fields=["due_at"])
    facts = {
        "channel": complaint.channel, "category": complaint.category, "named": sorted(one.pk for one in named)
    }  # fmt: skip
    write(complaint, Act.TAKE_IN, "", by=by, at=at, facts=facts, note=take_back(complaint, named, by=by, at=at))
    if complaint.handler is not None and complaint.handler != by:
        notify([complaint.handler], notice_key(complaint, "new"), f"投诉 {complaint.no} 由您处理", page_of(complaint))
    return complaint


def _save_once(complaint: Complaint) -> None:
    """Save a new complaint; of two that take the same transferred case in at once the second is told."""
    try:
        with transaction.atomic():
            complaint.save(force_insert=True)
    except IntegrityError as refused:
        _refuse_known_transfer(complaint, refused)
        raise


def _refuse_known_transfer(complaint: Complaint, cause: Exception | None = None) -> None:
    same = Complaint.objects.filter(branch=complaint.branch, transfer_no=complaint.transfer_no)
    if complaint.transfer_no and same.exists():
        raise KnownTransfer(f"转办编号 {complaint.transfer_no} 已登记，不重复计数") from cause


def _check(complaint: Complaint, at: datetime, unknown: set[str]) -> None:
    if unknown:
        raise TypeError(f"take_in knows no {', '.join(sorted(unknown))}")
    if len(complaint.content) < MIN_CONTENT:
        raise FactMissing(f"请详细记录投诉内容（至少 {MIN_CONTENT} 个字）")
    if not complaint.caller_name:
        raise FactMissing("请记录投诉人姓名；不愿透露的记“匿名”")
    if complaint.received_at > at:
        raise FactMissing("收到时间不能晚于现在")
    if complaint.client is not None and complaint.client.branch_id != complaint.branch_id:
        raise FactMissing("客户不属于本营业部")
    if complaint.channel == Channel.HOTLINE and not complaint.transfer_no:
        raise FactMissing("12386 转办的投诉须填写转办编号")
    _refuse_known_transfer(complaint)


def _index(complaint: Complaint) -> None:
    """Set what is computed from what was said."""
    complaint.account_index, complaint.account_masked = (
        blind_index(complaint.account_no), mask_account(complaint.account_no),
    )  # fmt: skip
    complaint.phone_index, complaint.phone_masked = blind_index(complaint.phone), mask_phone(complaint.phone)
    complaint.persons_class = persons_class(complaint.people_count)
    complaint.is_commission = speaks_of_commission(complaint.content, complaint.business_class)


def _first_handler(
    complaint: Complaint, by: Employee | None, wanted: Employee | None, named: set[int], at: datetime
) -> Employee | None:
    on = at.astimezone(SHANGHAI).date()
    if wanted is not None and wanted.pk in named:
        raise NamedInComplaint("被投诉人不能处理此投诉")
    able = handlers(complaint.branch, on, avoid=named)
    for person in (by, wanted):
        if person is not None and able.filter(pk=person.pk).exists():
            return person
    manager = complaint.client.standing.manager_id if complaint.client is not None else None
    return next_handler(complaint.branch, on, avoid=named, manager_id=manager)


def _next_number(received_at: datetime) -> str:
    month = f"{received_at.astimezone(SHANGHAI):%y%m}"
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [month])
        return f"TS-{month}-{cursor.fetchone()[0]:04d}"
