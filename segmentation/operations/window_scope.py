"""The ground a window is built on, as temporary tables of one transaction: trading days, open accounts, ladders.

window_session  calendar day → the session it counts on, its age and weight on the day the window is for,
                and the session 250 before it (where the client's own usual day is measured from)
window_account  the open accounts; `is_shared` where the owner has several
window_ladder   client → the four assets thresholds in fen, at 90 % (a day near the tier)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from office import queries
from office.models import Branch
from office.statements import run_large
from segmentation.models import TierRule, WeightSet
from segmentation.scoring.measures import WINDOW, decay

MEMORY = 2 * WINDOW  # sessions a window looks back on: 250 of its own, and 250 before the oldest for the bound

CREATE = """
CREATE TEMPORARY TABLE IF NOT EXISTS window_session
    (day date PRIMARY KEY, session date NOT NULL, age integer NOT NULL, weight float8 NOT NULL,
     since date NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS window_account
    (account_id bigint PRIMARY KEY, client_id bigint NOT NULL, is_shared boolean NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS window_ladder
    (client_id bigint PRIMARY KEY, silver bigint, gold bigint, platinum bigint, diamond bigint) ON COMMIT DROP;
"""
ACCOUNTS = """
TRUNCATE window_account, window_ladder;
INSERT INTO window_account
SELECT id, client_id, count(*) OVER (PARTITION BY client_id) > 1 FROM clients_account
WHERE branch_id = %(branch)s AND {is_open} AND (%(clients)s::bigint[] IS NULL OR client_id = ANY(%(clients)s));
INSERT INTO window_ladder
SELECT c.id, l.silver, l.gold, l.platinum, l.diamond
FROM clients_client c
JOIN (VALUES (true, %(person)s), (false, %(institution)s)) AS k(is_person, near) ON k.is_person = (c.kind = 'person')
CROSS JOIN LATERAL (SELECT near[1] AS silver, near[2] AS gold, near[3] AS platinum, near[4] AS diamond) l
WHERE c.branch_id = %(branch)s AND c.id IN (SELECT client_id FROM window_account);
ANALYZE window_account, window_ladder;
"""
IS_OPEN = (
    "(closed_on > %(as_of)s OR (closed_on IS NULL AND status <> 'closed'))"
    " AND (opened_on IS NULL OR opened_on <= %(as_of)s)"
)
SESSIONS = """
TRUNCATE window_session;
INSERT INTO window_session SELECT * FROM unnest(%s::date[], %s::date[], %s::integer[], %s::float8[], %s::date[]);
ANALYZE window_session;
"""
# Days that came by COPY or were just laid in are strangers to the planner until somebody counts them: without
# that it takes 49 new clients' windows through all days of all clients. Whoever else counts a table now is let be.
UNKNOWN = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent IN ('clients_accountday'::regclass, 'clients_clientday'::regclass)
  AND pg_relation_size(c.oid) / current_setting('block_size')::integer > 2 * greatest(c.relpages, 0)
ORDER BY 1
"""
COUNT = "ANALYZE (SKIP_LOCKED) {} (branch_id, client_id, day)"
STEPS = ("silver", "gold", "platinum", "diamond")
NEAR_PERCENT = 90  # of a threshold (segmentation.scoring.tiers.NEAR, in whole fen)


@dataclass(frozen=True)
class Sessions:
    """The trading days a window needs, ascending, ending with the day it is for."""

    days: Sequence[date]
    following: date | None = None  # the session after the last, None beyond the calendar

    @property
    def as_of(self) -> date:
        """The last session, on which the windows end."""
        return self.days[-1]

    @property
    def gone(self) -> date:
        """The session that left the window of 250 last."""
        return self.aged(WINDOW) or self.days[0]

    def aged(self, age: int) -> date | None:
        """Return the session `age` trading days back, None if the calendar does not reach it."""
        return self.days[-1 - age] if age < len(self.days) else None

    def until(self, day: date) -> "Sessions":
        """Return the sessions as they were on an earlier one of them."""
        place = self.days.index(day) + 1
        return Sessions(self.days[:place], self.days[place] if place < len(self.days) else self.following)


def sessions_until(branch: Branch, as_of: date) -> Sessions:
    """Return the sessions up to the last one at or before `as_of`, as many as windows look back on and one more."""
    calendar = queries.calendar(branch.calendar)
    last = calendar.last_trading(as_of)
    place = calendar.trading.index(last) + 1
    following = calendar.trading[place] if place < len(calendar.trading) else None
    return Sessions(calendar.trading[max(place - MEMORY - WINDOW - 1, 0) : place], following)


def lay_out(
    cursor: CursorWrapper, branch: Branch, as_of: date, weights: WeightSet, clients: list[int] | None = None
) -> None:
    """Fill the tables of accounts and ladders for the branch, or for some of its clients."""
    cursor.execute(CREATE)
    rules = TierRule.objects.filter(weight_set=weights)
    near = {(rule.ladder, rule.tier): -(-rule.min_assets_fen * NEAR_PERCENT // 100) for rule in rules}
    run_large(
        cursor,
        ACCOUNTS.format(is_open=IS_OPEN),
        {
            "branch": branch.pk,
            "as_of": as_of,
            "clients": clients,
            "person": [near[TierRule.Ladder.PERSON, step] for step in STEPS],
            "institution": [near[TierRule.Ladder.INSTITUTION, step] for step in STEPS],
        },
    )


def meet_days(cursor: CursorWrapper) -> int:
    """Let the planner count months of days that doubled since it last did; return how many."""
    cursor.execute(UNKNOWN)
    months = [name for (name,) in cursor.fetchall()]
    for name in months:
        cursor.execute(COUNT.format(connection.ops.quote_name(name)))
    return len(months)


def lay_out_sessions(cursor: CursorWrapper, sessions: Sessions, count: int) -> None:
    """Fill the table of sessions with the last `count` of them and every calendar day that counts on one."""
    count = min(count, len(sessions.days) - 1)
    days, on, ages, since = [], [], [], []
    for age in range(count):
        session, before = sessions.days[-1 - age], sessions.days[-2 - age]
        for back in range((session - before).days):
            days.append(session - timedelta(days=back))
            on.append(session)
            ages.append(age)
            since.append(sessions.aged(age + WINDOW) or sessions.days[0])
    weights = decay(np.array(ages)).tolist()
    cursor.execute(SESSIONS, [days, on, ages, weights, since])
