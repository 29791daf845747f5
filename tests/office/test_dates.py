"""Deadlines and trading days, on the real calendar of the seed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.calendar_file import read_days
from office.dates import SHANGHAI, SITTINGS, CalendarExhausted, TradingCalendar
from office.operations.calendar import SEED_FILE, SEED_YEARS

DAYS = read_days(SEED_FILE.read_text(encoding="utf-8"), SEED_YEARS)
XSHG = TradingCalendar(
    first=DAYS[0].day,
    last=DAYS[-1].day,
    trading=tuple(day.day for day in DAYS if day.is_trading),
    working=tuple(day.day for day in DAYS if day.is_working),
)
SOME_DAY = st.dates(date(2005, 1, 1), date(2025, 12, 31))
SOME_MOMENT = st.datetimes(datetime(2005, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))
FEW = st.integers(0, 60)


def at(text: str) -> datetime:
    """Read a moment of the Shanghai clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def is_working_time(moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    return XSHG.is_working(local.date()) and any(opens <= local.time() <= closes for opens, closes in SITTINGS)


@pytest.mark.parametrize(
    ("day", "is_working", "is_trading"),
    [
        ("2026-08-21", True, True),  # a Friday
        ("2026-08-22", False, False),  # a Saturday
        ("2026-02-14", True, False),  # a make-up Saturday before Spring Festival
        ("2026-02-17", False, False),  # New Year's Day of the lunar calendar
        ("2024-02-09", True, False),  # worked, but the exchange was closed
    ],
)
def test_what_a_day_is(day: str, is_working: bool, is_trading: bool) -> None:
    found = date.fromisoformat(day)
    assert (XSHG.is_working(found), XSHG.is_trading(found)) == (is_working, is_trading)


@pytest.mark.req("VAL-01")
@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # the last trading day before National Day
        ("2026-09-30", 2, "2026-10-09"),
        ("2026-02-13", 1, "2026-02-24"),  # a Friday before Spring Festival: the make-up Saturday is no trading day
        ("2026-08-22", 0, "2026-08-24"),  # from a Saturday
        ("2026-08-22", 1, "2026-08-24"),
        ("2026-08-24", 0, "2026-08-24"),
        ("2026-08-24", -1, "2026-08-21"),
        ("2026-08-23", -1, "2026-08-21"),
    ],
)
def test_t_plus_n_jumps_over_holidays(day: str, count: int, expected: str) -> None:
    assert XSHG.add_trading(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_a_make_up_saturday_counts_as_a_working_day() -> None:
    assert XSHG.add_working(date(2026, 2, 13), 1) == date(2026, 2, 14)


@pytest.mark.parametrize(
    ("start", "measure", "expected"),
    [
        ("2026-08-24T10:00", {"trading_days": 0}, "2026-08-24T17:00"),
        ("2026-08-24T18:00", {"trading_days": 0}, "2026-08-25T17:00"),
        ("2026-09-30T16:00", {"trading_days": 1}, "2026-10-08T17:00"),
        ("2026-08-24T10:00", {"trading_days": 2, "at": time(14, 0)}, "2026-08-26T14:00"),
        ("2026-02-13T10:00", {"working_days": 1}, "2026-02-14T17:00"),
        ("2026-08-24T11:00", {"working_time": timedelta(hours=1)}, "2026-08-24T13:30"),  # over lunch
        ("2026-08-24T12:10", {"working_time": timedelta(0)}, "2026-08-24T13:00"),  # begun at lunch
        ("2026-08-21T16:30", {"working_time": timedelta(hours=1)}, "2026-08-24T09:30"),  # over a weekend
        ("2026-02-13T16:30", {"working_time": timedelta(hours=1)}, "2026-02-14T09:30"),  # into a make-up Saturday
        ("2026-08-24T09:00", {"working_time": timedelta(hours=6, minutes=30)}, "2026-08-24T17:00"),
    ],
)
def test_deadlines(start: str, measure: dict[str, object], expected: str) -> None:
    assert XSHG.due_at(at(start), **measure) == at(expected)  # type: ignore[arg-type]  # one measure per row


def test_the_day_is_that_of_shanghai_at_midnight_utc() -> None:
    before = XSHG.due_at(datetime(2026, 8, 23, 15, 59, tzinfo=UTC), trading_days=0)  # Sunday 23:59 in Shanghai
    after = XSHG.due_at(datetime(2026, 8, 24, 16, 1, tzinfo=UTC), trading_days=0)  # Tuesday 00:01 in Shanghai
    assert before == at("2026-08-24T17:00")
    assert after == at("2026-08-25T17:00")
    assert before.tzinfo is UTC


@given(SOME_DAY, st.integers(1, 60))
def test_t_plus_n_is_the_nth_trading_day_after(day: date, count: int) -> None:
    found = XSHG.add_trading(day, count)
    assert XSHG.is_trading(found)
    assert XSHG.trading_days_between(day, found) == count
    assert XSHG.add_trading(XSHG.on_or_after(day), -count) < day


@given(SOME_DAY, FEW, FEW)
def test_adding_days_adds_up(day: date, first: int, second: int) -> None:
    start = XSHG.on_or_after(day)
    assert XSHG.add_trading(XSHG.add_trading(start, first), second) == XSHG.add_trading(start, first + second)


@given(SOME_MOMENT, FEW, st.sampled_from(["trading_days", "working_days"]))
def test_a_deadline_in_days_is_ahead_and_in_working_time(start: datetime, count: int, measure: str) -> None:
    due = XSHG.due_at(start, **{measure: count})  # type: ignore[arg-type]  # the measure is drawn
    assert due >= start
    assert is_working_time(due)
    if measure == "trading_days":
        assert XSHG.is_trading(due.astimezone(SHANGHAI).date())


@given(SOME_MOMENT, st.integers(0, 6000))
def test_a_deadline_in_minutes_is_in_working_time_and_later_for_more(start: datetime, minutes: int) -> None:
    due = XSHG.due_at(start, working_time=timedelta(minutes=minutes))
    assert due >= start + timedelta(minutes=minutes)
    assert is_working_time(due)
    assert XSHG.due_at(start, working_time=timedelta(minutes=minutes + 1)) > due


@given(SOME_DAY)
def test_age_counts_trading_days(day: date) -> None:
    as_of = XSHG.add_trading(day, 5)
    assert XSHG.age(as_of, as_of) == 0
    assert XSHG.age(day, as_of) == (5 if XSHG.is_trading(day) else 4)
    assert XSHG.sessions[-1].astype(date) == XSHG.trading[-1]


def test_a_fact_of_a_weekend_counts_on_monday_and_the_future_has_no_age() -> None:
    assert XSHG.age(date(2026, 8, 22), date(2026, 8, 24)) == 0
    with pytest.raises(ValueError, match="lies after"):
        XSHG.age(date(2026, 8, 22), date(2026, 8, 21))


@pytest.mark.parametrize(
    "measure",
    [{}, {"trading_days": 1, "working_days": 1}, {"trading_days": -1}, {"trading_days": 1, "at": time(12, 0)}],
)
def test_a_measure_that_makes_no_sense_is_refused(measure: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"deadline|due_at"):
        XSHG.due_at(at("2026-08-24T10:00"), **measure)  # type: ignore[arg-type]  # wrong on purpose


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        XSHG.due_at(datetime(2026, 8, 24, 10), trading_days=1)


def test_the_end_of_the_table_says_what_to_do() -> None:
    for question in (
        lambda: XSHG.next_trading(date(2026, 12, 31)),
        lambda: XSHG.is_trading(date(2027, 1, 4)),
        lambda: XSHG.due_at(at("2026-12-31T16:00"), working_time=timedelta(hours=2)),
    ):
        with pytest.raises(CalendarExhausted, match="上传"):
            question()
