"""Single events of the counter, as they happen: facts like those of the night's feed, only earlier."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from clients.models import Account, AccountEvent, Client, ClientStanding, ImportBatch
from clients.operations.search import write_tokens
from office.errors import DomainError
from office.models import Branch, Employee
from office.partitions import ensure_months
from office.pinyin import initials, to_pinyin
from office.rights import Principal, branch_ids

OLDEST = timedelta(days=31)  # what is older comes with a feed
KNOWN = ("kind", "account_id", "amount_fen", "security_code", "quantity", "note")


class UnknownAccount(DomainError):
    """The account is none of the branches of who tells of it."""

    status = 422


class OtherEvent(DomainError):
    """An event number stands for one event."""


class OutOfTime(DomainError):
    """A single event is of today or of the last days."""

    status = 422


@dataclass(frozen=True)
class Event:
    """What the counter tells; the last three are needed when it opens what is not known yet."""

    event_no: str
    kind: str
    account_no: str
    day: date
    amount_fen: int | None = None
    security_code: str = ""
    quantity: Decimal | None = None
    note: str = ""
    client_no: str = ""
    client_name: str = ""
    branch: str = ""


@transaction.atomic
def tell_event(event: Event, today: date, *, by: Principal) -> tuple[AccountEvent, bool]:
    """Keep an event as a fact; return it and whether it is new. The same event again changes nothing.

    Raises UnknownAccount, OutOfTime, or OtherEvent if the number was used for something else.
    """
    if not today - OLDEST <= event.day <= today:
        raise OutOfTime(f"单笔事件应在最近 {OLDEST.days} 天之内，更早的请随文件送入")
    account = _account(event, by)
    told = AccountEvent(
        branch_id=account.branch_id, client_id=account.client_id, account_id=account.pk, day=event.day,
        batch_id=_batch(account.branch_id, today, by).pk, event_no=event.event_no, kind=event.kind,
        amount_fen=event.amount_fen, security_code=event.security_code, quantity=event.quantity, note=event.note,
    )  # fmt: skip
    before = _before(event.event_no)
    if before is None:
        ensure_months(AccountEvent, [event.day])
        AccountEvent.objects.bulk_create([told], ignore_conflicts=True)
    kept = before or _before(event.event_no)
    assert kept is not None
    if kept.day != told.day or any(getattr(kept, name) != getattr(told, name) for name in KNOWN):
        raise OtherEvent(f"事件编号 {event.event_no} 已用于另一笔事件")
    return kept, before is None


def _before(event_no: str) -> AccountEvent | None:
    return AccountEvent.objects.filter(event_no=event_no).order_by("day").first()


def _account(event: Event, by: Principal) -> Account:
    homes = branch_ids(by)
    account = Account.objects.filter(account_no=event.account_no).select_related("client").first()
    if account is not None and account.branch_id in homes:
        if event.client_no and event.client_no != account.client.client_no:
            raise UnknownAccount(f"账户 {event.account_no} 不属于客户 {event.client_no}")
        return account
    if account is not None or event.kind != AccountEvent.Kind.OPEN:
        raise UnknownAccount(f"没有账户 {event.account_no}，或它不在可办的营业部")
    client = Client.objects.filter(client_no=event.client_no).first() or _opened(event, homes)
    if client.branch_id not in homes:
        raise UnknownAccount(f"客户 {event.client_no} 不在可办的营业部")
    known = {"branch_id": client.branch_id, "client": client, "opened_on": event.day}
    return Account.objects.get_or_create(account_no=event.account_no, defaults=known)[0]


def _opened(event: Event, homes: list[int]) -> Client:
    """Make the client who just opened an account; the night's feed completes him."""
    branch = Branch.objects.filter(code=event.branch, pk__in=homes).first()
    if branch is None or not event.client_no or not event.client_name:
        raise UnknownAccount("新客户开户须带 client_no、client_name 和可办的 branch")
    name = event.client_name
    written = {"pinyin": to_pinyin(name)[:240], "initials": initials(name)[:60]}
    client, is_new = Client.objects.get_or_create(
        client_no=event.client_no, defaults={"branch": branch, "name": name, "opened_on": event.day, **written}
    )
    if is_new:
        ClientStanding.objects.create(client=client, branch=branch)
        write_tokens([client.pk])
    return client


def _batch(branch_id: int, today: date, by: Principal) -> ImportBatch:
    """Return what a day's single events of one sender are booked under."""
    sender = f"{'person' if isinstance(by, Employee) else 'key'} {by.pk}"
    content_hash = hashlib.sha256(f"events {sender} {today}".encode()).hexdigest()
    batch = ImportBatch.objects.filter(content_hash=content_hash).order_by("pk").first()
    if batch is None:
        batch = ImportBatch.objects.create(
            content_hash=content_hash, label=f"单笔事件 {today}", source=ImportBatch.Source.API,
            state=ImportBatch.State.DONE, by=by if isinstance(by, Employee) else None,
        )  # fmt: skip
    if not batch.branches.filter(pk=branch_id).exists():
        batch.branches.add(branch_id)
    return batch
