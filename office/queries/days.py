"""The calendar as it stands in the table."""

from datetime import date
from time import monotonic

from office.dates import WARN_BELOW_TRADING_DAYS, CalendarExhausted, TradingCalendar
from office.models import CalendarDay

LIFETIME_SECONDS = 60.0  # how long a process may not know of a year uploaded elsewhere

_known: dict[str, tuple[float, TradingCalendar]] = {}


def calendar(name: str = "XSHG") -> TradingCalendar:
    """Return the calendar `name`, read at most once a minute per process.

    Raises CalendarExhausted if the table holds no day of it.
    """
    read_at, known = _known.get(name, (0.0, None))
    if known is None or monotonic() - read_at > LIFETIME_SECONDS:
        known = _read(name)
        _known[name] = monotonic(), known
    return known


def forget_calendars() -> None:
    """Make the next `calendar()` of this process read the table again."""
    _known.clear()


def calendar_warning(today: date, name: str = "XSHG") -> str | None:
    """Return a sentence for the user if fewer than 30 trading days are left after `today`, else None."""
    try:
        days = calendar(name)
        left = days.trading_days_between(today, days.last)
    except CalendarExhausted as error:
        return error.message
    if left >= WARN_BELOW_TRADING_DAYS:
        return None
    return f"交易日历只到 {days.last:%Y-%m-%d}，还剩 {left} 个交易日。请营销系统管理员上传 {days.last.year + 1} 年日历"


def calendar_year(year: int, name: str = "XSHG") -> list[CalendarDay]:
    """Return the days of one year in order; an empty list if the year is not in the table."""
    return list(CalendarDay.objects.filter(calendar=name, day__year=year).order_by("day"))


def _read(name: str) -> TradingCalendar:
    rows = list(
        CalendarDay.objects.filter(calendar=name).order_by("day").values_list("day", "is_working", "is_trading")
    )
    if not rows:
        raise CalendarExhausted("交易日历是空的。请运行 manage.py calendar seed，或由营销系统管理员上传年份")
    return TradingCalendar(
        first=rows[0][0],
        last=rows[-1][0],
        trading=tuple(day for day, _, is_trading in rows if is_trading),
        working=tuple(day for day, is_working, _ in rows if is_working),
    )
