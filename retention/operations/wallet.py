"""What is learnt of a client's accounts with other brokers; noted with his consent, or from our own transfers."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.errors import DomainError
from office.models import Employee
from retention.errors import NotAtThisPoint
from retention.models import OtherAccount

CHANGED = "该记录已有变化，请刷新页面后再办理"


@transaction.atomic
def note_other_account(
    client: Client, *, broker: str, source: str, learnt_on: date, by: Employee, assets_fen: int | None = None,
    is_most_used: bool = False, is_agreed: bool = False, today: date | None = None,
) -> OtherAccount:  # fmt: skip
    """Write down an account elsewhere; one that the client uses most takes that from the others.

    Raises DomainError for one that is known already, a day to come, or a client who did not agree.
    """
    if not broker.strip():
        raise DomainError("请写明券商")
    if learnt_on > (today or timezone.localdate()):
        raise DomainError("得知日期不能晚于今天")
    if source != OtherAccount.Source.TRANSFER and not is_agreed:
        raise DomainError("客户未同意登记，不能记录其在其他券商的账户")
    _check_size(assets_fen)
    if is_most_used:
        _no_other_most_used(client.pk)
    try:
        with transaction.atomic():
            made = OtherAccount.objects.create(
                branch_id=client.branch_id, client=client, broker=broker.strip()[:60], assets_fen=assets_fen,
                is_most_used=is_most_used, source=source, is_agreed=is_agreed, learnt_on=learnt_on, noted_by=by,
            )  # fmt: skip
    except IntegrityError as refused:
        raise DomainError(f"已登记该客户在「{broker.strip()}」的账户，请改为更新") from refused
    noted = {"client": client.client_no, "source": source, "is_agreed": is_agreed}
    record("retention.other_account_noted", made, by=by, after=noted)
    return made


@transaction.atomic
def change_other_account(
    account: OtherAccount, *, assets_fen: int | None, is_most_used: bool, version: int, by: Employee
) -> None:
    """Write what is known better now of an account elsewhere. Raises NotAtThisPoint for an old version."""
    _check_size(assets_fen)
    if is_most_used:
        _no_other_most_used(account.client_id, but=account.pk)
    rows = OtherAccount.objects.filter(pk=account.pk, ended_on=None, version=version)
    if rows.update(version=F("version") + 1, assets_fen=assets_fen, is_most_used=is_most_used) != 1:
        raise NotAtThisPoint(CHANGED)
    account.refresh_from_db()
    record("retention.other_account_changed", account, by=by)


@transaction.atomic
def end_other_account(account: OtherAccount, *, version: int, by: Employee, today: date | None = None) -> None:
    """Note that the client no longer has it, or no longer agrees to our knowing of it."""
    rows = OtherAccount.objects.filter(pk=account.pk, ended_on=None, version=version)
    if rows.update(version=F("version") + 1, ended_on=today or timezone.localdate()) != 1:
        raise NotAtThisPoint(CHANGED)
    account.refresh_from_db()
    record("retention.other_account_ended", account, by=by)


def _check_size(assets_fen: int | None) -> None:
    if assets_fen is not None and assets_fen < 0:
        raise DomainError("估计资产不能为负")


def _no_other_most_used(client_id: int, but: int = 0) -> None:
    """A client uses one broker the most: take the mark off the others, one writer at a time."""
    Client.objects.select_for_update(of=("self",)).get(pk=client_id)
    others = OtherAccount.objects.filter(client=client_id, is_most_used=True, ended_on=None).exclude(pk=but)
    others.update(is_most_used=False, version=F("version") + 1)
