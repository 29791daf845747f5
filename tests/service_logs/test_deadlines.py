"""Until when something is owed: by the trading calendar, always inside working time, never before it is known."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.dates import SITTINGS
from service_logs.rules.catalogue import CATALOGUE
from service_logs.rules.deadlines import due_day, horizon, lapse_day, moment, serve_day
from tests.office.test_dates import XSHG

MEASURES = st.sampled_from(["trading_days", "working_days", "calendar_days", "same_day", "month"])


@pytest.mark.parametrize(
    ("night", "served", "looks_after"),
    [
        ("2026-08-20", "2026-08-21", "2026-08-23"),  # a Thursday: the Friday looks after the weekend
        ("2026-08-21", "2026-08-24", "2026-08-24"),
        ("2026-08-22", "2026-08-24", "2026-08-24"),  # the night of a Saturday prepares the same Monday
        ("2026-09-29", "2026-09-30", "2026-10-07"),  # the last day before National Day
        ("2026-09-30", "2026-10-08", "2026-10-08"),
        ("2026-02-13", "2026-02-14", "2026-02-23"),  # a Friday: the make-up Saturday is served
    ],
)
def test_a_night_prepares_the_next_working_day(night: str, served: str, looks_after: str) -> None:
    day = date.fromisoformat(night)
    assert serve_day(day, XSHG) == date.fromisoformat(served)
    assert horizon(day, XSHG) == date.fromisoformat(looks_after)


@pytest.mark.parametrize(
    ("measure", "count", "occurred", "night", "due"),
    [
        ("trading_days", 1, "2026-08-21", "2026-08-21", "2026-08-24"),
        ("trading_days", 2, "2026-08-21", "2026-08-21", "2026-08-25"),
        ("trading_days", 1, "2026-09-30", "2026-09-30", "2026-10-08"),  # T+1 jumps over the holiday
        ("trading_days", 2, "2026-02-13", "2026-02-13", "2026-02-25"),  # the make-up Saturday is no trading day
        ("working_days", 1, "2026-02-13", "2026-02-13", "2026-02-14"),  # but a working day
        ("calendar_days", 30, "2026-08-21", "2026-08-21", "2026-09-20"),  # a make-up Sunday
        ("calendar_days", 30, "2026-09-04", "2026-09-04", "2026-09-30"),  # 4 October: the day worked before it
        ("same_day", 0, "2026-08-21", "2026-08-21", "2026-08-24"),  # known only on the Monday
        ("same_day", 0, "2026-08-29", "2026-08-27", "2026-08-28"),  # a Saturday's birthday is greeted on the Friday
        ("month", 0, "2026-08-24", "2026-08-21", "2026-08-31"),
        ("month", 0, "2026-10-08", "2026-10-07", "2026-10-30"),  # the 31st is a Saturday
        ("trading_days", 1, "2026-08-03", "2026-08-21", "2026-08-24"),  # told late: the first morning it is known
        ("calendar_days", 30, "2026-12-20", "2026-12-20", "2026-12-31"),  # beyond the table: early rather than never
    ],
)
def test_when_something_is_due(measure: str, count: int, occurred: str, night: str, due: str) -> None:
    serve = serve_day(date.fromisoformat(night), XSHG)
    assert due_day(measure, count, date.fromisoformat(occurred), serve, XSHG) == date.fromisoformat(due)


@given(st.dates(date(2020, 1, 1), date(2026, 8, 1)), MEASURES, st.integers(0, 30), st.integers(0, 20))
def test_a_deadline_lies_in_working_time_and_never_before_it_is_known(
    night: date, measure: str, count: int, earlier: int
) -> None:
    serve = serve_day(night, XSHG)
    occurred = date.fromordinal(night.toordinal() - earlier)
    due = due_day(measure, count, occurred, serve, XSHG)
    assert XSHG.is_working(due)
    assert due >= serve
    assert lapse_day(due, 5, XSHG) > due


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.code)
def test_every_type_is_due_at_an_hour_that_is_worked(entry: object) -> None:
    at: time = entry.deadline[2]  # type: ignore[attr-defined]  # an Entry
    assert any(opens <= at <= closes for opens, closes in SITTINGS)
    assert moment(date(2026, 8, 24), at).tzinfo is not None
