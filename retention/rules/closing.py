"""By when a client who leaves must be served (Order 204: two trading days after application and settlement)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from office.dates import SHANGHAI, TradingCalendar

TRADING_DAYS = 2  # after the later of application and settlement; nothing but the law may change it
CLOSE_OF_BUSINESS = time(17, 0)  # Shanghai clock
OLDEST_BACKDATE = timedelta(days=14)  # a letter may lie that long before it is registered
BEYOND_THE_CALENDAR = timedelta(days=31)  # how far plain weekdays may stand in for a year not uploaded yet
SLOWEST_SETTLEMENT = 2  # trading days after the request: the markets' own, 港股通 the last
STANDS_OUT_AFTER = timedelta(days=1)  # an older request stands on the dashboard (regulation.md §2.7)


def deadline(requested_at: datetime, settles_on: date | None, days: TradingCalendar) -> datetime:
    """Return the moment a request is due: the close of the second trading day after application and settlement.

    `requested_at` is aware. A request on a day without trading counts from that day, so that the
    first of the two days is the next trading day. Where the calendar ends plain weekdays count: no client is
    refused because a year is missing, and no holiday passed over makes him wait longer.
    """
    applied_on = requested_at.astimezone(SHANGHAI).date()
    begins_on = max(applied_on, settles_on or applied_on)
    due_on = days.with_weekdays_until(begins_on + BEYOND_THE_CALENDAR).add_trading(begins_on, TRADING_DAYS)
    return datetime.combine(due_on, CLOSE_OF_BUSINESS, SHANGHAI)


def latest_settlement(requested_on: date, days: TradingCalendar) -> date:
    """Return the last day on which anything traded until the request can settle; nobody may name a later one."""
    return days.with_weekdays_until(requested_on + BEYOND_THE_CALENDAR).add_trading(requested_on, SLOWEST_SETTLEMENT)


def settlement_of(traded_on: date | None, requested_on: date, days: TradingCalendar) -> date | None:
    """Return when a trade of `traded_on` is settled: the next trading day; None if that lies before the request."""
    if traded_on is None:
        return None
    settled_on = days.with_weekdays_until(traded_on + BEYOND_THE_CALENDAR).add_trading(traded_on, 1)
    return settled_on if settled_on > requested_on else None
