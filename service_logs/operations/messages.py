"""The monthly messages: one batch per person, written down for each client."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from clients.models import ChannelPreference
from office.audit import record
from office.dates import SHANGHAI
from office.jobs import Ledger
from office.models import Branch, Employee
from service_logs.errors import ForbiddenWords, QuietHours
from service_logs.models import MESSAGES, Contact, Task
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.policies import POLICY_TABLE, grid_columns
from service_logs.rules.words import forbidden_words

REFUSING = ("service", "education", "marketing")

STAND = f"""
WITH told AS (
    UPDATE service_logs_servicestanding SET last_message_on = greatest(last_message_on, %(on)s)
    WHERE client_id = ANY(%(clients)s) RETURNING client_id, last_talk_on, last_message_on, agreed_on
)
UPDATE clients_clientstanding s
SET last_contact_on = CASE WHEN n.owes_message THEN greatest(x.last_talk_on, x.last_message_on) ELSE x.last_talk_on END,
    next_contact_on = n.next_on
FROM told x JOIN LATERAL (
    SELECT bool_or(p.way = 'message') AS owes_message, coalesce(x.agreed_on, min(p.rhythm + CASE p.way
               WHEN 'talk' THEN x.last_talk_on ELSE greatest(x.last_talk_on, x.last_message_on) END)) AS next_on
    FROM clients_clientstanding o
    JOIN {POLICY_TABLE} ON (p.grade, p.tier, p.value_type) = (o.grade, o.tier, o.value_type)
    WHERE o.client_id = x.client_id
) n ON true
WHERE s.client_id = x.client_id
"""


@transaction.atomic
def log_messages(tasks: Iterable[Task], *, text: str, by: Employee, at: datetime | None = None) -> Ledger:
    """Write down that the message `text` went to the client of every task, and end the tasks (COM-02).

    Who refused meanwhile gets nothing and his task is withdrawn. Raises QuietHours and ForbiddenWords.
    """
    sent_at = at or timezone.now()
    chosen = _still_owed(task for task in tasks if task.channel in MESSAGES)
    ledger = Ledger(seen=len(chosen))
    if not chosen:
        return ledger
    branch = chosen[0].branch
    _check(branch, text, sent_at)
    refused = _refused(chosen)
    Task.objects.filter(pk__in=[task.pk for task in chosen if _key(task) in refused]).owed().update(
        state=Task.State.CANCELLED, result="refused"
    )
    going = [task for task in chosen if _key(task) not in refused]
    _write(going, branch, text, by, sent_at)
    ledger.changed = len(going)
    if refused:
        ledger.skipped["客户拒绝此渠道"] = len(chosen) - len(going)
    record("service_logs.messages_logged", "群发消息", by=by, after={"sent": len(going), "text": text[:200]})
    return ledger


def _still_owed(tasks: Iterable[Task]) -> list[Task]:
    """Return what nobody else wrote meanwhile, held until the end: of two people who send the same batch one does."""
    chosen = list(tasks)
    held = Task.objects.select_for_update().filter(pk__in=[task.pk for task in chosen]).owed().order_by("pk")
    owed = set(held.values_list("pk", flat=True))
    return [task for task in chosen if task.pk in owed]


def _check(branch: Branch, text: str, at: datetime) -> None:
    used = forbidden_words(text)
    if used:
        raise ForbiddenWords(f"消息中有不得使用的用语：{'、'.join(used)}", words=used)
    if is_quiet(branch.quiet_from, branch.quiet_until, at.astimezone(SHANGHAI).time()):
        raise QuietHours(f"{branch.quiet_from:%H:%M} 至 {branch.quiet_until:%H:%M} 不向客户发送消息")


def is_quiet(quiet_from: time, quiet_until: time, at: time) -> bool:
    """Return whether `at` lies in the quiet hours, which may run over midnight."""
    if quiet_from <= quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def _key(task: Task) -> tuple[int, str]:
    return task.client_id, task.channel


def _refused(tasks: list[Task]) -> set[tuple[int, str]]:
    denied = ChannelPreference.objects.filter(
        client_id__in=[task.client_id for task in tasks], state="denied", purpose__in=REFUSING
    )
    return set(denied.values_list("client_id", "channel"))


def _write(tasks: list[Task], branch: Branch, text: str, by: Employee, at: datetime) -> None:
    written = Contact.objects.bulk_create(
        [
            Contact(
                branch=branch, client_id=task.client_id, author=by, at=at, channel=task.channel,
                purpose=Contact.Purpose.MARKET_INFO, result=Contact.Result.SMS_DELIVERED, summary=text[:1000],
                is_qualifying=True,
            )
            for task in tasks
        ],
        batch_size=1000,
    )  # fmt: skip
    complete_tasks(tasks, result=Contact.Result.SMS_DELIVERED, by=by, at=at, contact=written[0] if written else None)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE service_logs_task t SET contact_id = l.id FROM service_logs_contact l"
            " WHERE t.id = ANY(%s) AND l.id = ANY(%s) AND l.client_id = t.client_id AND l.channel = t.channel",
            [[task.pk for task in tasks], [contact.pk for contact in written]],
        )
        scope: dict[str, Any] = {"clients": [task.client_id for task in tasks], "on": at.astimezone(SHANGHAI).date()}
        cursor.execute(STAND, {**scope, **grid_columns(branch)})
