"""Who is to be contacted: from the last contact that counted, by the rhythm of the policy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from office.jobs import Ledger
from office.models import Branch
from office.queries import calendar
from office.statements import run_large
from service_logs.operations.fitting import fit_into_day
from service_logs.queries.policies import POLICY_TABLE, grid_columns
from service_logs.queries.posts import ACTING_TABLE, posts
from service_logs.rules.deadlines import horizon, moment, serve_day
from service_logs.rules.entry import CLOSE_OF_WORK
from service_logs.signals.sources import QUIET

# A refusal of service on a channel ends calls on it; one of education or marketing ends the monthly messages too.
REFUSED = "coalesce({channel} = ANY(CASE p.way WHEN 'talk' THEN q.of_service ELSE q.of_any END), false)"
LAST_ON = "CASE p.way WHEN 'talk' THEN x.last_talk_on ELSE greatest(x.last_message_on, x.last_talk_on) END"
# Who was never reached is due within one rhythm of being first seen, spread so that a book is not due on one day;
# messages are not spread: they go out as one batch.
DUE_ON = f"""coalesce(CASE p.way WHEN 'talk' THEN x.agreed_on END, {LAST_ON} + p.rhythm,
    x.seen_on + 1 + CASE p.way WHEN 'talk' THEN mod(s.client_id, p.rhythm)::integer ELSE 0 END)"""

PLAN = f"""
WITH due AS MATERIALIZED (
    SELECT s.client_id, s.tier, s.value, s.manager_id, s.is_core, p.way, p.rhythm, p.title, p.channel, p.fallback,
           p.core_minutes, p.minutes, {LAST_ON} AS last_on, {DUE_ON} AS due_on
    FROM clients_clientstanding s
    JOIN service_logs_servicestanding x ON x.client_id = s.client_id AND x.branch_id = %(branch)s
    JOIN {POLICY_TABLE} ON (p.grade, p.tier, p.value_type) = (s.grade, s.tier, s.value_type)
    WHERE s.branch_id = %(branch)s AND NOT s.is_closed AND {DUE_ON} <= %(horizon)s
), refusal AS MATERIALIZED (
    SELECT q.client_id, array_agg(q.channel) AS of_any,
           array_agg(q.channel) FILTER (WHERE q.purpose = 'service') AS of_service
    FROM clients_channelpreference q
    WHERE q.client_id = ANY(ARRAY(SELECT client_id FROM due)) AND q.state = 'denied'
      AND q.purpose IN ('service', 'education', 'marketing')
    GROUP BY q.client_id
), called AS MATERIALIZED (
    SELECT p.client_id, p.tier, p.value, p.way, p.rhythm, p.title, p.last_on, p.due_on,
           CASE WHEN p.is_core THEN p.core_minutes ELSE p.minutes END AS minutes,
           coalesce(o.acting_id, %(chief)s) AS owner_id,
           CASE WHEN NOT {REFUSED.format(channel="p.channel")} THEN p.channel
                WHEN p.fallback <> '' AND NOT {REFUSED.format(channel="p.fallback")}
                     AND (p.fallback <> 'email' OR c.email <> '') THEN p.fallback END AS channel
    FROM due p
    JOIN clients_client c ON c.id = p.client_id AND c.branch_id = %(branch)s
    LEFT JOIN {ACTING_TABLE} ON o.manager_id = p.manager_id
    LEFT JOIN refusal q ON q.client_id = p.client_id
    WHERE NOT c.is_deceased AND c.status NOT IN {QUIET}
), wanted AS MATERIALIZED (
    SELECT * FROM called WHERE channel IS NOT NULL
), gone AS (
    UPDATE service_logs_task t SET state = 'cancelled', result = 'not_due'
    WHERE t.branch_id = %(branch)s AND t.source = 'plan' AND t.state IN ('open', 'waiting')
      AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.client_id = t.client_id AND w.channel = t.channel)
    RETURNING 1
), made AS (
    INSERT INTO service_logs_task (branch_id, client_id, owner_id, source, kind, tier, title, channel, due_at,
        expires_on, made_on, opened_on, minutes, is_primary, is_assigned, priority, state, facts, result)
    SELECT %(branch)s, w.client_id, w.owner_id, 'plan', 'mandatory', w.tier, w.title, w.channel, %(due_at)s,
           %(serve)s::date + w.rhythm - 1, %(day)s, CASE w.way WHEN 'message' THEN %(day)s::date END, w.minutes,
           w.way = 'talk', false, (1 + w.value) * (1 + greatest(%(serve)s - w.due_on, 0) / w.rhythm::float8),
           CASE w.way WHEN 'message' THEN 'open' ELSE 'waiting' END,
           jsonb_build_object('last_on', w.last_on, 'rhythm', w.rhythm, 'due_on', w.due_on), ''
    FROM wanted w
    WHERE NOT EXISTS (
        SELECT 1 FROM service_logs_task t
        WHERE t.client_id = w.client_id AND t.branch_id = %(branch)s AND t.made_on = %(day)s AND t.source = 'plan'
          AND (t.channel IN ('sms', 'email', 'post')) = (w.way = 'message') AND t.state <> 'cancelled')
    ORDER BY w.client_id, w.way
    ON CONFLICT (client_id, channel) WHERE source = 'plan' AND state IN ('open', 'waiting') DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM called), (SELECT count(*) FROM called WHERE channel IS NULL),
       (SELECT count(*) FROM gone), (SELECT count(*) FROM made)
