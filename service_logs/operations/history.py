"""Contacts kept elsewhere until now, taken over as a whole: by COPY, not one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from clients.operations.copying import Values, copy_in
from office.audit import record
from office.dates import SHANGHAI
from office.models import Branch, Employee
from service_logs.models import Contact
from service_logs.rules.counting import counts

STAGING = "contact_staging"
COLUMNS = (
    "client_id bigint, author_id bigint, at timestamptz, channel text, direction text, initiator text, purpose text,"
    " duration_min integer, result text, summary text, need text, is_qualifying boolean, on_day date"
)
INSERT = f"""
INSERT INTO service_logs_contact (branch_id, client_id, author_id, at, channel, direction, initiator, purpose,
    duration_min, result, summary, feedback, need, promise, audience, is_qualifying, version, made_at)
SELECT c.branch_id, c.id, k.author_id, k.at, k.channel, k.direction, k.initiator, k.purpose,
    nullif(k.duration_min, 0), k.result, k.summary, '', k.need, '', 'all', k.is_qualifying, 1, %(now)s
FROM {STAGING} k JOIN clients_client c ON c.id = k.client_id AND c.branch_id = %(branch)s
JOIN office_employee e ON e.id = k.author_id AND e.branch_id = %(branch)s
ORDER BY k.at, k.client_id
"""
REMEMBER = f"""
INSERT INTO service_logs_servicestanding AS held (client_id, branch_id, seen_on, last_talk_on, last_message_on)
SELECT c.id, c.branch_id, max(k.on_day),
       max(k.on_day) FILTER (WHERE k.channel NOT IN ('sms', 'email', 'post')),
       max(k.on_day) FILTER (WHERE k.channel IN ('sms', 'email', 'post'))
FROM {STAGING} k JOIN clients_client c ON c.id = k.client_id AND c.branch_id = %(branch)s
JOIN office_employee e ON e.id = k.author_id AND e.branch_id = %(branch)s
WHERE k.is_qualifying
GROUP BY c.id
ON CONFLICT (client_id) DO UPDATE SET last_talk_on = greatest(held.last_talk_on, excluded.last_talk_on),
    last_message_on = greatest(held.last_message_on, excluded.last_message_on)
"""
SHOW = f"""
UPDATE clients_clientstanding s SET last_contact_on = greatest(x.last_talk_on, x.last_message_on)
FROM service_logs_servicestanding x
WHERE x.client_id = s.client_id AND s.branch_id = %(branch)s AND s.client_id IN (SELECT client_id FROM {STAGING})
  AND s.last_contact_on IS DISTINCT FROM greatest(x.last_talk_on, x.last_message_on)
"""


@dataclass(frozen=True)
class PastContact:
    """One contact as it was noted elsewhere; `at` is aware, `duration_min` 0 where nobody noted it."""

    client_id: int
    author_id: int
    at: datetime
    channel: str
    result: str
    summary: str
    purpose: str = str(Contact.Purpose.CARE)
    direction: str = str(Contact.Direction.OUT)
    initiator: str = str(Contact.Initiator.STAFF)
    duration_min: int = 0
    need: str = ""


@transaction.atomic
def take_over(branch: Branch, contacts: Sequence[PastContact], *, now: datetime, by: Employee) -> int:
    """Write contacts of the branch's clients into the log; return how many.

    They open and end no tasks. Whether one counts is decided as if nothing special were owed:
    talks that reached the client and messages that arrived do. Rows of other branches are left out.
    """
    if not contacts:
        return 0
    scope: dict[str, Any] = {"branch": branch.pk, "now": now.astimezone(UTC)}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {STAGING}")
        cursor.execute(f"CREATE TEMPORARY TABLE {STAGING} ({COLUMNS}) ON COMMIT DROP")
        copy_in(cursor, STAGING, _columns(contacts))
        cursor.execute(INSERT, scope)
        written = int(cursor.rowcount)
        cursor.execute(REMEMBER, scope)
        cursor.execute(SHOW, scope)
    record("service_logs.history_taken_over", "service_logs.contact", by=by, after={"rows": written})
    return written


def _columns(contacts: Sequence[PastContact]) -> list[Values]:
    texts = ("channel", "direction", "initiator", "purpose", "result", "summary", "need")
    whole = {"client_id": "int8", "author_id": "int8", "duration_min": "int4"}
    days = [contact.at.astimezone(SHANGHAI).date() for contact in contacts]
    qualifying = [counts(contact.channel, contact.result, ()) for contact in contacts]
    return [
        *(Values(name, kind, np.array([getattr(c, name) for c in contacts], np.int64)) for name, kind in whole.items()),
        *(Values(name, "text", np.array([getattr(c, name) for c in contacts], object)) for name in texts),
        Values("at", "text", np.array([contact.at.isoformat() for contact in contacts], object)),
        Values("is_qualifying", "bool", np.array(qualifying, np.int64)),
        Values("on_day", "date", np.array(days, "datetime64[D]").astype(np.int64)),
    ]
