"""How far the day is: done of due, minutes of capacity, the week's calls to VIP clients, and the same per person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from clients.models import Grade
from office.models import Employee
from service_logs.models import MESSAGES, Contact, Kind, Task
from service_logs.queries.posts import Posts
from service_logs.queries.scope import Day

VIP_TARGET = 0.9  # of VIP clients called within the week (look.md §13.1)

MUST = Q(kind=Kind.MANDATORY) & ~Q(source=Task.Source.PLAN)
TALK = Q(source=Task.Source.PLAN) & ~Q(channel__in=MESSAGES)
COUNTS = ("due", "late", "done", "contacts")
OWED = Q(state__in=Task.OWED)


@dataclass(frozen=True)
class DayFigures:
    """The strip above the list. Optional tasks are in none of these figures."""

    must_done: int
    must_total: int
    last_done_at: datetime | None
    contacts_done: int
    contacts_total: int
    contacts_late: int
    minutes_used: int
    minutes_budget: int
    minutes_open: int
    vip_reached: int
    vip_total: int

    @property
    def vip_share(self) -> float | None:
        """VIP clients spoken with this week, 0 to 1; None without such clients."""
        return self.vip_reached / self.vip_total if self.vip_total else None

    @property
    def vip_target(self) -> float:
        """The share the branch aims at."""
        return VIP_TARGET


@dataclass(frozen=True)
class PersonDay:
    """One person's row: mandatory tasks and contacts of today."""

    pk: int
    name: str
    is_away: bool
    due: int
    late: int
    done: int
    contacts: int
    minutes: int
    budget: int

    @property
    def total(self) -> int:
        """Done and still due."""
        return self.done + self.due


def day_figures(day: Day, desk: Posts) -> DayFigures:
    """Return how far the scope is that day; `desk` says who is there and with how much time."""
    due, done = OWED & Q(due_at__lt=day.tonight), Q(state=Task.State.DONE, done_at__gte=day.start)
    counts = day.tasks.filter(due | done).aggregate(
        must_done=Count("pk", filter=MUST & done),
        must_due=Count("pk", filter=MUST & due),
        last_done_at=Max("done_at", filter=MUST & done),
        contacts_done=Count("pk", filter=TALK & done),
        contacts_due=Count("pk", filter=TALK & due),
        contacts_late=Count("pk", filter=TALK & due & Q(facts__due_on__lt=day.today.isoformat())),
        minutes_open=Sum("minutes", filter=(MUST | TALK) & due & Q(is_primary=True)),
    )
    reached, total = _vip_week(day)
    return DayFigures(
        must_done=counts["must_done"],
        must_total=counts["must_done"] + counts["must_due"],
        last_done_at=counts["last_done_at"],
        contacts_done=counts["contacts_done"],
        contacts_total=counts["contacts_done"] + counts["contacts_due"],
        contacts_late=counts["contacts_late"],
        minutes_used=_contacts_since(day.scope.ids, day.start).aggregate(sum=Sum("duration_min"))["sum"] or 0,
        minutes_budget=round(sum(desk.day_minutes.get(pk, 0) for pk in day.scope.serving)),
        minutes_open=round(counts["minutes_open"] or 0),
        vip_reached=reached,
        vip_total=total,
    )


def people_today(day: Day, desk: Posts) -> list[PersonDay]:
    """Return a row per person of the scope who serves clients or owes a task, those with most overdue first."""
    due, done = OWED & Q(due_at__lt=day.tonight), Q(state=Task.State.DONE, done_at__gte=day.start)
    rows = day.tasks.filter(due | done, owner_id__in=day.scope.ids).order_by().values("owner_id")
    owed: dict[int | None, dict[str, Any]] = {
        row["owner_id"]: dict(row)
        for row in rows.annotate(
            due=Count("pk", filter=MUST & due),
            late=Count("pk", filter=MUST & due & Q(due_at__lt=day.start)),
            done=Count("pk", filter=MUST & done),
            contacts=Count("pk", filter=TALK & due),
        )
    }
    told = _contacts_since(day.scope.ids, day.start).values_list("author_id")
    minutes = dict(told.annotate(sum=Sum("duration_min")))
    busy = {pk for pk, row in owed.items() if any(row[name] for name in COUNTS)}
    people = Employee.objects.filter(pk__in={*busy, *minutes, *day.scope.serving}, is_active=True)
    found = [
        PersonDay(
            pk=pk,
            name=name,
            is_away=desk.acting.get(pk, pk) != pk,
            minutes=minutes.get(pk) or 0,
            budget=round(desk.day_minutes.get(pk, 0)),
            **{count: owed.get(pk, {}).get(count, 0) for count in COUNTS},
        )
        for pk, name in people.values_list("pk", "name")
    ]
    return sorted(found, key=lambda row: (-row.late, -row.due, row.name))


def unassigned_count(day: Day) -> int:
    """Return how many owed tasks nobody has."""
    return day.tasks.owed().filter(owner=None).count()


def _contacts_since(ids: tuple[int, ...], start: datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(author_id__in=ids, at__gte=start, undone_at=None)


def _vip_week(day: Day) -> tuple[int, int]:
    monday = day.today - timedelta(days=day.today.weekday())
    counts = day.standings.filter(grade=Grade.VIP, is_closed=False).aggregate(
        total=Count("pk"), reached=Count("pk", filter=Q(client__service_standing__last_talk_on__gte=monday))
    )
    return counts["reached"], counts["total"]
