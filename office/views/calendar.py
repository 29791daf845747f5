"""The calendar of trading and working days: a year at a glance, and the upload of the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office import queries
from office.calendar_file import BadCalendarFile, Day, read_days
from office.fields import FIRST, LAST
from office.forms import YearForm
from office.http import Request, needs
from office.models import CalendarDay
from office.operations.calendar import changes, replace_year

WEEK = 7


@dataclass(frozen=True)
class Month:
    """One month as it is drawn: the empty cells before the first day, then its days."""

    number: int
    days: list[CalendarDay | Day]
    trading_count: int

    @property
    def weeks(self) -> list[list[CalendarDay | Day | None]]:
        """The days in rows of seven, Monday first, None where the month has none."""
        cells = [None] * self.days[0].day.weekday() + self.days
        return [cells[start : start + WEEK] for start in range(0, len(cells), WEEK)]


@require_GET
@needs("office.view_staff")
def calendar(request: Request) -> HttpResponse:
    """Show a year of trading and working days."""
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else 0
    year = year if FIRST.year <= year <= LAST.year else today.year
    days = queries.calendar_year(year)
    context = {
        "year": year,
        "months": _months(list(days)),
        "notes": _notes(list(days)),
        "trading_count": sum(day.is_trading for day in days),
        "working_count": sum(day.is_working for day in days),
        "warning": queries.calendar_warning(today),
        "today": today,
    }
    return render(request, "office/calendar.html", context)


@require_http_methods(["GET", "POST"])
@needs("office.edit_calendar")
def calendar_upload(request: Request) -> HttpResponse:
    """Check an uploaded year, show what it would change, and put it in force once confirmed."""
    form = YearForm(request.POST or None, request.FILES or None, initial={"year": timezone.localdate().year + 1})
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "office/calendar_upload.html", context, status=422 if form.is_bound else 200)
    year, text = form.cleaned_data["year"], form.cleaned_data["text"]
    try:
        days = read_days(text, range(year, year + 1))
    except BadCalendarFile as error:
        return render(request, "office/calendar_upload.html", context | {"problems": error.problems}, status=422)
    if "confirm" in request.POST:
        changed = replace_year(days, by=request.user, today=timezone.localdate())
        messages.success(request, f"{year} 年日历已生效，{changed} 天有变化")
        return redirect(f"{reverse('office:calendar')}?year={year}")
    preview = {"year": year, "text": text, "months": _months(list(days)), "notes": _notes(list(days))}
    counts = {
        "trading_count": sum(day.is_trading for day in days),
        "changed": len(changes(days)),
        "today": timezone.localdate(),
    }
    return render(request, "office/calendar_upload.html", context | preview | counts)


def _months(days: list[CalendarDay | Day]) -> list[Month]:
    groups = [(number, list(rows)) for number, rows in groupby(days, key=lambda day: day.day.month)]
    return [Month(number, rows, sum(day.is_trading for day in rows)) for number, rows in groups]


def _notes(days: list[CalendarDay | Day]) -> list[tuple[str, date, date, bool]]:
    """Return the named spans of the year: note, first day, last day, whether it is worked."""
    named = [day for day in days if day.note]
    spans: list[tuple[str, date, date, bool]] = []
    for day in named:
        last = spans[-1] if spans else None
        if last and last[0] == day.note and last[3] == day.is_working and (day.day - last[2]).days == 1:
            spans[-1] = (last[0], last[1], day.day, last[3])
        else:
            spans.append((day.note, day.day, day.day, day.is_working))
    return spans
