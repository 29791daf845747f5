"""From signals to tasks, and how tasks end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from office.audit import record
from office.dates import TradingCalendar
from office.jobs import Ledger
from office.models import Branch, Employee
from office.queries import calendar
from office.statements import run_large
from service_logs.models import Contact, Task
from service_logs.operations.fitting import OWED_COLUMNS, PLACED, REPLACE, WRITTEN, lead_again
from service_logs.queries.catalogue import catalogue
from service_logs.queries.posts import ACTING_TABLE, posts
from service_logs.rules.deadlines import due_day, lapse_day, moment, serve_day

LOOK_BACK_DAYS = 10  # signals of nights whose tasks were not made yet

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('service_logs.make_tasks'), %(branch)s)"

PENDING = """
SELECT DISTINCT g.rule_id, g.occurred_on, g.kind FROM service_logs_signal g
WHERE g.branch_id = %(branch)s AND g.day <= %(day)s AND g.day > %(oldest)s
  AND NOT EXISTS (SELECT 1 FROM service_logs_task t
                  WHERE t.signal_id = g.id AND t.branch_id = %(branch)s AND t.made_on > %(oldest)s)
"""

# A visit that the owner must not make goes round the service staff, past whoever serves the client.
VISITOR = "nullif(nullif((%(visitors)s::bigint[])[1 + mod({0}, %(visitor_count)s)], s.manager_id), o.acting_id)"
OWNER = f"""
CASE r.owner_role
    WHEN 'manager' THEN coalesce(o.acting_id, %(chief)s)
    WHEN 'compliance' THEN %(compliance)s
    ELSE coalesce({VISITOR.format("s.client_id")}, {VISITOR.format("s.client_id + 1")})
END
"""

# The new tasks are fitted into the day together with what is owed already, and written once, as they will stand.
MAKE = f"""
WITH denied AS MATERIALIZED (
    SELECT q.client_id, q.channel FROM clients_channelpreference q
    WHERE q.purpose = 'service' AND q.state = 'denied' AND q.client_id = ANY(ARRAY(
        SELECT g.client_id FROM service_logs_signal g
        WHERE g.branch_id = %(branch)s AND g.day <= %(day)s AND g.day > %(oldest)s))
), pending AS MATERIALIZED (
    SELECT g.id, g.client_id, g.rule_id, g.kind, g.facts, s.tier, r.name, r.channel, r.minutes,
           (1 + s.value) * r.priority / 50.0 AS priority, d.due_at, d.expires_on, {OWNER} AS owner_id,
           CASE WHEN g.facts ->> 'role' = 'interim' THEN 'interim' ELSE 'mot' END AS source,
           g.kind = 'optional' AND q.client_id IS NOT NULL AS is_denied
    FROM service_logs_signal g
    JOIN clients_clientstanding s ON s.client_id = g.client_id
    JOIN service_logs_rule r ON r.id = g.rule_id
    JOIN unnest(%(d_rule)s::bigint[], %(d_on)s::date[], %(d_kind)s::text[], %(d_due)s::timestamptz[],
                %(d_expires)s::date[]) AS d(rule_id, occurred_on, kind, due_at, expires_on)
         ON d.rule_id = g.rule_id AND d.occurred_on = g.occurred_on AND d.kind = g.kind
    LEFT JOIN {ACTING_TABLE} ON o.manager_id = s.manager_id
    LEFT JOIN denied q ON q.client_id = g.client_id AND q.channel = r.channel
    WHERE g.branch_id = %(branch)s AND g.day <= %(day)s AND g.day > %(oldest)s AND NOT s.is_closed
      AND s.branch_id = %(branch)s
      AND NOT EXISTS (SELECT 1 FROM service_logs_task t
                      WHERE t.signal_id = g.id AND t.branch_id = %(branch)s AND t.made_on > %(oldest)s)
), owed AS MATERIALIZED (
    {WRITTEN}
    UNION ALL
    SELECT NULL, p.id, NULL, NULL, {OWED_COLUMNS.format("p")} FROM pending p WHERE NOT p.is_denied
), {PLACED}, moved AS ({REPLACE}), fresh AS (
    INSERT INTO service_logs_task (branch_id, client_id, owner_id, rule_id, signal_id, source, kind, tier, title,
        channel, due_at, expires_on, made_on, opened_on, minutes, is_primary, is_assigned, priority, state, facts,
        result)
    SELECT %(branch)s, p.client_id, p.owner_id, p.rule_id, p.id, p.source, p.kind, p.tier, p.name, p.channel, p.due_at,
           p.expires_on, %(day)s, CASE l.new_state WHEN 'open' THEN %(day)s::date END, p.minutes, l.leads, false,
           p.priority, l.new_state, '{{}}', ''
    FROM pending p JOIN placed l ON l.signal_id = p.id
    ORDER BY p.id
    RETURNING owner_id
)
SELECT (SELECT count(*) FROM pending), (SELECT count(*) FROM pending WHERE is_denied), count(*),
       count(*) FILTER (WHERE owner_id IS NULL)
