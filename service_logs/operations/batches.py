"""A task for every client of a filtered list, as one act: once however often it is sent, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.errors import DomainError
from office.models import Employee
from service_logs.errors import NotYours, TooLate, TooMany
from service_logs.models import Task, TaskBatch
from service_logs.operations.fitting import lead_again
from service_logs.operations.task_edits import add_tasks
from service_logs.queries.batches import MOST

WITHDRAWN = "withdrawn"


@transaction.atomic
def add_batch(
    clients: Sequence[Client], *, token: UUID, query: str, by: Employee, today: date, **fields: Any
) -> TaskBatch:
    """Give every client a task; `fields` are those of add_tasks. The same token again returns the same batch.

    Raises TooMany above the limit, ForbiddenWords, and DomainError if nobody is left.
    """
    if not clients:
        raise DomainError("没有符合条件的客户")
    if len(clients) > MOST:
        raise TooMany(f"一次最多为 {MOST:,} 位客户建任务，当前条件有 {len(clients):,} 位，请再加条件")
    first = {
        "branch": clients[0].branch, "title": fields["title"], "due_on": fields["due_on"], "query": query[:1000],
        "made_by": by,
    }  # fmt: skip
    batch, is_new = TaskBatch.objects.get_or_create(token=token, defaults=first)
    if not is_new:
        return _own(batch, by)
    batch.made_count = len(add_tasks(clients, by=by, today=today, batch_id=batch.pk, **fields))
    batch.save(update_fields=["made_count"])
    after = {"title": batch.title, "tasks": batch.made_count, "query": batch.query[:500]}
    record("service_logs.batch_added", batch, by=by, after=after)
    return batch


def _own(batch: TaskBatch, by: Employee) -> TaskBatch:
    if batch.made_by_id != by.pk:
        raise NotYours("这个页面属于另一位同事，请重新打开")
    return batch


@transaction.atomic
def withdraw_batch(batch: TaskBatch, *, reason: str, by: Employee, today: date) -> int:
    """Withdraw what is still owed of a batch, on the day it was made; return how many tasks. What is done stays.

    Raises TooLate afterwards or if it was withdrawn before, NotYours for anybody but who made it and those
    who give out tasks.
    """
    if by.pk != batch.made_by_id and not by.has_perm("service_logs.assign_task"):
        raise NotYours("只有建立人及其上级可以撤回")
    if timezone.localtime(batch.made_at).date() != today:
        raise TooLate("批量任务当日可以整批撤回，现在请在任务列表中取消")
    fresh = TaskBatch.objects.filter(pk=batch.pk, withdrawn_at=None)
    if fresh.update(withdrawn_at=timezone.now(), withdrawn_by=by) != 1:
        raise TooLate("这一批已撤回")
    owed = Task.objects.filter(branch=batch.branch, made_on=today, facts__batch=batch.pk).owed()
    clients = list(owed.values_list("client_id", flat=True))
    count = owed.update(state=Task.State.CANCELLED, result=WITHDRAWN)
    TaskBatch.objects.filter(pk=batch.pk).update(withdrawn_count=count)
    lead_again(clients)
    record("service_logs.batch_withdrawn", batch, by=by, after={"tasks": count}, reason=reason)
    return count