"""

# A client who came into being since the signals were raised has no memory yet.
REMEMBER = """
INSERT INTO service_logs_servicestanding (client_id, branch_id, seen_on)
SELECT client_id, branch_id, %(day)s
FROM clients_clientstanding s
WHERE branch_id = %(branch)s AND NOT is_closed AND NOT EXISTS (
    SELECT 1 FROM service_logs_servicestanding x WHERE x.branch_id = %(branch)s AND x.client_id = s.client_id)
ON CONFLICT (client_id) DO NOTHING
"""

# What lists show and sort by; changed rows only. Nothing is due to whom the policy owes nothing any more, and
# for whom a new tier owes only talks, messages are no contacts any more.
SHOW = f"""
UPDATE clients_clientstanding s SET last_contact_on = n.last_on, next_contact_on = n.next_on
FROM (
    SELECT s.client_id, min(CASE WHEN p.way IS NOT NULL THEN
               {DUE_ON} END) AS next_on,
           CASE WHEN bool_and(p.way = 'talk') THEN x.last_talk_on
                ELSE greatest(x.last_message_on, x.last_talk_on) END AS last_on
    FROM clients_clientstanding s
    JOIN service_logs_servicestanding x ON x.client_id = s.client_id AND x.branch_id = %(branch)s
    LEFT JOIN {POLICY_TABLE} ON (p.grade, p.tier, p.value_type) = (s.grade, s.tier, s.value_type)
    WHERE s.branch_id = %(branch)s AND NOT s.is_closed
    GROUP BY s.client_id, x.last_talk_on, x.last_message_on
) n WHERE s.client_id = n.client_id AND s.branch_id = %(branch)s
  AND (s.last_contact_on, s.next_contact_on) IS DISTINCT FROM (n.last_on, n.next_on)
"""


@transaction.atomic
def plan_contacts(branch: Branch, day: date) -> Ledger:
    """Turn every contact that falls due on the morning after `day` into a task, once (SEG-05, COM-01, COM-02).

    Refused channels give way to the fallback or to nothing; a planned task that is no longer due,
    because the policy, the consent or the client changed, is withdrawn.
    """
    days = calendar(branch.calendar)
    serve = serve_day(day, days)
    people = posts(branch, serve)
    scope: dict[str, Any] = {
        "branch": branch.pk, "day": day, "serve": serve, "horizon": horizon(day, days),
        "due_at": moment(serve, CLOSE_OF_WORK), **grid_columns(branch), **people.columns(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        run_large(cursor, REMEMBER, scope)
        due, refused, withdrawn, made = run_large(cursor, PLAN, scope)[0][0]
        run_large(cursor, SHOW, scope)
    waiting = fit_into_day(branch, day, people)
    ledger = Ledger(seen=due, changed=made, detail={"withdrawn": withdrawn, "waiting": waiting})
    if refused:
        ledger.skipped["客户拒绝此渠道"] = refused
    if due - refused - made:
        ledger.skipped["已有待办"] = due - refused - made
    return ledger
