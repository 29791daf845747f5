"""Grievances: heard, given to somebody with a day, put right."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.errors import DomainError
from office.menu import link
from office.models import Employee
from office.operations.notices import notify
from office.queries import calendar
from retention.errors import NotAtThisPoint
from retention.models import Grievance

WORKING_DAYS = 3  # to put it right, unless another day is named


@transaction.atomic
def log_grievance(
    client: Client, *, kind: str, text: str, owner: Employee, by: Employee, due_on: date | None = None,
    today: date | None = None,
) -> Grievance:  # fmt: skip
    """Write down what a client is unhappy with. Raises DomainError for an owner elsewhere or a day that is over."""
    on = today or timezone.localdate()
    if kind not in Grievance.Kind.values or not text.strip():
        raise DomainError("请写明类别和内容")
    if owner.branch_id != client.branch_id or not owner.is_active:
        raise DomainError("负责人须在本营业部在岗")
    if due_on is not None and due_on < on:
        raise DomainError("期限不能早于今天")
    made = Grievance.objects.create(
        branch_id=client.branch_id, client=client, kind=kind, text=text.strip()[:400], owner=owner, logged_by=by,
        due_on=due_on or calendar(client.branch.calendar).add_working(on, WORKING_DAYS),
    )  # fmt: skip
    record("retention.grievance_logged", made, by=by, after={"kind": kind, "owner": owner.name})
    _tell(made, by)
    return made


@transaction.atomic
def give_grievance(
    grievance: Grievance, *, owner: Employee, due_on: date, version: int, by: Employee, today: date | None = None
) -> None:
    """Give a grievance to somebody else, or name another day. Raises DomainError as log_grievance does."""
    if owner.branch_id != grievance.branch_id or not owner.is_active:
        raise DomainError("负责人须在本营业部在岗")
    if due_on < (today or timezone.localdate()):
        raise DomainError("期限不能早于今天")
    rows = Grievance.objects.filter(pk=grievance.pk, closed_at=None, version=version)
    if rows.update(version=F("version") + 1, owner=owner, due_on=due_on) != 1:
        raise NotAtThisPoint("该条已有变化，请刷新页面后再办理")
    grievance.refresh_from_db()
    record("retention.grievance_given", grievance, by=by, after={"owner": owner.name, "due_on": due_on.isoformat()})
    _tell(grievance, by)


@transaction.atomic
def close_grievance(
    grievance: Grievance, *, action: str, version: int, by: Employee, now: datetime | None = None
) -> None:
    """Note what was done about it."""
    if not action.strip():
        raise DomainError("请写明如何处理")
    rows = Grievance.objects.filter(pk=grievance.pk, closed_at=None, version=version)
    done = {"action": action.strip()[:400], "closed_at": now or timezone.now(), "closed_by": by}
    if rows.update(version=F("version") + 1, **done) != 1:
        raise NotAtThisPoint("该条已有变化，请刷新页面后再办理")
    grievance.refresh_from_db()
    record("retention.grievance_closed", grievance, by=by)


def _tell(grievance: Grievance, by: Employee) -> None:
    """Tell who puts it right from now on, unless he wrote it down himself."""
    if grievance.owner_id != by.pk:
        text = f"一条客户不满交给您，{grievance.due_on:%Y-%m-%d} 前办结"
        address = f"{link('retention:grievance_list')}?part=mine"
        notify([grievance.owner], f"grievance:{grievance.pk}:{grievance.version}", text, address)
