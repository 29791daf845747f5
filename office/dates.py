"""Trading days, working days and deadlines: pure arithmetic on one calendar.

Days are dates of the Shanghai clock; moments go in and come out as aware datetimes, out in UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from office.errors import DomainError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING_OPENS, MORNING_CLOSES = (
    time(9, 0),
    time(11, 30),
)  # working time of the branch: domain.md §2
AFTERNOON_OPENS, AFTERNOON_CLOSES = time(13, 0), time(17, 0)
SITTINGS = ((MORNING_OPENS, MORNING_CLOSES), (AFTERNOON_OPENS, AFTERNOON_CLOSES))
WARN_BELOW_TRADING_DAYS = 30  # of trading days left in the table (stack.md)


class CalendarExhausted(DomainError):
    """A day was asked for that the calendar table does not reach; the message says who can extend it."""


@dataclass(frozen=True)
class TradingCalendar:
    """What is worked and traded from `first` to `last`, both included; the days are ascending and unique.

    A make-up Saturday is worked, not traded. Every question beyond the ends raises CalendarExhausted.
    """

    first: date
    last: date
    trading: tuple[date, ...]
    working: tuple[date, ...]

    @cached_property
    def sessions(self) -> NDArray[np.datetime64]:
        """The trading days as an array of datetime64[D], ascending."""
        return np.array(self.trading, dtype="datetime64[D]")

    def is_trading(self, day: date) -> bool:
        """Whether the exchange trades on that day."""
        return self._holds(self.trading, day)

    def is_working(self, day: date) -> bool:
        """Whether the branch works on that day, make-up days included."""
        return self._holds(self.working, day)

    def last_trading(self, day: date) -> date:
        """Return the latest trading day at or before `day`."""
        return self._nth(self.trading, bisect_right(self.trading, self._inside(day)) - 1)

    def on_or_after(self, day: date) -> date:
        """Return the first trading day at or after `day`."""
        return self.add_trading(day, 0)

    def next_trading(self, day: date) -> date:
        """Return the first trading day after `day`."""
        return self.add_trading(day, 1)

    def add_trading(self, day: date, count: int) -> date:
        """Return T+`count`: the count-th trading day after `day` (before it if negative).

        With 0 it is `day` itself, or the next trading day if `day` is none.
        """
        return self._add(self.trading, day, count)

    def add_working(self, day: date, count: int) -> date:
        """Return the count-th working day after `day` (before it if negative); with 0 as in `add_trading`."""
        return self._add(self.working, day, count)

    def trading_days_between(self, start: date, end: date) -> int:
        """Return how many trading days lie after `start` up to and including `end`; negative if `end` is earlier."""
        return bisect_right(self.trading, self._inside(end)) - bisect_right(self.trading, self._inside(start))

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` up to and including `end`; negative if `end` is earlier."""
        return bisect_right(self.working, self._inside(end)) - bisect_right(self.working, self._inside(start))

    def age(self, day: date, as_of: date) -> int:
        """Return the age of a fact of `day` in trading days: 0 for the trading day `as_of` itself.

        A fact of a day without trading counts on the next trading day (nightly.md §3.6). Raises
        ValueError if that day lies after `as_of`.
        """
        age = self.trading_days_between(self.on_or_after(day), self.last_trading(as_of))
        if age < 0:
            raise ValueError(f"{day} lies after {as_of}")
        return age

    def due_at(
        self,
        start: datetime,
        *,
        trading_days: int | None = None,
        working_days: int | None = None,
        working_time: timedelta | None = None,
        at: time = AFTERNOON_CLOSES,
    ) -> datetime:
        """Return the deadline, in UTC and always inside working time, of what began at the aware `start`.

        Give one measure: whole trading or working days, due at `at` (Shanghai clock) of the last of
        them, or `working_time` counted while the branch works, lunch left out. A deadline that would
        lie before `start` moves to the same hour of the next such day. Raises ValueError for any
        other combination, a negative measure, a naive `start`, or an `at` outside working time.
        """
        if start.tzinfo is None or [trading_days, working_days, working_time].count(None) != 2:
            raise ValueError("due_at needs an aware start and exactly one measure")
        begun = start.astimezone(SHANGHAI)
        if working_time is not None:
            return self._after_working_time(begun, working_time)
        days = self.trading if trading_days is not None else self.working
        return self._due_on(
            days,
            begun,
            trading_days if trading_days is not None else working_days or 0,
            at,
        )

    def is_working_moment(self, moment: datetime) -> bool:
        """Whether the branch works at the aware `moment`, both ends of a sitting included."""
        local = moment.astimezone(SHANGHAI)
        return self.is_working(local.date()) and any(opens <= local.time() <= closes for opens, closes in SITTINGS)

    def last_working(self, moment: datetime) -> datetime:
        """Return, in UTC, the latest working moment at or before the aware `moment`."""
        local = moment.astimezone(SHANGHAI)
        day = self._nth(self.working, bisect_right(self.working, self._inside(local.date())) - 1)
        for worked in (day, self.add_working(day, -1)):
            for opens, closes in reversed(SITTINGS):
                if datetime.combine(worked, opens, SHANGHAI) <= local:
                    return min(local, datetime.combine(worked, closes, SHANGHAI)).astimezone(UTC)
        raise self._exhausted()

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the branch works from `start` to `end`, both aware; negative if `end` is earlier."""
        if end < start:
            return -self.working_time_between(end, start)
        worked = timedelta(0)
        self._inside(end.astimezone(SHANGHAI).date())
        for opens, closes in self._sittings(start.astimezone(SHANGHAI).date()):
            if opens >= end:
                break
            worked += max(min(closes, end) - max(opens, start), timedelta(0))
        return worked

    def with_weekdays_until(self, last: date) -> TradingCalendar:
        """Return this calendar continued to `last` by plain weekdays: a guess, until the missing years are uploaded."""
        beyond = (last - self.last).days
        if beyond <= 0:
            return self
        days = (self.last + timedelta(days=count) for count in range(1, beyond + 1))
        guessed = tuple(day for day in days if day.isoweekday() <= 5)
        return TradingCalendar(self.first, last, self.trading + guessed, self.working + guessed)

    def _due_on(self, days: tuple[date, ...], begun: datetime, count: int, at: time) -> datetime:
        if count < 0 or not any(opens <= at <= closes for opens, closes in SITTINGS):
            raise ValueError("a deadline lies ahead and inside working time")
        due = datetime.combine(self._add(days, begun.date(), count), at, SHANGHAI)
        if due < begun:
            due = datetime.combine(self._add(days, begun.date(), count + 1), at, SHANGHAI)
        return due.astimezone(UTC)

    def _after_working_time(self, begun: datetime, left: timedelta) -> datetime:
        if left < timedelta(0):
            raise ValueError("a deadline lies ahead")
        for opens, closes in self._sittings(begun.date()):
            start = max(opens, begun)
            if start < closes and left <= closes - start:
                return (start + left).astimezone(UTC)
            left -= max(closes - start, timedelta(0))
        raise self._exhausted()

    def _sittings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for worked in self.working[bisect_left(self.working, self._inside(day)) :]:
            for opens, closes in SITTINGS:
                yield (
                    datetime.combine(worked, opens, SHANGHAI),
                    datetime.combine(worked, closes, SHANGHAI),
                )

    def _add(self, days: tuple[date, ...], day: date, count: int) -> date:
        base = bisect_right(days, self._inside(day)) - 1 if count > 0 else bisect_left(days, self._inside(day))
        return self._nth(days, base + count)

    def _holds(self, days: tuple[date, ...], day: date) -> bool:
        place = bisect_left(days, self._inside(day))
        return place < len(days) and days[place] == day

    def _nth(self, days: tuple[date, ...], place: int) -> date:
        if not 0 <= place < len(days):
            raise self._exhausted()
        return days[place]

    def _inside(self, day: date) -> date:
        if not self.first <= day <= self.last:
            raise self._exhausted()
        return day

    def _exhausted(self) -> CalendarExhausted:
        return CalendarExhausted(
            f"交易日历只有 {self.first:%Y-%m-%d} 至 {self.last:%Y-%m-%d}。"
            "请营销系统管理员在「系统 → 交易日历」上传所缺年份"
        )
