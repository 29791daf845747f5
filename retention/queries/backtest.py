"""What became of those a score warned of: the share that left by band, and the lift over random (nightly.md §7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max

from office.dates import CalendarExhausted
from office.models import Branch
from office.partitions import month_of
from office.queries import calendar
from retention.models import Band, ChurnRun
from retention.scoring.churn import lift

HORIZON = 60  # trading days, a quarter
MOST_RUNS = 24  # months looked at

# Judged is who was still there. Gone is who closed or moved: by the counter's events, by his accounts, or by a
# request that was served as a whole.
OUTCOMES = """
WITH gone AS MATERIALIZED (
    SELECT client_id, day FROM clients_accountevent
    WHERE branch_id = %(branch)s AND kind IN ('close', 'cancel_designation', 'custody_transfer')
      AND day > %(since)s::date - 365
    UNION ALL
    SELECT client_id, max(closed_on) FROM clients_account WHERE branch_id = %(branch)s
    GROUP BY client_id HAVING count(*) FILTER (WHERE closed_on IS NULL) = 0 AND max(closed_on) > %(since)s::date - 365
    UNION ALL
    SELECT client_id, (done_at AT TIME ZONE 'Asia/Shanghai')::date FROM retention_closurerequest
    WHERE branch_id = %(branch)s AND state = 'done' AND NOT is_partial
)
SELECT s.band, s.is_asked, count(*), count(*) FILTER (WHERE s.is_gone)
FROM (
    SELECT s.band, s.signals @> '[{"code": "leaving"}]' OR s.signals @> '[{"code": "moved_out"}]' AS is_asked,
           EXISTS (SELECT 1 FROM gone g WHERE g.client_id = s.client_id AND g.day > r.as_of AND g.day <= r.until)
               AS is_gone
    FROM retention_churnscore s
    JOIN unnest(%(runs)s::bigint[], %(days)s::date[], %(untils)s::date[]) AS r(run_id, as_of, until)
      ON r.run_id = s.run_id AND r.as_of = s.as_of
    WHERE NOT EXISTS (SELECT 1 FROM gone g WHERE g.client_id = s.client_id AND g.day <= r.as_of)
) s GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Line:
    """One band: how many client-days were in it, how many of them left within the horizon, and the lift over random."""

    band: int
    clients: int
    left: int
    share: float | None
    lift: float | None

    @property
    def label(self) -> str:
        """The band in words."""
        return str(Band(self.band).label)


@dataclass(frozen=True)
class Table:
    """The bands of one population, the highest first, and all of them together."""

    lines: list[Line]
    clients: int
    left: int

    @property
    def share(self) -> float | None:
        """The share of all that left."""
        return self.left / self.clients if self.clients else None


@dataclass(frozen=True)
class Backtest:
    """What a branch's past scores were worth. `early` leaves out who had asked to leave by then."""

    runs: list[ChurnRun]
    everybody: Table
    early: Table


def table(counts: Iterable[tuple[int, int, int]]) -> Table:
    """Return the table of (band, clients, left), bands that occur twice added up."""
    clients, left = dict.fromkeys(Band.values, 0), dict.fromkeys(Band.values, 0)
    for band, count, gone in counts:
        clients[band] += count
        left[band] += gone
    total, all_left = sum(clients.values()), sum(left.values())
    lines = [
        Line(
            band, clients[band], left[band], left[band] / clients[band] if clients[band] else None,
            lift(left[band], clients[band], all_left, total),
        )
        for band in sorted(Band.values, reverse=True)
    ]  # fmt: skip
    return Table(lines, total, all_left)


def backtest(branch: Branch) -> Backtest:
    """Judge the scores of the branch that are a horizon old: the last run of each month, oldest first."""
    runs = _ripe_runs(branch)
    if not runs:
        return Backtest([], table([]), table([]))
    rows = _outcomes(branch, runs)
    return Backtest(
        runs,
        table((band, clients, left) for band, _, clients, left in rows),
        table((band, clients, left) for band, asked, clients, left in rows if not asked),
    )


def known_until(branch: Branch) -> date | None:
    """Return the last day of which it is known who left: that of the latest score."""
    latest: date | None = ChurnRun.objects.filter(branch=branch).aggregate(day=Max("as_of"))["day"]
    return latest


def _ripe_runs(branch: Branch) -> list[ChurnRun]:
    known = known_until(branch)
    if known is None:
        return []
    try:
        ripe_on = calendar(branch.calendar).add_trading(known, -HORIZON)
    except CalendarExhausted:
        return []
    ripe = ChurnRun.objects.filter(branch=branch, as_of__lte=ripe_on).order_by("as_of", "edition")
    by_month = {month_of(run.as_of): run for run in ripe.select_related("point_set")}
    return list(by_month.values())[-MOST_RUNS:]


def _outcomes(branch: Branch, runs: Sequence[ChurnRun]) -> list[tuple[int, bool, int, int]]:
    days = calendar(branch.calendar)
    scope: dict[str, Any] = {
        "branch": branch.pk,
        "since": min(run.as_of for run in runs),
        "runs": [run.pk for run in runs],
        "days": [run.as_of for run in runs],
        "untils": [days.add_trading(run.as_of, HORIZON) for run in runs],
    }
    with connection.cursor() as cursor:
        cursor.execute(OUTCOMES, scope)
        return list(cursor.fetchall())
