"""How figures, dates and words are written for people: pure, for pages, exports and messages alike.

None and "" (a missing variable of a template) are written —. Money is never a float.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

NONE = "—"
MINUS = "−"  # U+2212
YUAN_PER_WAN = 10_000
YUAN_PER_YI = 100_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "周一", "周二", "周三", "周四", "周五", "周六", "周日"


def number(value: Decimal | float | None | str, places: int = 0, *, plus: bool = False) -> str:
    """Return `value` with thousands commas, rounded half up to `places`; `plus` writes + before what is above zero."""
    if value is None or value == "":
        return NONE
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = MINUS if exact < 0 else "+" if plus and exact > 0 else ""
    return f"{sign}{abs(exact):,}"


def money(value: Decimal | int | None | str, per: int = 1, places: int = 2) -> str:
    """Return an amount of 元 in units of `per` 元. Raises TypeError for a float or any other type."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"money is not made of {type(value).__name__}")
    return number(Decimal(value) / per, places)


def fen(value: int | None | str, per: int = 1, places: int = 2) -> str:
    """Return whole 分 in units of `per` 元. Raises TypeError for anything but an int (or Decimal without fraction)."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise TypeError(f"分 are whole numbers, not {value!r}")
    return number(Decimal(value) / 100 / per, places)


def percent(fraction: Decimal | float | None | str, places: int = 1) -> str:
    """Return a fraction (0 to 1) as 88.6%."""
    return NONE if fraction is None or fraction == "" else f"{number(Decimal(str(fraction)) * 100, places)}%"


def points(difference: Decimal | float | None | str, places: int = 1) -> str:
    """Return the difference of two fractions in percentage points: +1.6 点."""
    if difference is None or difference == "":
        return NONE
    return f"{number(Decimal(str(difference)) * 100, places, plus=True)} 点"


def capped(count: int | None | str, cap: int = 1000) -> str:
    """Return a count that is exact up to `cap` and 1,000+ above it."""
    return f"{number(cap)}+" if isinstance(count, int) and count > cap else number(count)


def day(value: date | None | str, today: date) -> str:
    """Return a date in running text: 8月21日, with the year when it is not the year of `today`."""
    if not isinstance(value, date):
        return NONE
    local = value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日"


def moment(value: datetime | None | str, today: date) -> str:
    """Return an aware datetime by the Shanghai clock: 8月21日 14:00."""
    return f"{day(value, today)} {clock(value)}" if isinstance(value, datetime) else NONE


def clock(value: datetime | None | str) -> str:
    """Return the Shanghai time of an aware datetime: 14:00."""
    return f"{value.astimezone(SHANGHAI):%H:%M}" if isinstance(value, datetime) else NONE


def duration(seconds: float | None | str) -> str:
    """Return a span of seconds as people say it: 0.8 秒, 41 秒, 2 分 51 秒."""
    if not isinstance(seconds, int | float):
        return NONE
    if seconds < 10:
        return f"{number(seconds, 1)} 秒"
    minutes, rest = divmod(round(seconds), 60)
    return f"{number(minutes)} 分 {rest} 秒" if minutes else f"{rest} 秒"


def weekday(value: date | None | str) -> str:
    """Return 周一 to 周日."""
    return WEEKDAYS[value.weekday()] if isinstance(value, date) else NONE


def ago(value: date | None | str, today: date) -> str:
    """Return how many days lie between a past day and `today`: 今天, 昨天, 12 天前."""
    if not isinstance(value, date):
        return NONE
    past = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    days = (today - past).days
    return {0: "今天", 1: "昨天"}.get(days, f"{number(days)} 天前" if days > 0 else day(past, today))


def due(value: date | None | str, today: date) -> str:
    """Return how a deadline stands: 逾期 3 天, 今日到期, 8月28日 到期."""
    if not isinstance(value, date):
        return NONE
    last = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    late = (today - last).days
    return f"逾期 {number(late)} 天" if late > 0 else "今日到期" if late == 0 else f"{day(last, today)} 到期"


def direction(value: Any) -> str:
    """Return the class of a signed market figure: up, down or flat."""
    if not isinstance(value, Decimal | int | float) or value == 0:
        return "flat"
    return "up" if value > 0 else "down"
