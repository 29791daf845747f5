"""Who was reached by whom, and who was left alone."""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count

from office.models import Branch
from service_logs.models import Contact
from service_logs.queries.policies import POLICY_TABLE, grid_columns

REACHED = (Contact.Result.REACHED, Contact.Result.CALLBACK_AGREED, Contact.Result.COMPLAINT_RAISED)
MISSED_CONTACTS = 2  # due contacts missed in a row (nightly.md §5.4)
RHYTHMS_OF_SILENCE = 2  # and no reached contact within so many rhythms

# A missed contact is a planned one that expired; it counts when it was due after the last that qualified.
NEGLECTED = f"""
SELECT s.client_id
FROM clients_clientstanding s
JOIN {POLICY_TABLE} ON (p.grade, p.tier, p.value_type) = (s.grade, s.tier, s.value_type)
JOIN service_logs_servicestanding x ON x.client_id = s.client_id
JOIN service_logs_task t ON t.client_id = s.client_id AND t.branch_id = s.branch_id
     AND t.source = 'plan' AND t.state = 'expired'
     AND (t.channel IN ('sms', 'email', 'post')) = (p.way = 'message')
     AND (t.due_at AT TIME ZONE 'Asia/Shanghai')::date <= %(on)s
     AND (t.due_at AT TIME ZONE 'Asia/Shanghai')::date
         > coalesce(CASE p.way WHEN 'talk' THEN x.last_talk_on
                               ELSE greatest(x.last_message_on, x.last_talk_on) END, '-infinity'::date)
WHERE s.branch_id = %(branch)s AND NOT s.is_closed
  AND (x.last_talk_on IS NULL OR x.last_talk_on < %(on)s - {RHYTHMS_OF_SILENCE} * p.rhythm)
  AND NOT EXISTS (SELECT 1 FROM service_logs_contact r
                  WHERE r.client_id = s.client_id AND r.undone_at IS NULL AND r.result = ANY(%(reached)s)
                    AND (r.at AT TIME ZONE 'Asia/Shanghai')::date
                        BETWEEN %(on)s - {RHYTHMS_OF_SILENCE} * p.rhythm AND %(on)s)
GROUP BY s.client_id, p.way
HAVING count(*) >= {MISSED_CONTACTS}
"""


def neglected_client_ids(branch: Branch, on: date) -> set[int]:
    """Return the clients who missed two due contacts and were not reached within twice the rhythm (nightly.md §5.4)."""
    reached = [str(result) for result in REACHED]
    scope: dict[str, Any] = {"branch": branch.pk, "on": on, "reached": reached, **grid_columns(branch)}
    with connection.cursor() as cursor:
        cursor.execute(NEGLECTED, scope)
        return {client_id for (client_id,) in cursor.fetchall()}


def reached_counts(branch: Branch, since: date, until: date) -> list[tuple[int, int, int]]:
    """Return (client, author, times reached) of the days `since` to `until`, both included."""
    return list(
        Contact.objects.standing()
        .filter(branch=branch, at__date__gte=since, at__date__lte=until, result__in=REACHED)
        .values_list("client_id", "author_id")
        .annotate(times=Count("pk"))
        .order_by("client_id", "author_id")
    )
