"""Seed, rebuild and check the calendar of trading and working days."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from office import queries
from office.calendar_file import Day, write_days
from office.operations.calendar import (
    SEED_FILE,
    SEED_YEARS,
    seed_calendar,
    warn_of_calendar_end,
)


class Command(BaseCommand):
    help = "Trading and working days: `seed` fills the table, `check` warns, `build` rewrites the seed file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["seed", "check", "build"])

    def handle(self, *args: Any, **options: Any) -> None:
        {"seed": self._seed, "check": self._check, "build": self._build}[options["what"]]()

    def _seed(self) -> None:
        added = seed_calendar()
        days = queries.calendar()
        self.stdout.write(
            f"calendar: {added} days added, {days.first} to {days.last}, {len(days.trading)} trading days"
        )

    def _check(self) -> None:
        today = timezone.localdate()
        told = warn_of_calendar_end(today)
        self.stdout.write(f"calendar: {queries.calendar_warning(today) or 'long enough'} ({told} told)")

    def _build(self) -> None:
        days = _published_days()
        SEED_FILE.write_text(write_days(days), encoding="utf-8")
        self.stdout.write(f"calendar: {len(days)} days written to {SEED_FILE.name}")


def _published_days() -> list[Day]:
    """Read the days from the two libraries of the set-up group, which cost over a second to import."""
    import chinese_calendar
    import exchange_calendars

    first, last = date(SEED_YEARS[0], 1, 1), date(SEED_YEARS[-1], 12, 31)
    sessions = set(exchange_calendars.get_calendar("XSHG", start=str(first), end=str(last)).sessions.date)
    days = []
    for each in (first + timedelta(days=passed) for passed in range((last - first).days + 1)):
        is_holiday, name = chinese_calendar.get_holiday_detail(each)
        festival = chinese_calendar.Holiday(name).chinese if name else ""
        note = festival if is_holiday else f"{festival}调休" if festival else ""
        days.append(Day(each, is_working=not is_holiday, is_trading=each in sessions, note=note))
    return days
