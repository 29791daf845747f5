"""Complaints counted: by category, cause, person and month; how timely; and what became of who complained.

Every figure counts what the person asking may know of; nobody finds himself in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from clients.models import Client
from complaints.models import Category, Channel, Clock, Complaint, State
from office.dates import SHANGHAI
from office.models import Employee

CLOSED = Client.Status.CLOSED


@dataclass(frozen=True)
class CauseLine:
    """How many complaints of one month are of one category and cause, about one person (None and "" for nobody)."""

    month: date
    category: str
    cause: str
    person: str
    person_id: int | None  # of two people with one name each is counted by himself
    staff_no: str
    count: int


@dataclass(frozen=True)
class Timeliness:
    """How many clocks of one step were stopped, how many of them in time, and how many run on past their hour."""

    step: str
    stopped: int = 0
    in_time: int = 0
    overdue: int = 0

    @property
    def share(self) -> float | None:
        """In time, 0 to 1; None if nothing was stopped."""
        return self.in_time / self.stopped if self.stopped else None


@dataclass(frozen=True)
class Leaving:
    """How many clients who complained have left since, against all others (CMP-14)."""

    complainants: int
    complainants_left: int
    others: int
    others_left: int

    @property
    def shares(self) -> tuple[float | None, float | None]:
        """Who left of the complainants and of the others, 0 to 1; None where there is nobody."""
        return _share(self.complainants_left, self.complainants), _share(self.others_left, self.others)


def received(user: Employee, since: date, until: date) -> QuerySet[Complaint]:
    """Return the complaints received from `since` to `until`, both included; repeats count once."""
    rows = Complaint.objects.visible_to(user).standing()
    return rows.filter(received_at__gte=_start(since), received_at__lt=_start(until + timedelta(days=1)))


def by_category(user: Employee, since: date, until: date) -> dict[str, int]:
    """Return the number per category; all six stand there, with 0 where there is none (CMP-08)."""
    return _counted(received(user, since, until), "category", Category.values)


def by_channel(user: Employee, since: date, until: date) -> dict[str, int]:
    """Return the number per channel, with 0 where there is none."""
    return _counted(received(user, since, until), "channel", Channel.values)


def causes(user: Employee, since: date, until: date) -> list[CauseLine]:
    """Return category × cause × person × month, latest month first; one naming two persons counts at each."""
    rows = (
        received(user, since, until)
        .annotate(
            month=TruncMonth("received_at", tzinfo=SHANGHAI),
            person=F("parties__employee__name"),
            person_id=F("parties__employee"),
            staff_no=F("parties__employee__staff_no"),
        )
        .order_by("-month", "category", "cause_code", "person", "person_id")
        .values("month", "category", "cause_code", "person", "person_id", "staff_no")
        .annotate(count=Count("pk"))
    )
    return [
        CauseLine(
            row["month"].date(),
            row["category"],
            row["cause_code"],
            row["person"] or "",
            row["person_id"],
            row["staff_no"] or "",
            row["count"],
        )
        for row in rows
    ]


def timeliness(user: Employee, since: date, until: date, *, now: datetime | None = None) -> list[Timeliness]:
    """Return per measure how many clocks of complaints received in the span were stopped in time, or are late `now`."""
    clocks = Clock.objects.filter(complaint__in=received(user, since, until), is_suspended=False)
    counted = {
        "stopped": Count("pk", filter=Q(stopped_at__isnull=False)),
        "in_time": Count("pk", filter=Q(stopped_at__lte=F("due_at"))),
        "overdue": Count("pk", filter=Q(stopped_at=None, paused_at=None, due_at__lt=now or timezone.now())),
    }
    found = {row["step"]: Timeliness(**row) for row in clocks.order_by().values("step").annotate(**counted)}
    return [found.get(step, Timeliness(step)) for step in Clock.Measure.values]


def leaving(user: Employee, since: date, until: date) -> Leaving:
    """Return how many of those who complained in the span have left since, against the other clients in sight."""
    clients = Client.objects.visible_to(user)
    complained = received(user, since, until).filter(client__isnull=False).values("client")
    mine, others = clients.filter(pk__in=complained), clients.exclude(pk__in=complained)
    left = Count("pk", filter=Q(status=CLOSED))
    one, rest = (rows.aggregate(n=Count("pk"), left=left) for rows in (mine, others))
    return Leaving(one["n"], one["left"], rest["n"], rest["left"])


def yearly(user: Employee, year: int) -> dict[str, Any]:
    """Return the figures of the yearly report (due by the end of April): received, ended, how, in what time."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = received(user, first, last)
    return {
        "received": rows.count(),
        "by_category": by_category(user, first, last),
        "by_channel": by_channel(user, first, last),
        "by_state": _counted(rows, "state", State.values),
        "by_outcome": _counted(rows.exclude(outcome=""), "outcome", ["upheld", "partly", "refused"]),
        "mediated": rows.filter(mediation="accepted").count(),
        "satisfied": rows.filter(satisfied=True).count(),
        "unsatisfied": rows.filter(satisfied=False).count(),
        "timeliness": timeliness(user, first, last),
        "leaving": leaving(user, first, last),
    }


def _counted(rows: QuerySet[Complaint], field: str, values: list[str]) -> dict[str, int]:
    found = {row[field]: row["n"] for row in rows.order_by().values(field).annotate(n=Count("pk"))}
    return {str(value): found.get(value, 0) for value in values}


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
