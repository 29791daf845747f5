"""How much time is left, in words: working days, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from office.dates import SHANGHAI, TradingCalendar


@dataclass(frozen=True)
class Left:
    """Time left: a look (c late, w today or tomorrow, i later, o stands still), an icon and words."""

    look: str
    icon: str
    words: str


STANDS = Left("o", "player-pause", "已暂停")
NONE = Left("o", "minus", "—")


def time_left(days: TradingCalendar, due_at: datetime | None, now: datetime, *, paused: bool = False) -> Left:
    """Return what is left from `now` until `due_at`; days beyond the known calendar count as weekdays."""
    if due_at is None:
        return NONE
    if due_at < now:
        return _late(due_at, now)
    if paused:
        return STANDS
    last, today = due_at.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    if last.date() == today:
        return Left("w", "alert-triangle", f"今日 {last:%H:%M} 前")
    count = days.with_weekdays_until(last.date()).working_days_between(today, last.date())
    if count <= 1:
        return Left("w", "alert-triangle", f"剩 {max(count, 1)} 个工作日")
    return Left("i", "clock", f"剩 {count} 个工作日")


def _late(due_at: datetime, now: datetime) -> Left:
    count = (now.astimezone(SHANGHAI).date() - due_at.astimezone(SHANGHAI).date()).days
    return Left("c", "alert-octagon", f"逾期 {count} 天" if count else "今日已逾期")
