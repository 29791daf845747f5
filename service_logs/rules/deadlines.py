"""Until when a signal is to be answered: by the trading calendar, always inside working time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from office.dates import SHANGHAI, CalendarExhausted, TradingCalendar


def serve_day(day: date, days: TradingCalendar) -> date:
    """Return the working day that the night following `day` prepares: the next one, make-up days included."""
    return days.add_working(day, 1)


def horizon(day: date, days: TradingCalendar) -> date:
    """Return the last day that the served day looks after: the day before the working day that follows it.

    So a Friday before a holiday looks after every birthday in it.
    """
    try:
        return days.add_working(serve_day(day, days), 1) - timedelta(days=1)
    except CalendarExhausted:
        return days.last


def due_day(measure: str, count: int, occurred_on: date, serve: date, days: TradingCalendar) -> date:
    """Return the working day until whose close something that happened on `occurred_on` is to be answered.

    It is never before `serve`, the first morning on which anybody can know of it. Calendar days and
    days to come that are not worked fall back to the working day before them. What lies beyond the
    calendar's table is due on its last working day: early rather than never.
    """
    try:
        wanted = _wanted(measure, count, occurred_on, days)
    except CalendarExhausted:
        wanted = days.working[-1]
    return max(wanted, serve)


def _wanted(measure: str, count: int, occurred_on: date, days: TradingCalendar) -> date:
    if measure == "trading_days":
        return days.add_trading(occurred_on, count)
    if measure == "working_days":
        return days.add_working(occurred_on, count)
    if measure == "month":
        first = occurred_on.replace(day=1)
        return last_working((first + timedelta(days=31)).replace(day=1) - timedelta(days=1), days)
    return last_working(occurred_on + timedelta(days=count), days)  # calendar days; the same day is none of them


def last_working(day: date, days: TradingCalendar) -> date:
    """Return the latest working day at or before `day`."""
    return day if days.is_working(day) else days.add_working(day, -1)


def moment(day: date, at: time) -> datetime:
    """Return the moment of a due day, on the Shanghai clock."""
    return datetime.combine(day, at, SHANGHAI)


def lapse_day(due: date, count: int, days: TradingCalendar) -> date:
    """Return the last day on which a task due on `due` is still shown: `count` trading days later."""
    try:
        return days.add_trading(due, count)
    except CalendarExhausted:
        return days.last
