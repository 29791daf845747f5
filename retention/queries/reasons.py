"""Why clients left, year by year, and what became of those who were talked to (RET-03)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractYear

from office.models import Branch, Employee
from retention.models import ClosureRequest, Reason, ResponseNote, RetentionCase

YEARS = 4  # shown, this one with them
FEWEST = 5  # closed cases below which no share is told
UNSAID = "unsaid"
SHOWN = 4  # reasons of their own in the chart
Outcome = RetentionCase.Outcome


@dataclass
class ReasonLine:
    """One reason: requests and cases by year, and how the closed cases of all these years ended."""

    code: str
    label: str
    requests: dict[int, int] = field(default_factory=dict)
    cases: dict[int, int] = field(default_factory=dict)
    ended: int = 0
    kept: int = 0
    response: ResponseNote | None = None

    @property
    def total(self) -> int:
        """All requests and cases of the years."""
        return sum(self.requests.values()) + sum(self.cases.values())

    @property
    def kept_share(self) -> float | None:
        """The share of closed cases in which the client stayed, wholly or in part; None while they are too few."""
        return self.kept / self.ended if self.ended >= FEWEST else None

    def of(self, year: int) -> int:
        """Return requests and cases of one year."""
        return self.requests.get(year, 0) + self.cases.get(year, 0)

    def years(self, shown: list[int]) -> list[tuple[int, int]]:
        """Return requests and cases for each of the years `shown`."""
        return [(self.requests.get(year, 0), self.cases.get(year, 0)) for year in shown]


def reason_years(today: date) -> list[int]:
    """Return the years a report covers, the earliest first."""
    return list(range(today.year - YEARS + 1, today.year + 1))


def reasons_by_year(user: Employee, years: list[int]) -> list[ReasonLine]:
    """Return every reason and those who gave none, with what `user` may know of them, the most frequent first.

    A request and the case that follows it count once: as the request.
    """
    asked = _by_year(ClosureRequest.objects.visible_to(user), "requested_at", years)
    told = _by_year(RetentionCase.objects.visible_to(user).filter(request=None), "opened_on", years)
    ended = _ended(RetentionCase.objects.visible_to(user), years)
    responses = latest_responses(user.branch)
    lines = []
    for code, label in [*Reason.choices, (UNSAID, "客户未说明")]:
        line = ReasonLine(code, str(label), response=responses.get(code))
        line.requests = {year: asked[code, year] for year in years}
        line.cases = {year: told[code, year] for year in years}
        line.ended, line.kept = ended.get(code, (0, 0))
        lines.append(line)
    return sorted(lines, key=lambda line: (line.code == UNSAID, -line.total))


def _by_year(
    rows: QuerySet[ClosureRequest] | QuerySet[RetentionCase], day: str, years: list[int]
) -> Counter[tuple[str, int]]:
    counted = rows.filter(**{f"{day}__year__gte": years[0], f"{day}__year__lte": years[-1]})
    found: Counter[tuple[str, int]] = Counter()
    for row in counted.annotate(in_year=ExtractYear(day)).values("reason", "in_year").annotate(count=Count("pk")):
        found[row["reason"] or UNSAID, row["in_year"]] += row["count"]
    return found


def _ended(rows: QuerySet[RetentionCase], years: list[int]) -> dict[str, tuple[int, int]]:
    closed = rows.filter(state=RetentionCase.State.CLOSED, opened_on__year__range=(years[0], years[-1]))
    kept = Count("pk", filter=Q(outcome__in=(Outcome.KEPT, Outcome.PARTLY)))
    told = closed.values("reason").annotate(ended=Count("pk"), kept=kept).order_by("reason")
    return {row["reason"] or UNSAID: (row["ended"], row["kept"]) for row in told}


@dataclass(frozen=True)
class Column:
    """One year of the chart: how many left or wanted to, and of which reason, in the order of the legend."""

    year: int
    total: int
    counts: list[int]


@dataclass(frozen=True)
class Chart:
    """Years as stacked bars: the most frequent reasons, the rest together; `most` is the longest bar."""

    legend: list[str]
    columns: list[Column]
    most: int

    @property
    def finding(self) -> str:
        """What the chart shows in words."""
        last = self.columns[-1]
        named = last.counts[:SHOWN]
        if not last.total or not any(named):
            return f"{last.year} 年 {last.total:,} 件" if last.total else f"{last.year} 年还没有记录"
        place = max(range(len(named)), key=named.__getitem__)
        return f"{last.year} 年 {last.total:,} 件，最多的是「{self.legend[place]}」{last.counts[place]:,} 件"


def columns(lines: list[ReasonLine], years: list[int]) -> Chart:
    """Return the report as a chart of four reasons and the rest."""
    named = [line for line in lines if line.total and line.code != UNSAID][:SHOWN]
    rest = [line for line in lines if line.total and line not in named]
    told = []
    for year in years:
        counts = [line.of(year) for line in named] + ([sum(line.of(year) for line in rest)] if rest else [])
        told.append(Column(year, sum(counts), counts))
    legend = [line.label for line in named] + (["其余与未说明"] if rest else [])
    return Chart(legend, told, max((column.total for column in told), default=0))


def latest_responses(branch: Branch | None) -> dict[str, ResponseNote]:
    """Return what the branch answers to each reason now."""
    rows = ResponseNote.objects.filter(branch=branch).select_related("made_by")
    rows = rows.order_by("reason", "-version").distinct("reason")
    return {row.reason: row for row in rows}


def responses_to(user: Employee, reason: str) -> list[ResponseNote]:
    """Return all versions of the response to a reason, the latest first."""
    rows = ResponseNote.objects.visible_to(user).filter(reason=reason).select_related("made_by")
    return list(rows.order_by("-version"))


@dataclass(frozen=True)
class Measured:
    """One version of a response and how the cases closed while it held ended."""

    note: ResponseNote
    ended: int
    kept: int

    @property
    def kept_share(self) -> float | None:
        """The share kept; None while the cases are too few."""
        return self.kept / self.ended if self.ended >= FEWEST else None


def measured(user: Employee, reason: str) -> list[Measured]:
    """Return the versions of a response, each with what became of the cases closed while it was the latest."""
    notes = responses_to(user, reason)
    closed = RetentionCase.objects.visible_to(user).filter(state=RetentionCase.State.CLOSED, reason=reason)
    ends = list(closed.values_list("closed_at", "outcome"))
    found, until = [], None
    for note in notes:
        mine = [outcome for at, outcome in ends if at and at >= note.made_at and (until is None or at < until)]
        found.append(Measured(note, len(mine), sum(one in (Outcome.KEPT, Outcome.PARTLY) for one in mine)))
        until = note.made_at
    return found


def lessons_of(user: Employee, reason: str, limit: int = 10) -> list[RetentionCase]:
    """Return the latest closed cases of a reason from which something was learnt."""
    rows = RetentionCase.objects.visible_to(user).filter(state=RetentionCase.State.CLOSED, reason=reason)
    return list(rows.exclude(learning="").order_by("-closed_at", "-pk")[:limit])
