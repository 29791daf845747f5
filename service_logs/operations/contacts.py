"""The service log: what is written down, what it ends, and how it is put right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.audit import record
from office.dates import SHANGHAI
from office.errors import Conflict
from office.models import Employee
from office.queries import calendar
from service_logs.errors import BeforeTheTask, ForbiddenWords, InTheFuture, NotYours, TooLate
from service_logs.models import Channel, Contact, Kind, Rule, Task
from service_logs.operations.fitting import lead_again
from service_logs.operations.standing import stand_again
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.policies import owed_to
from service_logs.queries.posts import posts
from service_logs.queries.tasks import awaits_release, is_after_contact
from service_logs.rules.counting import UNDO_MINUTES, counts, ends_task, way_of
from service_logs.rules.deadlines import due_day, moment
from service_logs.rules.entry import CLOSE_OF_WORK
from service_logs.rules.policy import MESSAGE
from service_logs.rules.words import forbidden_words

PROMISE = "promise_due"  # the rule a promise is kept under
WRITTEN = ("summary", "need", "promise", "feedback")  # fields checked for forbidden words
CORRECTABLE = (
    "at", "channel", "direction", "initiator", "purpose", "duration_min", "result", "summary", "feedback", "need",
    "next_contact_on", "audience",
)  # fmt: skip


@transaction.atomic
def log_contact(
    client: Client,
    *,
    by: Employee,
    result: str,
    summary: str,
    channel: str = Channel.PHONE,
    at: datetime | None = None,
    tasks: Iterable[Task] = (),
    promise: str = "",
    promise_due_on: date | None = None,
    **fields: Any,
) -> Contact:
    """Write down one contact, end the tasks it was about, and let the rhythm start anew where it counts.

    `fields` are further fields of Contact. A contact that counts also ends the planned contact of
    its kind. A promise with a day becomes a task of whoever gave it. Raises ForbiddenWords, InTheFuture, and
    BeforeTheTask if it was before what it is to end.
    """
    now = timezone.now()
    _in_turn(client)
    contact = Contact(
        branch=client.branch, client=client, author=by, at=at or now, channel=channel, result=result, summary=summary,
        promise=promise, promise_due_on=promise_due_on, **fields,
    )  # fmt: skip
    _check(contact, now)
    contact.is_qualifying = _counts(contact)
    contact.save()
    _end_tasks(contact, list(tasks))
    if contact.promise and contact.promise_due_on:
        _promise_task(contact)
    stand_again(client)
    after = {"result": result, "channel": channel, "at": contact.at.isoformat()}
    record("service_logs.contact_logged", contact, by=by, after=after)
    return contact


def _in_turn(client: Client) -> None:
    """Hold the client's row, so that two people who write about him tell his last contact one after the other."""
    ClientStanding.objects.select_for_update(no_key=True).get(pk=client.pk)


def _check(contact: Contact, now: datetime) -> None:
    if contact.at > now + timedelta(minutes=1):  # a minute for clocks that differ
        raise InTheFuture("发生时间不能晚于现在")
    used = forbidden_words("；".join(str(getattr(contact, name)) for name in WRITTEN))
    if used:
        raise ForbiddenWords(f"记录中有不得使用的用语：{'、'.join(used)}。请改写后再保存", words=used)


def _counts(contact: Contact) -> bool:
    owed = owed_to(contact.client)
    return counts(contact.channel, contact.result, [terms for terms in (owed.talk, owed.message) if terms])


def _end_tasks(contact: Contact, tasks: list[Task]) -> None:
    mine = [task for task in tasks if task.client_id == contact.client_id and not awaits_release(task)]
    if any(is_after_contact(task, contact.at) for task in mine):
        raise BeforeTheTask("这次联系早于所选任务，不能用来办结它；请取消勾选，或更正发生时间")
    if contact.is_qualifying:
        planned = Task.objects.filter(client=contact.client, source=Task.Source.PLAN).owed()
        mine += [task for task in planned if way_of(task.channel) in (way_of(contact.channel), MESSAGE)]
    if ends_task(contact.result):
        complete_tasks(mine, result=contact.result, by=contact.author, at=contact.at, contact=contact)
    else:  # tried, still owed
        Task.objects.filter(pk__in=[task.pk for task in mine]).owed().update(result=contact.result)


