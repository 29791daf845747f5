"""How a running clock is told: icon, look and words, so that colour is never alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PRESSING = timedelta(hours=8)  # from here on a clock is amber
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """One state in words with its icon; `look` is a status of the house (info, done, warn, plan, crit, off)."""

    look: str
    icon: str
    words: str


def time_left(deadline_at: datetime, now: datetime) -> Mark:
    """Return how a clock stands: 剩 1 天 3 小时, 剩 40 分钟, 超时 2 小时."""
    left = deadline_at - now
    if left < timedelta(0):
        return Mark("crit", "alert-octagon", f"超时 {span(-left)}")
    if left <= PRESSING:
        return Mark("warn", "alert-triangle", f"剩 {span(left)}")
    return Mark("info", "clock", f"剩 {span(left)}")


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units: 2 天 3 小时, 3 小时 5 分钟, 12 分钟."""
    days, rest = divmod(max(length, timedelta(0)), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分钟" if minutes else f"{hours} 小时"
    return f"{minutes} 分钟"
