"""What was scored beside what the counter says, summed anew from its accounts: the last look before publishing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from office import queries
from office.models import Branch

WINDOW = 250  # trading days whose commission a first night looks at

# Accounts the windows count: those not closed at the day. Restricted value counts for a fifth (nightly.md §3.1).
OPEN_ACCOUNT = (
    "(a.closed_on > %(day)s OR (a.closed_on IS NULL AND a.status <> 'closed'))"
    " AND (a.opened_on IS NULL OR a.opened_on <= %(day)s)"
)
ASSETS = f"""
SELECT (SELECT coalesce(sum(last_assets_fen), 0) FROM clients_clientwindow
        WHERE branch_id = %(branch)s AND as_of = %(day)s)::bigint,
       (SELECT coalesce(sum(last.fen), 0) FROM clients_account a
        CROSS JOIN LATERAL (
            SELECT d.net_assets_fen - (d.restricted_fen * 8 + 5) / 10 AS fen FROM clients_accountday d
            WHERE d.account_id = a.id AND d.day <= %(day)s ORDER BY d.day DESC LIMIT 1
        ) last
        WHERE a.branch_id = %(branch)s AND {OPEN_ACCOUNT})::bigint
"""
COMMISSION = f"""
SELECT (SELECT coalesce(sum(d.commission_fen), 0) FROM clients_clientday d
        WHERE d.branch_id = %(branch)s AND d.day > %(since)s AND d.day <= %(day)s
          AND EXISTS (SELECT 1 FROM clients_clientwindow w WHERE w.client_id = d.client_id))::bigint,
       (SELECT coalesce(sum(d.net_commission_fen), 0) FROM clients_accountday d
        JOIN clients_account a ON a.id = d.account_id
        WHERE d.branch_id = %(branch)s AND d.day > %(since)s AND d.day <= %(day)s AND {OPEN_ACCOUNT})::bigint
"""


@dataclass(frozen=True)
class Totals:
    """Sums in fen, each as (what was scored, what the counter's accounts say)."""

    assets: tuple[int, int]
    commission: tuple[int, int]


def control_totals(branch: Branch, day: date, since: date | None) -> Totals:
    """Return the sums of a night; commission is that of the days after `since`, or of the whole window."""
    days = queries.calendar(branch.calendar)
    scope: dict[str, int | date] = {
        "branch": branch.pk,
        "day": day,
        "since": since or max(days.add_trading(day, -WINDOW), days.first),
    }
    with connection.cursor() as cursor:
        cursor.execute(ASSETS, scope)
        assets = cursor.fetchone()
        cursor.execute(COMMISSION, scope)
        return Totals(assets, cursor.fetchone())
