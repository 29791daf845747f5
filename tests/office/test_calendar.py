"""The calendar table: seeded, extended by a year, and its end announced."""

from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from office import queries
from office.calendar_file import BadCalendarFile, read_days, write_days
from office.dates import CalendarExhausted, TradingCalendar
from office.models import AuditEntry, CalendarDay, Notice
from office.operations.calendar import (
    SEED_FILE,
    SEED_YEARS,
    PastDayChanged,
    replace_year,
    seed_calendar,
    warn_of_calendar_end,
)
from office.queries.days import forget_calendars
from office.tasks import watch_calendar
from tests.conftest import TODAY, Cast

YEAR_2027 = "日期,类别,说明\n2027-01-01,休息,元旦\n2027/02/08,休市,春节\n2027-02-14,调休,春节调休\n"


@pytest.fixture
def only_seed(calendar: TradingCalendar) -> TradingCalendar:
    CalendarDay.objects.filter(day__gte="2027-01-01").delete()
    forget_calendars()
    return queries.calendar()


def test_the_seed_is_complete_and_seeding_twice_adds_nothing(only_seed: TradingCalendar) -> None:
    assert (only_seed.first, only_seed.last) == (date(2004, 1, 1), date(2026, 12, 31))
    assert len(only_seed.trading) == 5586
    assert seed_calendar() == 0


def test_seeding_fills_a_gap(only_seed: TradingCalendar) -> None:
    CalendarDay.objects.filter(day="2026-08-24").delete()
    assert seed_calendar() == 1


def test_an_empty_table_says_what_to_do(db: None) -> None:
    forget_calendars()
    with pytest.raises(CalendarExhausted, match="calendar seed"):
        queries.calendar("XHKG")
    assert queries.calendar_warning(TODAY, "XHKG")


def test_a_file_says_the_same_when_written_and_read_again() -> None:
    days = read_days(SEED_FILE.read_text(encoding="utf-8"), SEED_YEARS)
    assert read_days(write_days(days), SEED_YEARS) == days


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "没有日期"),
        ("日期,类别\n2027-13-01,休息", "第 2 行.*应写作"),
        ("日期,类别\n2026-01-01,休息", "不在所选年份"),
        ("2027-01-01,休息\n2027-01-01,上班", "第 2 行.*重复"),
        ("2027-01-01,半天", "类别"),
        ("2027-01-01", "类别"),
        (f"2027-01-01,休息,{'长' * 41}", "说明"),
        ("2027-01-01,休息", "交易日"),
    ],
)
def test_a_bad_file_is_refused_line_by_line(text: str, problem: str) -> None:
    years = range(2027, 2028)
    with pytest.raises(BadCalendarFile, match=problem):
        read_days(text, years)


def year_2027() -> str:
    """Return a plausible 2027: three weeks of holidays."""
    off = [date(2027, 1, 1), *(date(2027, 2, day) for day in range(8, 13)), *(date(2027, 10, d) for d in range(1, 8))]
    return YEAR_2027.splitlines()[0] + "".join(f"\n{day},休息,假" for day in [*off, *_may()]) + "\n2027-02-13,上班,调休"


def _may() -> list[date]:
    return [date(2027, 5, day) for day in (3, 4, 5)] + [date(2027, 4, 5), date(2027, 6, 9), date(2027, 9, 15)]


def test_an_uploaded_year_extends_the_calendar(cast: Cast, only_seed: TradingCalendar) -> None:
    days = read_days(year_2027(), range(2027, 2028))
    assert replace_year(days, by=cast.shen, today=TODAY) == 365
    assert queries.calendar().last == date(2027, 12, 31)
    assert queries.calendar().is_working(date(2027, 2, 13))
    entry = AuditEntry.objects.get(action="office.calendar_replaced")
    assert entry.actor == cast.shen
    assert replace_year(days, by=cast.shen, today=TODAY) == 0


def test_a_day_that_has_passed_cannot_change(cast: Cast, only_seed: TradingCalendar) -> None:
    text = "\n".join(
        line for line in SEED_FILE.read_text(encoding="utf-8").splitlines() if line.startswith("2026")
    ).replace("2026-05-01,休息", "2026-05-01,上班")
    days = read_days(text, range(2026, 2027))
    with pytest.raises(PastDayChanged, match="2026-05-01"):
        replace_year(days, by=cast.shen, today=TODAY)
    assert replace_year(days, by=cast.shen, today=date(2026, 4, 30)) == 1


def test_the_end_is_announced_once_to_those_who_can_help(cast: Cast, only_seed: TradingCalendar) -> None:
    assert warn_of_calendar_end(TODAY) == 0
    near = date(2026, 11, 24)
    assert warn_of_calendar_end(near) == 1
    warn_of_calendar_end(near)
    notice = Notice.objects.get()
    assert notice.employee == cast.shen
    assert "27 个交易日" in notice.text


def test_the_command_says_what_it_did(only_seed: TradingCalendar) -> None:
    out = StringIO()
    call_command("calendar", "seed", stdout=out)
    call_command("calendar", "check", stdout=out)
    assert "0 days added, 2004-01-01 to 2026-12-31" in out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_year_is_looked_at_before_it_counts(
    browse: Callable[[str], Browser], cast: Cast, only_seed: TradingCalendar, encoding: str
) -> None:
    browser = browse("shen")
    file = SimpleUploadedFile("2027.csv", year_2027().encode(encoding))
    preview = browser.post("/calendar/upload/", {"year": "2027", "file": file})
    assert "365 天与现有日历不同，尚未生效" in preview.content.decode()
    assert not CalendarDay.objects.filter(day__year=2027).exists()
    confirmed = {"year": "2027", "text": preview.context["text"], "confirm": "1"}
    assert browser.post("/calendar/upload/", confirmed)["Location"] == "/calendar/?year=2027"
    page = browser.get("/calendar/?year=2027")
    assert page.context["trading_count"] == 244
    assert len(page.context["months"]) == 12


def test_a_bad_file_says_every_problem_and_writes_nothing(
    browse: Callable[[str], Browser], cast: Cast, only_seed: TradingCalendar
) -> None:
    page = browse("shen").post("/calendar/upload/", {"year": "2027", "text": "2027-13-01,休息\n2027-01-01,半天"})
    assert page.status_code == 422
    assert "文件有 2 处不能用" in page.content.decode()
    assert browse("shen").post("/calendar/upload/", {"year": "2027"}).status_code == 422


def test_the_page_warns_when_few_trading_days_are_left(
    browse: Callable[[str], Browser], cast: Cast, only_seed: TradingCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    for today, warned in [(date(2026, 11, 24), True), (TODAY, False)]:
        monkeypatch.setattr(timezone, "localdate", lambda today=today: today)
        assert ("交易日历快用完了" in browse("zhao").get("/calendar/").content.decode()) is warned


def test_a_year_nobody_uploaded_says_what_to_do(browse: Callable[[str], Browser], cast: Cast) -> None:
    assert "这一年还没有日历" in browse("zhao").get("/calendar/?year=2091").content.decode()
    for name, may in [("zhao", False), ("shen", True)]:
        assert ("/calendar/upload/" in browse(name).get("/calendar/?year=2091").content.decode()) is may


def test_the_morning_looks_at_the_end_of_the_calendar(
    cast: Cast, only_seed: TradingCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 24))
    watch_calendar()
    assert Notice.objects.get().employee == cast.shen