def _promise_task(contact: Contact) -> Task:
    """Open the task that keeps a promise: due on its day, or on the working day before."""
    assert contact.promise_due_on is not None
    today = contact.at.astimezone(SHANGHAI).date()
    days = calendar(contact.branch.calendar)
    due = due_day("same_day", 0, contact.promise_due_on, days.add_working(today, 0), days)
    rule = Rule.objects.get(code=PROMISE)
    keeper = posts(contact.branch, today).acting.get(contact.author_id, contact.author_id)
    return Task.objects.create(
        branch=contact.branch, client=contact.client, owner_id=keeper, rule=rule, source=Task.Source.MANUAL,
        kind=Kind.MANDATORY, tier=contact.client.standing.tier, title=f"承诺：{contact.promise}"[:80],
        channel=rule.channel, due_at=moment(due, CLOSE_OF_WORK), made_on=today, opened_on=today, minutes=rule.minutes,
        is_primary=False, is_assigned=True, priority=(1 + contact.client.standing.value) * rule.priority / 50,
        facts={
            "promise": contact.promise, "due_on": str(contact.promise_due_on), "contact_id": contact.pk,
            "promised_on": str(today),
        },
    )  # fmt: skip


@transaction.atomic
def correct_contact(
    contact: Contact, changes: dict[str, Any], *, version: int, by: Employee, reason: str = ""
) -> Contact:
    """Put an entry right; what it said before stays in the audit book.

    Raises Conflict, with what the other person saved, if the entry is no longer at `version`, and
    NotYours for anybody but the author and those who may give out tasks.
    """
    if by.pk != contact.author_id and not by.has_perm("service_logs.assign_task"):
        raise NotYours("只有记录人及其上级可以更正此条日志")
    _in_turn(contact.client)
    now = Contact.objects.select_for_update().get(pk=contact.pk)
    if now.undone_at is not None:
        raise TooLate("此条日志已撤回，不能更正")
    changed = {name: value for name, value in changes.items() if name in CORRECTABLE and getattr(now, name) != value}
    if now.version != version:
        raise Conflict("此条日志刚被他人修改，您的内容尚未保存", theirs=_plain(now, changes))
    if not changed:
        return now
    before = _plain(now, changed)
    for name, value in changed.items():
        setattr(now, name, value)
    _check(now, timezone.now())
    now.is_qualifying, now.version, now.corrected_at = _counts(now), now.version + 1, timezone.now()
    now.save(update_fields=[*changed, "is_qualifying", "version", "corrected_at"])
    _tasks_follow(now)
    stand_again(now.client)
    record("service_logs.contact_corrected", now, by=by, before=before, after=_plain(now, changed), reason=reason)
    return now


@transaction.atomic
def undo_contact(contact: Contact, *, by: Employee, now: datetime | None = None) -> Contact:
    """Take an entry back within ten minutes of saving it: its tasks are owed again, its promise is not.

    The row stays, marked. Raises TooLate afterwards and NotYours for anybody but the author.
    """
    moment_ = now or timezone.now()
    if by.pk != contact.author_id:
        raise NotYours("只有记录人可以撤回")
    _in_turn(contact.client)
    fresh = Contact.objects.filter(pk=contact.pk, undone_at=None, made_at__gt=moment_ - timedelta(minutes=UNDO_MINUTES))
    if fresh.update(undone_at=moment_) != 1:
        raise TooLate(f"保存后 {UNDO_MINUTES} 分钟内可以撤回，现在请用更正")
    _owe_again(contact)
    Task.objects.filter(client_id=contact.client_id, facts__contact_id=contact.pk).owed().update(
        state=Task.State.CANCELLED, result="undone"
    )
    contact.refresh_from_db()
    stand_again(contact.client)
    record("service_logs.contact_undone", contact, by=by)
    return contact


def _tasks_follow(contact: Contact) -> None:
    """Let the tasks that an entry ended say what it says now; if it was an attempt only, they are owed again."""
    if ends_task(contact.result):
        Task.objects.filter(contact=contact, state=Task.State.DONE).update(result=contact.result, done_at=contact.at)
    else:
        _owe_again(contact, result=contact.result)


def _owe_again(contact: Contact, result: str = "") -> None:
    """Open what an entry had ended; a planned contact that was planned anew meanwhile stays ended."""
    planned_anew = Task.objects.filter(client_id=contact.client_id, source=Task.Source.PLAN).owed().values("channel")
    again = Task.objects.filter(contact=contact, state=Task.State.DONE)
    again.filter(source=Task.Source.PLAN, channel__in=planned_anew).update(contact=None)
    again.update(state=Task.State.OPEN, done_at=None, done_by=None, result=result, contact=None)
    lead_again([contact.client_id])


def _plain(contact: Contact, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(contact, name) for name in names if name in CORRECTABLE}
    return {
        name: value if value is None or isinstance(value, int | str) else str(value) for name, value in values.items()
    }
