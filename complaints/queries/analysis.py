"""Counts of complaints laid out as tables: category by cause, by person, by month; and the lines of the register."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from complaints.models import Category, Cause, Complaint
from complaints.queries import figures
from office.dates import SHANGHAI
from office.models import Employee

UNKNOWN = ""  # the cause of what is not investigated yet


@dataclass(frozen=True)
class CauseTable:
    """Complaints by category (rows) and cause (columns); only causes that occur, the unknown last."""

    causes: list[tuple[str, str]]
    rows: list[tuple[str, str, dict[str, int], int]]
    most: int


@dataclass
class PersonLine:
    """What one person was complained of, by category; name and number are "" where nobody is named."""

    name: str
    person_id: int | None
    staff_no: str
    is_shared: bool = False  # somebody else of the table bears the name, too
    count: int = 0
    categories: Counter[str] = field(default_factory=Counter)

    @property
    def worst(self) -> str:
        """The categories in words, the most frequent first."""
        labels = dict(Category.choices)
        return "、".join(f"{labels[code]} {count}" for code, count in self.categories.most_common())


def cause_table(user: Employee, since: date, until: date) -> CauseTable:
    """Return category × cause; every complaint counts once, however many persons it names."""
    rows = figures.received(user, since, until).order_by().values("category", "cause_code").annotate(n=Count("pk"))
    found = {(row["category"], row["cause_code"]): row["n"] for row in rows}
    seen = {cause for _, cause in found}
    causes = [(code, str(label)) for code, label in [*Cause.choices, (UNKNOWN, "未查明")] if code in seen]
    lines = []
    for code, label in Category.choices:
        cells = {cause: found.get((code, cause), 0) for cause, _ in causes}
        lines.append((code, str(label), cells, sum(cells.values())))
    return CauseTable(causes, lines, max(found.values(), default=0))


def person_lines(lines: list[figures.CauseLine]) -> list[PersonLine]:
    """Return who was complained of, the most frequent first, nobody last; one complaint counts at each it names."""
    found: dict[int | None, PersonLine] = {}
    for line in lines:
        person = found.setdefault(line.person_id, PersonLine(line.person, line.person_id, line.staff_no))
        person.count += line.count
        person.categories[line.category] += line.count
    times = Counter(person.name for person in found.values())
    for person in found.values():
        person.is_shared = times[person.name] > 1
    return sorted(found.values(), key=lambda one: (not one.name, -one.count, one.name, one.staff_no))


def month_table(user: Employee, since: date, until: date) -> list[tuple[date, dict[str, int], int]]:
    """Return the number per month and category, latest month first."""
    rows = (
        figures.received(user, since, until)
        .order_by()
        .annotate(month=TruncMonth("received_at", tzinfo=SHANGHAI))
        .values("month", "category")
        .annotate(n=Count("pk"))
    )
    months: dict[date, Counter[str]] = {}
    for row in rows:
        months.setdefault(row["month"].date(), Counter())[row["category"]] += row["n"]
    return [(month, dict(months[month]), months[month].total()) for month in sorted(months, reverse=True)]


def register_rows(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Return complaints with all that a line of the register tells, in the order they came."""
    whole = rows.defer(None).select_related("client", "handler", "approver", "merged_into")
    return whole.order_by("received_at", "pk")
