"""The table of days that deviate from the plain week, as the exchange and the State Council publish them.

A line is a date, what it is (休息: neither worked nor traded; 上班: worked, not traded), and a note.
Every other Monday to Friday of the years covered is traded.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

OFF, WORKED = "休息", "上班"
HEADER = ("日期", "类别", "说明")
KINDS = {
    "休息": OFF,
    "休市": OFF,
    "放假": OFF,
    "off": OFF,
    "上班": WORKED,
    "调休": WORKED,
    "worked": WORKED,
}
SATURDAY = 5
TRADING_DAYS_OF_A_YEAR = range(236, 256)  # 2004 to 2026 had 238 to 246; far outside, a file is incomplete
NOTE_LENGTH = 40


class BadCalendarFile(ValueError):
    """A file that cannot be read as a calendar; `problems` says why, line by line, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Day:
    """What one day is."""

    day: date
    is_working: bool
    is_trading: bool
    note: str = ""


def read_days(text: str, years: range) -> list[Day]:
    """Return every day of `years`, ascending, from the table in `text` (CSV with a header line).

    Raises BadCalendarFile with a reason per line for dates that cannot be read, lie in other years
    or come twice, for unknown kinds, and for a year whose number of trading days cannot be right.
    """
    deviations, problems = _read_lines(text, years)
    days = [_day(day, deviations) for year in years for day in _days_of(year)]
    if not problems:
        problems = _implausible_years(days, years)
    if problems:
        raise BadCalendarFile(problems)
    return days


def write_days(days: list[Day]) -> str:
    """Return the table that `read_days` reads back to `days`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for each in days:
        is_weekday = each.day.weekday() < SATURDAY
        if (each.is_working, each.is_trading) != (is_weekday, is_weekday) or each.note:
            writer.writerow((each.day.isoformat(), WORKED if each.is_working else OFF, each.note))
    return out.getvalue()


def _read_lines(text: str, years: range) -> tuple[dict[date, tuple[str, str]], list[str]]:
    found: dict[date, tuple[str, str]] = {}
    problems: list[str] = []
    for number, row in enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), start=1):
        if not any(cell.strip() for cell in row) or (number == 1 and row[0].strip() in {HEADER[0], "day", "date"}):
            continue
        reason, day = _problem(row, years, found)
        if day is None:
            problems.append(f"第 {number} 行：{reason}")
        else:
            found[day] = (
                KINDS[row[1].strip().lower()],
                row[2].strip() if len(row) > 2 else "",
            )
    if not found and not problems:
        problems.append("文件里没有日期")
    return found, problems


def _problem(row: list[str], years: range, found: dict[date, tuple[str, str]]) -> tuple[str, date | None]:
    """Return why a line is refused, or "" and its date."""
    try:
        day = date.fromisoformat(row[0].strip().replace("/", "-"))
    except ValueError:
        return f"日期「{row[0]}」应写作 2027-01-01", None
    if day.year not in years:
        return f"{day:%Y-%m-%d} 不在所选年份", None
    if day in found:
        return f"{day:%Y-%m-%d} 重复", None
    if len(row) < 2 or row[1].strip().lower() not in KINDS:
        return "类别应为「休息」或「上班」", None
    if len(row) > 2 and len(row[2].strip()) > NOTE_LENGTH:
        return f"说明最多 {NOTE_LENGTH} 字", None
    return "", day


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _day(day: date, deviations: dict[date, tuple[str, str]]) -> Day:
    kind, note = deviations.get(day, ("", ""))
    plain = day.weekday() < SATURDAY and not kind
    return Day(day, is_working=plain or kind == WORKED, is_trading=plain, note=note)


def _implausible_years(days: list[Day], years: range) -> list[str]:
    counts = {year: sum(day.is_trading for day in days if day.day.year == year) for year in years}
    return [
        f"{year} 年只算得 {count} 个交易日，应在 {TRADING_DAYS_OF_A_YEAR[0]} 至 {TRADING_DAYS_OF_A_YEAR[-1]} 之间，"
        "请检查文件是否完整"
        for year, count in counts.items()
        if count not in TRADING_DAYS_OF_A_YEAR
    ]
