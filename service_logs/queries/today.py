"""Whom to call first: the open tasks of a day as lines, one per client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Value, When
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.models import Employee
from service_logs.models import AIM_TIERS, MESSAGES, Kind, Task
from service_logs.queries.scope import Scope, known_tasks, midnight

LINES = 40  # clients with something mandatory due today that the page lists
LATER_LINES, LATER_DAYS = 12, 7
CONTACT_LINES, OPTIONAL_LINES = 15, 10
READ_AHEAD = 4  # tasks read per line wanted: one client may have several


@dataclass(frozen=True)
class Line:
    """One client of the list: the task that leads, and what fits into the same call."""

    lead: Task
    rest: tuple[Task, ...] = ()

    @property
    def client(self) -> Client:
        """Whom the line is about."""
        return self.lead.client

    @property
    def standing(self) -> ClientStanding:
        """What the client is at present."""
        return self.lead.client.standing

    @property
    def minutes(self) -> int:
        """How long the call takes: one task of a call carries its minutes."""
        timed = [task.minutes for task in (self.lead, *self.rest) if task.is_primary]
        return round(sum(timed) or self.lead.minutes)


@dataclass(frozen=True)
class TodayList:
    """The list of one day: mandatory due today, mandatory later, contacts by rhythm, optional."""

    due: list[Line]
    later: list[Line]
    contacts: list[Line]
    optional: list[Line]
    due_count: int  # mandatory tasks due until tonight, overdue ones included
    late_count: int  # of them, due before today
    due_hidden: int  # clients beyond the lines shown
    earliest: datetime | None  # the first hour of today that is not the end of the day
    contacts_merged: int  # due contacts that stand inside a mandatory line
    optional_count: int
    messages: int  # clients to be written to together
    shown: frozenset[int] = field(default_factory=frozenset)  # clients on the page


def today_list(user: Employee, scope: Scope, today: date) -> TodayList:
    """Return what `scope` owes on `today` in the order of calling; every client appears once."""
    tasks = known_tasks(user).filter(scope.tasks).owed()
    tonight = midnight(today + timedelta(days=1))
    must = tasks.filter(kind=Kind.MANDATORY).exclude(source=Task.Source.PLAN)
    due_now = must.filter(due_at__lt=tonight)
    counts = _counts(due_now, today)
    due = _lines(due_now.order_by("due_at", "-client__standing__value", "pk"), LINES, set())
    seen = _clients(due)
    soon = must.filter(due_at__gte=tonight, due_at__lt=tonight + timedelta(days=LATER_DAYS))
    later = _lines(soon.order_by("due_at", "-client__standing__value", "pk"), LATER_LINES, seen)
    seen |= _clients(later)
    planned = tasks.filter(source=Task.Source.PLAN, due_at__lt=tonight)
    talks = planned.exclude(channel__in=MESSAGES)
    contacts = _lines(talks.order_by("facts__due_on", "-client__standing__value", "pk"), CONTACT_LINES, seen)
    shown = seen | _clients(contacts)
    free = _optional(tasks)
    optional = _lines(free, OPTIONAL_LINES, shown)
    shown |= _clients(optional)
    rest = _rest_of(tasks, shown, tonight + timedelta(days=LATER_DAYS))
    return TodayList(
        due=_filled(due, rest),
        later=_filled(later, rest),
        contacts=_filled(contacts, rest),
        optional=_filled(optional, rest),
        due_count=counts["tasks"],
        late_count=counts["late"],
        due_hidden=max(counts["clients"] - len(due), 0),
        earliest=counts["earliest"],
        contacts_merged=talks.filter(client_id__in=seen).values("client_id").distinct().count() if seen else 0,
        optional_count=free.values("client_id").distinct().order_by().count(),
        messages=planned.filter(channel__in=MESSAGES).values("client_id").distinct().count(),
        shown=frozenset(shown),
    )


def next_client_id(user: Employee, scope: Scope, today: date, but: int) -> int | None:
    """Return whom to call after the client `but`: the first line of the day without it, None if none is left."""
    tasks = known_tasks(user).filter(scope.tasks).owed().exclude(client_id=but)
    tonight = midnight(today + timedelta(days=1))
    must = tasks.filter(kind=Kind.MANDATORY).exclude(source=Task.Source.PLAN).filter(due_at__lt=tonight)
    talks = tasks.filter(source=Task.Source.PLAN, due_at__lt=tonight).exclude(channel__in=MESSAGES)
    for rows, due in ((must, "due_at"), (talks, "facts__due_on")):
        first = rows.order_by(due, "-client__standing__value", "pk").first()
        if first is not None:
            return first.client_id
    return None


def _optional(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Return the optional tasks of today's room, those to aim at first, then by value × urgency."""
    aim = Case(When(tier__in=AIM_TIERS, then=Value(0)), default=Value(1))
    free = tasks.filter(kind=Kind.OPTIONAL, state=Task.State.OPEN).exclude(source=Task.Source.PLAN)
    return free.exclude(channel__in=MESSAGES).order_by(aim, "-priority", "due_at", "pk")


def _counts(due_now: QuerySet[Task], today: date) -> dict[str, Any]:
    start, end = midnight(today), datetime.combine(today, time(17), timezone.get_default_timezone())
    return due_now.aggregate(
        tasks=Count("pk"),
        clients=Count("client_id", distinct=True),
        late=Count("pk", filter=Q(due_at__lt=start)),
        earliest=Min("due_at", filter=Q(due_at__gte=start, due_at__lt=end)),
    )


def _lines(rows: QuerySet[Task], wanted: int, seen: set[int]) -> list[Line]:
    """Return the first `wanted` clients of `rows` that are not in `seen`, each with the first of its tasks."""
    found: dict[int, Line] = {}
    for task in rows.exclude(client_id__in=seen)[: wanted * READ_AHEAD]:
        if len(found) < wanted:
            found.setdefault(task.client_id, Line(task))
    return list(found.values())


def _rest_of(tasks: QuerySet[Task], clients: Iterable[int], until: datetime) -> dict[int, list[Task]]:
    rest: dict[int, list[Task]] = {}
    for task in (
        tasks.filter(client_id__in=clients, due_at__lt=until).exclude(channel__in=MESSAGES).order_by("due_at", "pk")
    ):
        rest.setdefault(task.client_id, []).append(task)
    return rest


def _filled(lines: list[Line], rest: dict[int, list[Task]]) -> list[Line]:
    return [
        Line(line.lead, tuple(task for task in rest.get(line.lead.client_id, []) if task.pk != line.lead.pk))
        for line in lines
    ]


def _clients(lines: list[Line]) -> set[int]:
    return {line.lead.client_id for line in lines}
