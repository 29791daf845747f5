"""What fits into the day of each person: one call per client, mandatory before the rest, by value."""

from datetime import date

from django.db import connection

from office.models import Branch
from service_logs.operations.statements import run_large
from service_logs.queries.posts import BUDGET_TABLE, Posts

# A bundle is one call: all that is owed to one client by one person. Messages of one person are one batch.
# What somebody finished while this ran stays finished: the last line looks at the row as it is by then.
# Order (nightly.md §6): mandatory by deadline, then contacts by value × urgency, then aims, then optional.
FIT = f"""
WITH owed AS (
    SELECT t.id, t.owner_id, t.due_at, t.priority, t.minutes, t.state, t.is_primary,
           t.channel IN ('sms', 'email', 'post') AS is_message,
           CASE WHEN t.channel IN ('sms', 'email', 'post') THEN 0 ELSE t.client_id END AS called,
           CASE WHEN t.channel IN ('sms', 'email', 'post') THEN 0
                WHEN t.kind = 'mandatory' AND t.source <> 'plan' THEN 0
                WHEN t.source = 'plan' THEN 1
                WHEN t.tier IN ('platinum', 'diamond') THEN 2 ELSE 3 END AS class
    FROM service_logs_task t
    WHERE t.branch_id = %(branch)s AND t.state IN ('open', 'waiting')
), bundle AS (
    SELECT owner_id, called, is_message, min(class) AS class, min(due_at) AS due_at, max(priority) AS priority,
           max(minutes) AS minutes
    FROM owed GROUP BY owner_id, called, is_message
), ranked AS (
    SELECT u.*, u.class = 0 OR sum(u.minutes) OVER (
               PARTITION BY u.owner_id
               ORDER BY u.class, CASE WHEN u.class = 0 THEN u.due_at END, u.priority DESC, u.called, u.is_message
               ROWS UNBOUNDED PRECEDING) <= coalesce(b.minutes, 'infinity') AS fits
    FROM bundle u LEFT JOIN {BUDGET_TABLE} ON b.owner_id = u.owner_id
), placed AS (
    SELECT o.id, o.state, o.is_primary, CASE WHEN r.fits THEN 'open' ELSE 'waiting' END AS new_state,
           row_number() OVER (PARTITION BY o.owner_id, o.called, o.is_message
                              ORDER BY o.class, o.due_at, o.priority DESC, o.id) = 1 AS leads
    FROM owed o
    JOIN ranked r ON r.owner_id IS NOT DISTINCT FROM o.owner_id AND r.called = o.called AND r.is_message = o.is_message
)
UPDATE service_logs_task t
SET state = p.new_state, is_primary = p.leads,
    opened_on = CASE WHEN p.new_state = 'open' THEN coalesce(t.opened_on, %(day)s) END
FROM placed p
WHERE t.id = p.id AND (p.state <> p.new_state OR p.is_primary <> p.leads) AND t.state IN ('open', 'waiting')
"""


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
