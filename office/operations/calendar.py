"""What is done to the calendar: seeded at set-up, a year at a time afterwards."""

from datetime import date
from pathlib import Path

from django.db import transaction
from django.urls import reverse

from office.audit import record
from office.calendar_file import Day, read_days
from office.errors import DomainError
from office.models import CalendarDay, Employee
from office.operations.notices import notify
from office.queries.days import calendar_warning, forget_calendars
from office.rights import GRANTS

SEED_FILE = Path(__file__).parent.parent / "data" / "xshg.csv"
SEED_YEARS = range(2004, 2027)


class PastDayChanged(DomainError):
    """Days that have passed stay as they were: deadlines and figures were computed with them."""


@transaction.atomic
def seed_calendar(name: str = "XSHG") -> int:
    """Add the days of 2004 to 2026 that the table lacks; return how many. A year uploaded by hand stays."""
    days = read_days(SEED_FILE.read_text(encoding="utf-8"), SEED_YEARS)
    if CalendarDay.objects.filter(calendar=name, day__range=(days[0].day, days[-1].day)).count() == len(days):
        return 0
    before = CalendarDay.objects.filter(calendar=name).count()
    CalendarDay.objects.bulk_create(_rows(days, name), batch_size=2_000, ignore_conflicts=True)
    forget_calendars()
    return CalendarDay.objects.filter(calendar=name).count() - before


@transaction.atomic
def replace_year(days: list[Day], *, by: Employee, today: date, name: str = "XSHG") -> int:
    """Write the days of one year over what the table says of them; return how many days changed.

    Raises PastDayChanged if a day at or before `today` would become another.
    """
    changed = changes(days, name)
    past = [day.day for day in changed if day.day <= today and day.day in _held(days, name)]
    if past:
        raise PastDayChanged(
            f"{past[0]:%Y-%m-%d} 已过，过去的交易日和工作日不能更改",
            days=[str(day) for day in past],
        )
    CalendarDay.objects.bulk_create(
        _rows(days, name),
        update_conflicts=True,
        unique_fields=["calendar", "day"],
        update_fields=["is_working", "is_trading", "note"],
    )
    forget_calendars()
    after = {
        "year": days[0].day.year,
        "changed": len(changed),
        "trading_days": sum(day.is_trading for day in days),
    }
    record("office.calendar_replaced", "office.calendarday", by=by, after=after)
    return len(changed)


def changes(days: list[Day], name: str = "XSHG") -> list[Day]:
    """Return those days of one year that the table does not hold or holds otherwise."""
    held = _held(days, name)
    return [day for day in days if day.day not in held or _differs(day, held[day.day])]


def _held(days: list[Day], name: str) -> dict[date, CalendarDay]:
    return {row.day: row for row in CalendarDay.objects.filter(calendar=name, day__year=days[0].day.year)}


def warn_of_calendar_end(today: date, name: str = "XSHG") -> int:
    """Put `calendar_warning` behind the bell of all who may upload a year; return to how many it is new."""
    text = calendar_warning(today, name)
    if text is None:
        return 0
    keepers = Employee.objects.filter(is_active=True, roles__overlap=sorted(GRANTS["office.edit_calendar"]))
    return notify(keepers.order_by("pk"), f"calendar-end:{today:%Y-%m}", text, reverse("office:calendar"))


def _rows(days: list[Day], name: str) -> list[CalendarDay]:
    return [
        CalendarDay(
            calendar=name,
            day=day.day,
            is_working=day.is_working,
            is_trading=day.is_trading,
            note=day.note,
        )
        for day in days
    ]


def _differs(day: Day, held: CalendarDay) -> bool:
    return (day.is_working, day.is_trading) != (held.is_working, held.is_trading)
