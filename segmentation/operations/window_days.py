"""Every client's day, summed over his open accounts, with the one-off bound fixed when the day is rolled in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper

from clients.models import ClientDay
from office.models import Branch
from office.partitions import ensure_months
from segmentation.operations.window_scope import Sessions, lay_out_sessions, meet_days
from segmentation.scoring.measures import ONE_OFF_DAYS, ONE_OFF_SHARE, WINDOW, one_off_bound

# An account's row tells what lay in it from then on. So the assets of a client with several accounts are
# the running sum of the changes of all of them; what an account held before the first session opens the
# sum. A client with one account and no rows between sessions (nearly everybody) needs none of that.
ASSETS = "net_assets_fen - (restricted_fen * 8 + 5) / 10"
TURNOVER = "CASE WHEN is_period THEN 0 ELSE turnover_fen END"
FACTS = """
    FROM clients_accountday d
    JOIN window_account w USING (account_id)
    JOIN window_session m USING (day)
    WHERE d.branch_id = %(branch)s AND d.day BETWEEN %(first)s AND %(as_of)s
"""
INSERT = f"""
WITH between_sessions AS MATERIALIZED (
    SELECT DISTINCT account_id FROM clients_accountday
    WHERE branch_id = %(branch)s AND day = ANY(%(off_days)s::date[])
), fact AS (
    SELECT w.client_id, w.account_id, m.session, d.day, net_commission_fen, trade_count, inflow_fen, outflow_fen,
           {TURNOVER} AS turnover_fen, {ASSETS} AS assets_fen
    {FACTS} AND (w.is_shared OR w.account_id IN (SELECT account_id FROM between_sessions))
    UNION ALL
    SELECT w.client_id, w.account_id, NULL, old.day, 0, 0, 0, 0, 0, old.assets_fen
    FROM window_account w
    CROSS JOIN LATERAL (
        SELECT day, {ASSETS} AS assets_fen FROM clients_accountday
        WHERE account_id = w.account_id AND day < %(first)s ORDER BY day DESC LIMIT 1
    ) old
    WHERE w.is_shared
), change AS (
    SELECT *, assets_fen - lag(assets_fen, 1, 0::bigint) OVER (PARTITION BY account_id ORDER BY day) AS assets_change
    FROM fact
), client_day AS (
    SELECT client_id, session, sum(net_commission_fen)::bigint AS commission_fen,
           sum(turnover_fen)::bigint AS turnover_fen, sum(trade_count)::integer AS trade_count,
           sum(inflow_fen)::bigint AS inflow_fen, sum(outflow_fen)::bigint AS outflow_fen,
           sum(sum(assets_change)) OVER (PARTITION BY client_id ORDER BY session NULLS FIRST)::bigint AS assets_fen
    FROM change GROUP BY client_id, session
)
INSERT INTO clients_clientday (client_id, day, branch_id, commission_fen, bounded_fen, turnover_fen, assets_fen,
                               trade_count, inflow_fen, outflow_fen)
SELECT client_id, session, %(branch)s, commission_fen, commission_fen, turnover_fen, assets_fen,
       trade_count, inflow_fen, outflow_fen
FROM client_day WHERE session IS NOT NULL
UNION ALL
SELECT w.client_id, d.day, %(branch)s, net_commission_fen, net_commission_fen, {TURNOVER}, {ASSETS},
       trade_count, inflow_fen, outflow_fen
{FACTS} AND NOT w.is_shared AND w.account_id NOT IN (SELECT account_id FROM between_sessions)
"""

# Days above 5 % of the branch's are few, so each may look up its own history. The branch's own days are added up
# only where one of these clients paid: when some windows are built anew, that is on few of them.
PAID = """
    FROM clients_clientday c
    WHERE c.branch_id = %(branch)s AND c.day BETWEEN %(first)s AND %(as_of)s
      AND c.client_id IN (SELECT client_id FROM window_account) AND c.commission_fen > 0
"""
LARGE_DAYS = f"""
WITH branch_day AS (
    SELECT m.session, sum(d.net_commission_fen)::bigint AS total_fen
    FROM clients_accountday d JOIN window_session m USING (day)
    WHERE d.branch_id = %(branch)s AND m.age < {WINDOW} AND d.day = ANY(ARRAY(
        SELECT day FROM window_session WHERE day BETWEEN %(first)s AND %(as_of)s
                                         AND session IN (SELECT DISTINCT c.day {PAID})))
    GROUP BY m.session
), large AS MATERIALIZED (  -- found first: only these may look up their history
    SELECT c.client_id, c.day, c.commission_fen, b.total_fen, m.weight, m.since
    FROM (SELECT c.client_id, c.day, c.commission_fen {PAID}) c
    JOIN branch_day b ON b.session = c.day
    JOIN window_session m ON m.day = c.day
    WHERE c.commission_fen > {ONE_OFF_SHARE} * b.total_fen
)
SELECT c.client_id, c.day, c.weight, c.commission_fen, c.total_fen, own.days, own.median_fen
FROM large c
CROSS JOIN LATERAL (
    SELECT count(*) AS days, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.commission_fen) AS median_fen
    FROM clients_clientday p
    WHERE p.client_id = c.client_id AND p.day >= c.since AND p.day < c.day AND p.commission_fen <> 0
) own
WHERE own.days >= {ONE_OFF_DAYS}
ORDER BY c.client_id, c.day
"""
BOUND = """
UPDATE clients_clientday c SET bounded_fen = b.fen
FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS b(client_id, day, fen)
WHERE c.client_id = b.client_id AND c.day = b.day
"""


@dataclass(frozen=True)
class OneOff:
    """One day whose commission was reduced; `lost_fen` is what whole fen cut off the exact bound."""

    client_id: int
    day: date
    weight: float
    lost_fen: float


def add_days(cursor: CursorWrapper, branch: Branch, sessions: Sessions, count: int) -> tuple[int, list[OneOff]]:
    """Write the client days of the last `count` sessions; return how many, and which were reduced."""
    lay_out_sessions(cursor, sessions, count)
    cursor.execute(
        "SELECT min(day), array_agg(DISTINCT session), array_agg(day) FILTER (WHERE day <> session) FROM window_session"
    )
    first, days, off_days = cursor.fetchone()
    ensure_months(ClientDay, days)
    scope = {"branch": branch.pk, "first": first, "as_of": sessions.as_of}
    cursor.execute(INSERT, {**scope, "off_days": off_days or []})
    written = cursor.rowcount
    meet_days(cursor)
    return written, _bound(cursor, scope)


def _bound(cursor: CursorWrapper, scope: dict[str, Any]) -> list[OneOff]:
    cursor.execute(LARGE_DAYS, scope)
    rows = cursor.fetchall()
    if not rows:
        return []
    amount, total, median = (np.array([row[i] for row in rows], np.float64) for i in (3, 4, 6))
    exact = one_off_bound(amount, median, np.array([row[5] for row in rows], np.int64), total)
    whole = np.floor(exact + 0.5)
    reduced = [
        (OneOff(row[0], row[1], row[2], float(lost)), int(fen))
        for row, lost, fen, is_cut in zip(rows, exact - whole, whole, exact < amount, strict=True)
        if is_cut
    ]
    cursor.execute(
        BOUND, [[cut.client_id for cut, _ in reduced], [cut.day for cut, _ in reduced], [fen for _, fen in reduced]]
    )
    return [cut for cut, _ in reduced]
