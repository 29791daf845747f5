"""Quarters, and when a drill of one is overdue."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = 3
LAST_WEEKS = timedelta(days=21)  # before the end of a quarter, a missing drill is told


def quarter_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter `day` lies in."""
    first = date(day.year, (day.month - 1) // MONTHS * MONTHS + 1, 1)
    after = (first + timedelta(days=100)).replace(day=1)  # 100 days lie in the fourth month
    return first, after - timedelta(days=1)


def quarter_before(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter before that of `day`."""
    return quarter_of(quarter_of(day)[0] - timedelta(days=1))


def drill_state(held_before: int, held_now: int, wanted: int, today: date) -> str:
    """Return "overdue", "due" or "" for a team by what it held in the last and this quarter.

    What was missed last quarter is overdue until made up for; what misses this one is due in its last weeks.
    """
    missed = max(0, wanted - held_before)
    if missed and held_now < missed:
        return "overdue"
    ends_on = quarter_of(today)[1]
    return "due" if held_now < wanted and today > ends_on - LAST_WEEKS else ""
