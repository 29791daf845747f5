"""Compliance first: it looks at the case, then releases it to the client's manager or holds it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.dates import SHANGHAI
from office.errors import Conflict
from office.models import Employee
from office.queries import calendar
from service_logs.errors import ForbiddenWords
from service_logs.models import Kind, Task
from service_logs.operations.fitting import lead_again
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.catalogue import rule_in_force
from service_logs.queries.posts import posts
from service_logs.queries.scripts import script_key
from service_logs.queries.tasks import awaits_release
from service_logs.rules.deadlines import due_day, lapse_day, moment
from service_logs.rules.entry import CLOSE_OF_WORK
from service_logs.rules.releases import RELEASED, VERDICTS, verdict_words
from service_logs.rules.words import forbidden_words


@transaction.atomic
def decide(task: Task, verdict: str, *, note: str, by: Employee, now: datetime | None = None) -> Task | None:
    """End what compliance looks at first; released, it becomes a task of the client's manager, which is returned.

    Its time runs from the release. Held, nothing follows and the manager hears nothing. Raises Conflict
    if somebody decided before, ForbiddenWords for the note.
    """
    if verdict not in VERDICTS or not awaits_release(task):
        raise ValueError(f"no verdict on this task: {verdict}")
    used = forbidden_words(note)
    if used:
        raise ForbiddenWords(f"说明中有不得使用的用语：{'、'.join(used)}", words=used)
    at = now or timezone.now()
    if complete_tasks([task], result=verdict, by=by, at=at) != 1:
        raise Conflict("这件任务已由他人办结")
    record("service_logs.task_decided", task, by=by, after={"result": verdict_words(verdict)}, reason=note)
    client = task.client
    has_left = client.status == Client.Status.CLOSED or client.is_deceased or client.standing.is_closed
    return None if verdict != RELEASED or has_left else _follow_up(task, note, at)


def _follow_up(task: Task, note: str, at: datetime) -> Task:
    """Give the client's manager a task of his own: it shares no rule with the first, which nobody else sees."""
    assert task.rule is not None
    held = rule_in_force(task.branch, task.rule.number)
    assert held is not None
    days, local = calendar(task.branch.calendar), at.astimezone(SHANGHAI)
    is_over = local.time() >= CLOSE_OF_WORK or not days.is_working(local.date())
    serve = days.add_working(local.date(), 1) if is_over else local.date()
    due = due_day(held.rule.measure, held.deadline, local.date(), serve, days)
    people, standing = posts(task.branch, serve), task.client.standing
    manager_id = standing.manager_id
    said = f"{task.why}；合规已放行" + (f"：{note}" if note else "")
    made = Task.objects.create(
        branch=task.branch, client=task.client, source=Task.Source.MOT, kind=Kind.MANDATORY, tier=standing.tier,
        owner_id=people.acting.get(manager_id, people.chief) if manager_id else people.chief, title=held.rule.name,
        channel=held.rule.channel, due_at=moment(due, held.rule.deadline_at),
        expires_on=lapse_day(due, held.rule.lapses_days, days), made_on=local.date(), opened_on=serve,
        minutes=held.rule.minutes, priority=(1 + standing.value) * held.rule.priority / 50,
        hidden_from=task.hidden_from, facts={"note": said, "script": script_key(task), "released_from": task.pk},
    )  # fmt: skip
    lead_again([task.client_id])
    return made
