"""Who is told when a deadline passes: one level at a time, with a cap and a cool-down, only while the branch works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from office.dates import TradingCalendar


class Level(IntEnum):
    """How high a clock has risen."""

    NONE = 0
    LEADER = 1
    DIRECTOR = 2
    BRANCH_HEAD = 3
    COMPLIANCE = 4


TOP = Level.COMPLIANCE  # the cap: nobody is told beyond it
COOL_DOWN = timedelta(hours=4)  # of working time between two levels
REMIND_BEFORE = timedelta(hours=4)  # of working time before the deadline the handler is reminded


@dataclass(frozen=True)
class Clock:
    """What a decision to escalate needs to know of one running clock."""

    due_at: datetime
    level: int = Level.NONE
    escalated_at: datetime | None = None
    reminded_at: datetime | None = None


def next_level(clock: Clock, now: datetime, days: TradingCalendar) -> Level | None:
    """Return the level a clock rises to now, or None.

    Outside working time, before the deadline, at the cap and while the last rise cools down it stays.
    """
    if not days.is_working_moment(now) or now <= clock.due_at or clock.level >= TOP:
        return None
    if clock.escalated_at is not None and days.working_time_between(clock.escalated_at, now) < COOL_DOWN:
        return None
    return Level(clock.level + 1)


def wants_reminder(clock: Clock, now: datetime, days: TradingCalendar) -> bool:
    """Whether the handler is to be reminded now: once, while the branch works, shortly before the deadline."""
    if clock.reminded_at is not None or now > clock.due_at or not days.is_working_moment(now):
        return False
    return days.working_time_between(now, clock.due_at) <= REMIND_BEFORE
