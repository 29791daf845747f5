"""What fits into the day of each person: one call per client, mandatory before the rest, by value."""

from datetime import date

from django.db import connection

from office.models import Branch
from office.statements import run_large
from service_logs.queries.posts import BUDGET_TABLE, Posts

# A bundle is one call: all that is owed to one client by one person. Messages of one person are one batch.
# Order (nightly.md §6): mandatory by deadline, then contacts by value × urgency, then aims, then optional.
# A task that is not written yet has no number; its signal's orders it among the new ones.
OWED_COLUMNS = """
    {0}.due_at, {0}.priority, {0}.minutes, coalesce({0}.owner_id, 0) AS owner,
    {0}.channel IN ('sms', 'email', 'post') AS is_message,
    CASE WHEN {0}.channel IN ('sms', 'email', 'post') THEN 0 ELSE {0}.client_id END AS called,
    CASE WHEN {0}.channel IN ('sms', 'email', 'post') THEN 0
         WHEN {0}.kind = 'mandatory' AND {0}.source <> 'plan' THEN 0
         WHEN {0}.source = 'plan' THEN 1
         WHEN {0}.tier IN ('platinum', 'diamond') THEN 2 ELSE 3 END AS class
"""
WRITTEN = f"""
    SELECT t.id, NULL::bigint AS signal_id, t.state, t.is_primary, {OWED_COLUMNS.format("t")}
    FROM service_logs_task t WHERE t.branch_id = %(branch)s AND t.state IN ('open', 'waiting')
"""
# From the table `owed` to `placed`: for each task whether it is open or waits, and whether it leads its call.
PLACED = f"""
bundle AS (
    SELECT owner, called, is_message, min(class) AS class, min(due_at) AS due_at, max(priority) AS priority,
           max(minutes) AS minutes
    FROM owed GROUP BY owner, called, is_message
), ranked AS (
    SELECT u.owner, u.called, u.is_message, u.class = 0 OR sum(u.minutes) OVER (
               PARTITION BY u.owner
               ORDER BY u.class, CASE WHEN u.class = 0 THEN u.due_at END, u.priority DESC, u.called, u.is_message
               ROWS UNBOUNDED PRECEDING) <= coalesce(b.minutes, 'infinity') AS fits
    FROM bundle u LEFT JOIN {BUDGET_TABLE} ON b.owner_id = u.owner
), placed AS (
    SELECT o.id, o.signal_id, o.state, o.is_primary, CASE WHEN r.fits THEN 'open' ELSE 'waiting' END AS new_state,
           row_number() OVER (PARTITION BY o.owner, o.called, o.is_message
                              ORDER BY o.class, o.due_at, o.priority DESC, o.id NULLS LAST, o.signal_id) = 1 AS leads
    FROM owed o JOIN ranked r USING (owner, called, is_message)
)
"""
# What somebody finished while this ran stays finished: the last line looks at the row as it is by then.
REPLACE = """
UPDATE service_logs_task t
SET state = p.new_state, is_primary = p.leads,
    opened_on = CASE WHEN p.new_state = 'open' THEN coalesce(t.opened_on, %(day)s) END
FROM placed p
WHERE t.id = p.id AND t.branch_id = %(branch)s
  AND (p.state <> p.new_state OR p.is_primary <> p.leads) AND t.state IN ('open', 'waiting')
"""
FIT = f"WITH owed AS ({WRITTEN}), {PLACED} {REPLACE}"


def fit_into_day(branch: Branch, day: date, posts: Posts) -> int:
    """Open what fits into each person's day and let the rest wait; return how many tasks wait."""
    scope = {"branch": branch.pk, "day": day, **posts.columns()}
    with connection.cursor() as cursor:
        run_large(cursor, FIT, scope)
        cursor.execute("SELECT count(*) FROM service_logs_task WHERE branch_id = %s AND state = 'waiting'", [branch.pk])
        return int(cursor.fetchone()[0])


LEAD = """
UPDATE service_logs_task t SET is_primary = l.leads
FROM (
    SELECT id, is_primary, row_number() OVER (
        PARTITION BY owner_id, client_id, channel IN ('sms', 'email', 'post')
        ORDER BY CASE WHEN kind = 'mandatory' AND source <> 'plan' THEN 0 WHEN source = 'plan' THEN 1 ELSE 2 END,
                 due_at, priority DESC, id) = 1 AS leads
    FROM service_logs_task WHERE client_id = ANY(%(clients)s) AND state IN ('open', 'waiting')
      AND channel NOT IN ('sms', 'email', 'post')
) l WHERE t.id = l.id AND l.is_primary <> l.leads AND t.state IN ('open', 'waiting')
"""


def lead_again(client_ids: list[int]) -> None:
    """Let one task of each call carry its minutes again, after some were done or given away."""
    with connection.cursor() as cursor:
        cursor.execute(LEAD, {"clients": client_ids})
