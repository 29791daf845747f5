"""Deadlines of complaints on the real calendar: always inside working time, whatever is paused or extended."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from complaints.rules.clocks import DEFAULTS, Terms, Unit, deadline, due, reckoned
from complaints.rules.escalation import COOL_DOWN, TOP, Clock, Level, next_level, wants_reminder
from office.dates import SHANGHAI
from tests.complaints.making import at
from tests.office.test_dates import XSHG, is_working_time

SOME_MOMENT = st.datetimes(datetime(2005, 1, 1), datetime(2025, 6, 30), timezones=st.just(UTC))
NEAR_NEW_YEAR = st.builds(
    lambda year, minutes: datetime(year, 1, 20, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(2005, 2025), st.integers(0, 60 * 24 * 40),
)  # fmt: skip
MOMENTS = SOME_MOMENT | NEAR_NEW_YEAR
WORKED = st.timedeltas(timedelta(minutes=1), timedelta(hours=60))
AMOUNTS = st.integers(1, 60)
UNITS = st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS])
TERMS = st.builds(
    Terms, MOMENTS, AMOUNTS, UNITS, st.integers(0, 30),
    st.just(timedelta(0)) | WORKED,
)  # fmt: skip
MIDNIGHT = datetime(2026, 2, 13, 16, 0, tzinfo=UTC)  # Saturday 0:00 in Shanghai, a make-up day before the festival


@given(TERMS)
@example(Terms(MIDNIGHT, 1, Unit.WORKING_DAYS))
@example(Terms(datetime(2025, 1, 27, 23, 59, tzinfo=UTC), 1, Unit.WORKING_DAYS, 30, timedelta(minutes=1)))
def test_a_deadline_is_always_inside_working_time_and_after_the_start(terms: Terms) -> None:
    found = deadline(XSHG, terms)
    assert is_working_time(found)
    assert found >= terms.started_at
    assert found.astimezone(SHANGHAI).time() != time(0, 0)


@given(TERMS, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_who_begins_later_is_never_due_earlier(terms: Terms, later: timedelta) -> None:
    then = Terms(terms.started_at + later, terms.amount, terms.unit, terms.extension_days, terms.paused_time)
    assert deadline(XSHG, then) >= deadline(XSHG, terms)


@given(TERMS, WORKED)
def test_a_pause_moves_the_deadline_by_exactly_its_working_time(terms: Terms, pause: timedelta) -> None:
    paused = Terms(
        terms.started_at, terms.amount, terms.unit, terms.extension_days, terms.paused_time + pause
    )  # fmt: skip
    assert XSHG.working_time_between(deadline(XSHG, terms), deadline(XSHG, paused)) == pause


@given(MOMENTS, st.integers(1, 60))
def test_the_hard_limit_is_never_passed_by_a_holiday(start: datetime, days: int) -> None:
    limit = start + timedelta(days=days)
    found = due(XSHG, start, days, Unit.CALENDAR_DAYS)
    if XSHG.working_time_between(start, limit) > timedelta(0):
        assert found <= limit


@given(TERMS, st.integers(1, 30))
def test_an_extension_never_brings_a_deadline_forward(terms: Terms, days: int) -> None:
    plain = Terms(terms.started_at, terms.amount, terms.unit, 0, terms.paused_time)
    longer = Terms(terms.started_at, terms.amount, terms.unit, days, terms.paused_time)
    assert deadline(XSHG, longer) >= deadline(XSHG, plain)


@given(TERMS)
def test_the_answer_does_not_depend_on_the_zone_the_start_is_told_in(terms: Terms) -> None:
    local = Terms(
        terms.started_at.astimezone(SHANGHAI), terms.amount, terms.unit, terms.extension_days, terms.paused_time
    )
    assert deadline(XSHG, local) == deadline(XSHG, terms)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2026-08-24T10:00", 1, "working_days", "2026-08-25T17:00"),
        ("2026-08-21T17:30", 1, "working_days", "2026-08-24T17:00"),  # Friday evening: Monday
        ("2026-08-22T00:00", 1, "working_days", "2026-08-24T17:00"),  # Saturday, midnight
        ("2026-02-13T16:00", 1, "working_days", "2026-02-14T17:00"),  # the make-up Saturday is worked
        ("2026-02-14T16:00", 1, "working_days", "2026-02-24T17:00"),  # the festival is not
        ("2026-09-30T09:00", 5, "working_days", "2026-10-13T17:00"),  # over National Day and a make-up Saturday
        ("2026-08-24T10:00", 60, "calendar_days", "2026-10-23T10:00"),
        ("2026-08-24T12:30", 60, "calendar_days", "2026-10-23T11:30"),  # not in the lunch break, and not beyond
        ("2026-08-05T10:00", 60, "calendar_days", "2026-09-30T17:00"),  # ends inside National Day
    ],
)  # fmt: skip
def test_defaults_of_the_regulation_fall_on_these_days(start: str, amount: int, unit: str, expected: str) -> None:
    assert due(XSHG, at(start), amount, unit) == at(expected)


def test_every_default_says_where_it_is_from_and_how_sure_that_is() -> None:
    assert {one.step: one.amount for one in DEFAULTS} == {
        "receipt": 1, "decision": 5, "handling_normal": 3, "handling_serious": 7, "handling_hard": 15, "feedback": 3,
        "result": 15, "transfer": 15, "limit": 60, "extension": 30,
    }  # fmt: skip
    assert all(one.source and one.certainty in "ABC" for one in DEFAULTS)


def test_beyond_the_known_calendar_weekdays_are_guessed_and_said_to_be_a_guess() -> None:
    late = datetime.combine(XSHG.last, time(10), SHANGHAI) - timedelta(days=3)
    found, is_provisional = reckoned(XSHG, Terms(late, 15, Unit.WORKING_DAYS))
    assert is_provisional
    assert found.astimezone(SHANGHAI).isoweekday() <= 5
    assert found.astimezone(SHANGHAI).time() == time(17)
    assert reckoned(XSHG, Terms(at("2026-08-24T10:00"), 15, Unit.WORKING_DAYS)) == (at("2026-09-14T17:00"), False)


@given(MOMENTS, st.integers(0, 60 * 24 * 20), st.integers(0, 4), st.none() | st.integers(0, 60 * 24 * 5))
def test_nothing_is_told_outside_working_time_nor_before_it_is_late(
    due_at: datetime, minutes: int, level: int, since: int | None
) -> None:
    now = due_at + timedelta(minutes=minutes)
    clock = Clock(due_at, level, None if since is None else now - timedelta(minutes=since))
    found = next_level(clock, now, XSHG)
    if found is not None:
        assert is_working_time(now)
        assert now > due_at
        assert found == level + 1 <= TOP
        assert clock.escalated_at is None or XSHG.working_time_between(clock.escalated_at, now) >= COOL_DOWN
    if wants_reminder(Clock(now, 0), due_at, XSHG):
        assert is_working_time(due_at)


@pytest.mark.parametrize(
    ("now", "level", "escalated", "expected"),
    [
        ("2026-08-25T17:00", 0, None, None),  # due now, not late
        ("2026-08-25T20:00", 0, None, None),  # late, but in the evening
        ("2026-08-26T00:00", 0, None, None),  # at midnight
        ("2026-08-26T09:00", 0, None, Level.LEADER),
        ("2026-08-26T12:00", 1, "2026-08-26T09:00", None),  # lunch
        ("2026-08-26T13:30", 1, "2026-08-26T09:00", None),  # three hours of work have passed
        ("2026-08-26T14:30", 1, "2026-08-26T09:00", Level.DIRECTOR),  # four
        ("2026-08-29T10:00", 2, "2026-08-26T14:30", None),  # a Saturday
        ("2026-08-31T10:00", 4, "2026-08-26T14:30", None),  # nobody is above compliance
    ],
)
def test_levels_rise_one_by_one_and_cool_down(
    now: str, level: int, escalated: str | None, expected: Level | None
) -> None:
    clock = Clock(at("2026-08-25T17:00"), level, at(escalated) if escalated else None)
    assert next_level(clock, at(now), XSHG) == expected


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_working_time_adds_up(start: datetime, length: timedelta) -> None:
    end, middle = start + length, start + length / 2
    parts = XSHG.working_time_between(start, middle) + XSHG.working_time_between(middle, end)
    assert XSHG.working_time_between(start, end) == parts
    assert XSHG.working_time_between(end, start) == -parts


@given(MOMENTS)
def test_the_last_working_moment_is_one_and_nothing_is_worked_after_it(moment: datetime) -> None:
    found = XSHG.last_working(moment)
    assert is_working_time(found)
    assert found <= moment
    assert XSHG.working_time_between(found, moment) == timedelta(0)
    assert XSHG.is_working_moment(moment) == is_working_time(moment)


def test_working_time_leaves_out_lunch_nights_and_holidays() -> None:
    assert XSHG.working_time_between(at("2026-08-24T11:00"), at("2026-08-24T14:00")) == timedelta(hours=1.5)
    assert XSHG.working_time_between(at("2026-02-14T16:00"), at("2026-02-24T10:00")) == timedelta(hours=2)
    assert XSHG.with_weekdays_until(date(2020, 1, 1)) is XSHG