FROM fresh
"""

# What a person gave away stays there while he is at his desk; so does a visit, unless he came to serve the client.
REHOME = f"""
WITH owed AS (
    SELECT t.id, t.owner_id, t.hidden_from, CASE WHEN r.id IS NULL THEN coalesce(o.acting_id, %(chief)s)
               ELSE {OWNER} END AS heir_id
    FROM service_logs_task t
    JOIN clients_clientstanding s ON s.client_id = t.client_id AND s.branch_id = %(branch)s
    LEFT JOIN service_logs_rule r ON r.id = t.rule_id
    LEFT JOIN {ACTING_TABLE} ON o.manager_id = s.manager_id
    WHERE t.branch_id = %(branch)s AND t.state IN ('open', 'waiting')
      AND NOT (t.owner_id = ANY(%(at_desk)s::bigint[]) AND (
              t.is_assigned OR coalesce(r.owner_role, '') = 'compliance' OR coalesce(r.owner_role, '') = 'service'
              AND t.owner_id IS DISTINCT FROM s.manager_id AND t.owner_id IS DISTINCT FROM o.acting_id))
)
UPDATE service_logs_task t SET owner_id = h.heir_id FROM owed h
WHERE t.id = h.id AND t.branch_id = %(branch)s AND t.state IN ('open', 'waiting')
  AND h.heir_id IS DISTINCT FROM h.owner_id AND h.heir_id IS NOT NULL
  AND h.heir_id <> ALL(coalesce(h.hidden_from, '{{}}'))
"""


@transaction.atomic
def make_tasks(branch: Branch, day: date) -> Ledger:
    """Turn the signals of the night into tasks, give them to who serves the client, and fit them into the day.

    Owed tasks follow the client to a new manager or to who stands in, visits and what compliance handles go to
    somebody else when their owner is away; never to a person they concern.
    """
    days = calendar(branch.calendar)
    people = posts(branch, serve_day(day, days))
    scope: dict[str, Any] = {
        "branch": branch.pk, "day": day, "oldest": date.fromordinal(day.toordinal() - LOOK_BACK_DAYS),
        **people.columns(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, scope)
        scope |= _deadlines(branch, day, days, run_large(cursor, PENDING, scope)[0])
        moved = run_large(cursor, REHOME, scope)[1]
        seen, denied, made, unowned = run_large(cursor, MAKE, scope)[0][0]
    ledger = Ledger(seen=seen, changed=made)
    if waiting := Task.objects.filter(branch=branch, state=Task.State.WAITING).count():
        ledger.detail["waiting"] = waiting
    ledger.skipped.update({"客户拒绝此渠道": denied} if denied else {})
    ledger.detail.update(unowned=unowned, moved=moved)
    return ledger


def _deadlines(branch: Branch, day: date, days: TradingCalendar, wanted: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return a deadline for every rule and day of occurrence, as columns for `unnest`."""
    rules = {one.rule.pk: one for one in catalogue(branch)}
    serve = serve_day(day, days)
    rows = []
    for rule_id, occurred_on, kind in wanted:
        one = rules[rule_id]
        due = due_day(one.rule.measure, one.deadline, occurred_on, serve, days)
        rows.append(
            (rule_id, occurred_on, kind, moment(due, one.rule.deadline_at), lapse_day(due, one.rule.lapses_days, days))
        )
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return {
        name: list(column)
        for name, column in zip(("d_rule", "d_on", "d_kind", "d_due", "d_expires"), columns, strict=True)
    }


EXPIRE = """
UPDATE service_logs_task SET state = 'expired', opened_on = CASE state WHEN 'open' THEN opened_on END
WHERE branch_id = %(branch)s AND state IN ('open', 'waiting') AND expires_on < %(serve)s
"""

# Nothing is owed to who has left or died.
CANCEL = """
UPDATE service_logs_task t SET state = 'cancelled', result = 'closed'
FROM clients_client c JOIN clients_clientstanding s ON s.client_id = c.id
WHERE t.client_id = c.id AND t.branch_id = %(branch)s AND t.state IN ('open', 'waiting')
  AND c.branch_id = %(branch)s AND s.branch_id = %(branch)s AND (s.is_closed OR c.is_deceased OR c.status = 'closed')
"""


@transaction.atomic
def expire_tasks(branch: Branch, day: date) -> Ledger:
    """End the tasks whose time has run out before the morning that follows `day`, and those of closed clients.

    What expires while it waits for room was never laid before anybody and counts in no rate.
    """
    scope: dict[str, Any] = {"branch": branch.pk, "serve": serve_day(day, calendar(branch.calendar))}
    with connection.cursor() as cursor:
        cancelled = run_large(cursor, CANCEL, scope)[1]
        cursor.execute(EXPIRE, scope)
        expired = cursor.rowcount
    return Ledger(
        seen=expired + cancelled, changed=expired + cancelled, detail={"expired": expired, "cancelled": cancelled}
    )


@transaction.atomic
def complete_tasks(
    tasks: Iterable[Task],
    *,
    result: str,
    by: Employee,
    at: datetime | None = None,
    contact: Contact | None = None,
) -> int:
    """Mark what is still owed of `tasks` as done; return how many were.

    Of two people who finish the same task one is counted. Without a contact the act is audited here.
    """
    chosen = list(tasks)
    done = Task.objects.filter(pk__in=[task.pk for task in chosen], state__in=Task.OWED).update(
        state=Task.State.DONE, done_at=at or timezone.now(), done_by=by, result=result, contact=contact
    )
    if done:
        lead_again([task.client_id for task in chosen])
    if done and contact is None:
        numbers = [task.pk for task in chosen]
        record("service_logs.tasks_completed", "任务", by=by, after={"tasks": numbers, "result": result})
    return done
