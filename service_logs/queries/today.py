"""Whom to call first: the open tasks of a day as lines, one per client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Value, When

from clients.models import Client, ClientStanding
from service_logs.models import AIM_TIERS, MESSAGES, Kind, Task
from service_logs.queries.figures import MUST, TALK
from service_logs.queries.scope import Day

LINES = 40  # clients with something mandatory due today that the page lists
LATER_LINES, LATER_DAYS = 12, 7
CONTACT_LINES, OPTIONAL_LINES = 15, 10
BY_VALUE = ("-client__standing__value", "pk")
CLOSE = timedelta(hours=17)  # of a working day
FREE = Q(kind=Kind.OPTIONAL, state=Task.State.OPEN) & ~Q(source=Task.Source.PLAN) & ~Q(channel__in=MESSAGES)
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


def today_list(day: Day) -> TodayList:
    """Return what the scope owes that day in the order of calling; every client appears once."""
    tasks, tonight = day.tasks.owed(), day.tonight
    week = tonight + timedelta(days=LATER_DAYS)
    must, talks = tasks.filter(MUST), tasks.filter(TALK, due_at__lt=tonight)
    shown: set[int] = set()
    due = _leads(must.filter(due_at__lt=tonight).order_by("due_at", *BY_VALUE), LINES, shown)
    later = _leads(must.filter(due_at__gte=tonight, due_at__lt=week).order_by("due_at", *BY_VALUE), LATER_LINES, shown)
    seen = frozenset(shown)
    contacts = _leads(talks.order_by("facts__due_on", *BY_VALUE), CONTACT_LINES, shown)
    optional = _leads(_optional(tasks), OPTIONAL_LINES, shown)
    full = tasks.in_bulk([*due, *later, *contacts, *optional])
    rest = _rest_of(tasks, shown, week)
    counts = _counts(tasks, day)
    return TodayList(
        due=_lines(due, full, rest),
        later=_lines(later, full, rest),
        contacts=_lines(contacts, full, rest),
        optional=_lines(optional, full, rest),
        due_count=counts["due"],
        late_count=counts["late"],
        due_hidden=max(counts["clients"] - len(due), 0),
        earliest=counts["earliest"],
        contacts_merged=sum(any(_is_due_talk(task, tonight) for task in rest.get(pk, [])) for pk in seen),
        optional_count=counts["optional"],
        messages=counts["messages"],
        shown=frozenset(shown),
    )


def next_client_id(day: Day, but: int) -> int | None:
    """Return whom to call after the client `but`: the first line of the day without it, None if none is left."""
    tasks = day.tasks.owed().exclude(client_id=but).filter(due_at__lt=day.tonight)
    for rows, due in ((tasks.filter(MUST), "due_at"), (tasks.filter(TALK), "facts__due_on")):
        first = rows.order_by(due, *BY_VALUE).first()
        if first is not None:
            return first.client_id
    return None


def _optional(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Return the optional tasks of today's room, those to aim at first, then by value × urgency."""
    aim = Case(When(tier__in=AIM_TIERS, then=Value(0)), default=Value(1))
    return tasks.filter(FREE).order_by(aim, "-priority", "due_at", "pk")


def _counts(tasks: QuerySet[Task], day: Day) -> dict[str, Any]:
    due, close = Q(due_at__lt=day.tonight), day.start + CLOSE
    return tasks.order_by().aggregate(
        due=Count("pk", filter=MUST & due),
        clients=Count("client_id", filter=MUST & due, distinct=True),
        late=Count("pk", filter=MUST & Q(due_at__lt=day.start)),
        earliest=Min("due_at", filter=MUST & Q(due_at__gte=day.start, due_at__lt=close)),
        optional=Count("client_id", filter=FREE, distinct=True),
        messages=Count("client_id", filter=due & Q(source=Task.Source.PLAN, channel__in=MESSAGES), distinct=True),
    )


def _is_due_talk(task: Task, tonight: datetime) -> bool:
    return task.source == Task.Source.PLAN and task.due_at < tonight


def _leads(rows: QuerySet[Task], wanted: int, shown: set[int]) -> list[int]:
    """Return the first task of each of the first `wanted` clients of `rows` not yet in `shown`, and add them there.

    Only keys are read: thousands of tasks are sorted, a page of them is shown.
    """
    found: dict[int, int] = {}
    keys = rows.exclude(client_id__in=shown).values_list("pk", "client_id")
    for task, client in keys[: wanted * READ_AHEAD]:
        if len(found) < wanted:
            found.setdefault(client, task)
    shown.update(found)
    return list(found.values())


def _rest_of(tasks: QuerySet[Task], clients: Iterable[int], until: datetime) -> dict[int, list[Task]]:
    rest: dict[int, list[Task]] = {}
    for task in (
        tasks.filter(client_id__in=clients, due_at__lt=until).exclude(channel__in=MESSAGES).order_by("due_at", "pk")
    ):
        rest.setdefault(task.client_id, []).append(task)
    return rest


def _lines(leads: list[int], full: dict[int, Task], rest: dict[int, list[Task]]) -> list[Line]:
    return [_line(full[pk], rest) for pk in leads if pk in full]


def _line(lead: Task, rest: dict[int, list[Task]]) -> Line:
    return Line(lead, tuple(task for task in rest.get(lead.client_id, []) if task.pk != lead.pk))
