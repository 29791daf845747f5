"""Tasks by hand: made, given to somebody else, put off, withdrawn, done without a contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from clients.models import Client
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee, Role
from office.queries import calendar
from service_logs.errors import ForbiddenWords, NobodyToServe
from service_logs.models import Channel, Kind, Rule, Task
from service_logs.operations.fitting import lead_again
from service_logs.queries.posts import posts
from service_logs.rules.deadlines import moment
from service_logs.rules.entry import CLOSE_OF_WORK
from service_logs.rules.words import forbidden_words

URGENCY = 1.4  # of a task made by hand, as of a mandatory signal: 70 of 50


@transaction.atomic
def add_tasks(
    clients: Iterable[Client],
    *,
    title: str,
    due_on: date,
    by: Employee,
    today: date,
    kind: str = Kind.MANDATORY,
    channel: str = Channel.PHONE,
    minutes: float = 5,
    owner: Employee | None = None,
    note: str = "",
    batch_id: int | None = None,
) -> list[Task]:
    """Give every client a task due at the close of `due_on`, or of the working day after it.

    Without `owner` each goes to who serves the client on that day. Clients who left get none. The tasks
    remember the batch they belong to. Raises ForbiddenWords for the title and the note.
    """
    _check_words(title, note)
    chosen = [client for client in clients if client.status != Client.Status.CLOSED and not client.is_deceased]
    if not chosen:
        raise DomainError("所选客户均已销户")
    branch = chosen[0].branch
    _check_owner(owner, branch, today)
    people = posts(branch, today)
    due_at = moment(calendar(branch.calendar).add_working(due_on, 0), CLOSE_OF_WORK)
    facts = {name: value for name, value in (("note", note), ("batch", batch_id)) if value}
    rows = []
    for client in chosen:
        manager_id = client.standing.manager_id
        serving = people.acting.get(manager_id, people.chief) if manager_id else people.chief
        rows.append(
            Task(
                branch=branch, client=client, owner_id=owner.pk if owner else serving, source=Task.Source.MANUAL,
                kind=kind, tier=client.standing.tier, title=title, channel=channel, due_at=due_at, made_on=today,
                opened_on=today, minutes=minutes, is_assigned=owner is not None,
                priority=(1 + client.standing.value) * URGENCY, facts=facts,
            )
        )  # fmt: skip
    made = Task.objects.bulk_create(rows)
    lead_again([client.pk for client in chosen])
    numbers = [client.client_no for client in chosen]
    record("service_logs.task_added", "任务", by=by, after={"title": title, "clients": numbers, "due_on": str(due_on)})
    return made


@transaction.atomic
def hand_over(tasks: Iterable[Task], to: Employee, *, by: Employee, today: date, reason: str = "") -> int:
    """Give owed tasks to another person of the branch; return how many went."""
    chosen = list(tasks)
    if not chosen:
        return 0
    _check_owner(to, chosen[0].branch, today)
    if any(_is_avoided(task, to) for task in chosen):
        raise NobodyToServe(f"所选任务中有须由 {to.name} 回避的，请改交他人")
    owed = Task.objects.filter(pk__in=[task.pk for task in chosen], branch_id=to.branch_id or 0).owed()
    moved = owed.update(owner=to, is_assigned=True)
    lead_again([task.client_id for task in chosen])
    after = {"tasks": [task.pk for task in chosen], "owner": to.name}
    if moved:
        record("service_logs.tasks_handed_over", "任务", by=by, after=after, reason=reason)
    return moved


def _is_avoided(task: Task, person: Employee) -> bool:
    """Whether the task concerns the person: a complaint that names him, a visit about his own client."""
    if person.pk in (task.hidden_from or ()):
        return True
    if task.rule is None:
        return False
    is_own = task.client.standing.manager_id == person.pk
    roles = Rule.OwnerRole
    return (task.rule.owner_role == roles.SERVICE and is_own) or (
        task.rule.owner_role == roles.COMPLIANCE and not person.has_role(Role.COMPLIANCE)
    )


@transaction.atomic
def postpone(tasks: Iterable[Task], due_on: date, *, by: Employee, today: date) -> int:
    """Put optional tasks off to a later working day; return how many moved.

    What is mandatory, or due later anyway, keeps its deadline.
    """
    chosen = list(tasks)
    if due_on <= today:
        raise DomainError("顺延日期须晚于今天")
    if any(task.kind == Kind.MANDATORY for task in chosen):
        raise DomainError("必做任务不能顺延，请在时限内办理")
    if not chosen:
        return 0
    days = calendar(chosen[0].branch.calendar)
    due = days.add_working(due_on, 0)
    until = moment(due, CLOSE_OF_WORK)
    free = Task.objects.filter(pk__in=[task.pk for task in chosen], kind=Kind.OPTIONAL, due_at__lt=until).owed()
    moved = free.update(due_at=until, expires_on=days.add_working(due, 1))
    after = {"tasks": [task.pk for task in chosen], "due_on": str(due)}
    if moved:
        record("service_logs.tasks_postponed", "任务", by=by, after=after)
    return moved


@transaction.atomic
def cancel(tasks: Iterable[Task], *, reason: str, by: Employee) -> int:
    """Withdraw owed tasks, with a reason that stays in the audit book; return how many were."""
    if not reason.strip():
        raise DomainError("取消任务须写明原因")
    chosen = list(tasks)
    ended = Task.objects.filter(pk__in=[task.pk for task in chosen]).owed().update(state=Task.State.CANCELLED)
    lead_again([task.client_id for task in chosen])
    after = {"tasks": [task.pk for task in chosen]}
    if ended:
        record("service_logs.task_cancelled", "任务", by=by, after=after, reason=reason.strip())
    return ended


def _check_words(*texts: str) -> None:
    used = forbidden_words("；".join(texts))
    if used:
        raise ForbiddenWords(f"任务中有不得使用的用语：{'、'.join(used)}", words=used)


def _check_owner(owner: Employee | None, branch: Branch, today: date) -> None:
    if owner is not None and (owner.branch_id != branch.pk or not owner.is_employed(today)):
        raise NobodyToServe("任务只能交给本营业部的在职员工")
