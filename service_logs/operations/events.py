"""What happened by day and cannot wait for the night: one event, its signal and its task, at once and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients.models import Client, Tier
from office.dates import SHANGHAI, TradingCalendar
from office.jobs import Ledger
from office.models import Branch
from office.queries import calendar
from service_logs.models import Kind, Rule, Signal, Task
from service_logs.operations.fitting import lead_again
from service_logs.queries.catalogue import RuleInForce, catalogue
from service_logs.queries.posts import Posts, posts
from service_logs.rules.deadlines import due_day, lapse_day, moment
from service_logs.rules.entry import CLOSE_OF_WORK


@dataclass(frozen=True)
class Event:
    """One occasion that another part of the house saw: the code of its MOT type, and what makes it this one.

    `occurrence` is unique per client and type. `owner_id` names who does it, else the type's post does.
    Nobody of `avoid` owns its task or sees it.
    """

    code: str
    client_id: int
    occurrence: str
    occurred_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    owner_id: int | None = None
    avoid: frozenset[int] = frozenset()


@transaction.atomic
def raise_events(branch: Branch, events: Sequence[Event], *, now: datetime | None = None) -> Ledger:
    """Write a signal and a task for every event of an active type that is not known yet.

    The same events again change nothing but who is kept out of sight. Clients of other branches, who
    have left or died are passed over, and so are types switched off; both are counted.
    """
    at = now or timezone.now()
    ledger = Ledger(seen=len(events))
    rules = {one.rule.code: one for one in catalogue(branch) if one.is_active}
    served = _served(branch, events)
    told = []
    for event in events:
        if event.code not in rules:
            ledger.skipped["此类 MOT 已停用"] += 1
        elif event.client_id not in served:
            ledger.skipped["客户已销户或不在本营业部"] += 1
        else:
            told.append(event)
    if told:
        desk = _Desk(branch, rules, served, at)
        made = _make_tasks(desk, _fresh_signals(desk, told))
    else:
        made = []
    ledger.changed = len(made)
    ledger.skipped.update({"已有同一事件": len(told) - len(made)} if len(told) > len(made) else {})
    ledger.detail["unowned"] = sum(task.owner_id is None for task in made)
    return ledger


@transaction.atomic
def keep_out_of_sight(branch: Branch, events: Sequence[Event], *, now: datetime | None = None) -> int:
    """Hide what these events raised from everybody they must avoid by now, and take it off their hands.

    Raises nothing that is not there yet. Returns how many owed tasks changed hands; where nobody is left who may
    do one, or its type is switched off since, it is nobody's.
    """
    rules = {one.rule.code: one for one in catalogue(branch)}
    known = [event for event in events if event.code in rules]
    desk = _Desk(branch, rules, _served(branch, known), now or timezone.now())
    held = _held(desk, known)
    raised = [(event, held[desk.key(event)]) for event in known if desk.key(event) in held]
    return sum(_keep_out_of_sight(desk, event, signal) for event, signal in raised)


def _served(branch: Branch, events: Sequence[Event]) -> dict[int, Client]:
    ids = {event.client_id for event in events}
    found = Client.objects.filter(branch=branch, pk__in=ids, is_deceased=False, standing__is_closed=False)
    return {client.pk: client for client in found.exclude(status=Client.Status.CLOSED).select_related("standing")}


@dataclass(frozen=True)
class _Desk:
    """What is known while events are taken in: the types in force, the clients, the day and its people."""

    branch: Branch
    rules: dict[str, RuleInForce]
    served: dict[int, Client]
    at: datetime

    @cached_property
    def days(self) -> TradingCalendar:
        return calendar(self.branch.calendar)

    @cached_property
    def serve(self) -> date:
        """Today while work goes on, else the next working day."""
        local = self.at.astimezone(SHANGHAI)
        is_over = local.time() >= CLOSE_OF_WORK or not self.days.is_working(local.date())
        return self.days.add_working(local.date(), 1) if is_over else local.date()

    @cached_property
    def people(self) -> Posts:
        return posts(self.branch, self.serve)

    def rule(self, event: Event) -> Rule:
        return self.rules[event.code].rule

    def key(self, event: Event) -> tuple[int, int, str]:
        return event.client_id, self.rule(event).pk, event.occurrence

    def owner(self, event: Event) -> int | None:
        """Return who does it: the type's post, past everybody the event concerns; None if nobody is left."""
        if event.owner_id and event.owner_id not in event.avoid:
            return event.owner_id
        manager_id = self.served[event.client_id].standing.manager_id
        acting = self.people.acting.get(manager_id) if manager_id else None
        line = [*self._line(self.rule(event), manager_id, acting, event), self.people.chief, self.people.compliance]
        return next((one for one in line if one is not None and one not in event.avoid), None)

    def _line(self, rule: Rule, manager_id: int | None, acting: int | None, event: Event) -> list[int | None]:
        if rule.owner_role == Rule.OwnerRole.COMPLIANCE:
            return [self.people.compliance]
        if rule.owner_role == Rule.OwnerRole.MANAGER:
            return [acting]
        visitors = self.people.visitors
        turn = event.client_id % len(visitors) if visitors else 0
        return [one for one in visitors[turn:] + visitors[:turn] if one not in (manager_id, acting)]


def _kind(rule: Rule, tier: str) -> str:
    ladder = [str(value) for value in Tier.values]
    rises = bool(rule.mandatory_from) and ladder.index(tier) >= ladder.index(rule.mandatory_from)
    return str(Kind.MANDATORY) if rises else rule.kind


def _fresh_signals(desk: _Desk, events: list[Event]) -> list[tuple[Event, Signal]]:
    """Insert what is not there and return the events whose task is still to be made, with their signals."""
    today = desk.at.astimezone(SHANGHAI).date()
    wanted = [
        Signal(
            branch=desk.branch, rule=desk.rule(event), client_id=event.client_id, occurrence=event.occurrence,
            occurred_on=event.occurred_on, day=today, facts=event.facts,
            kind=_kind(desk.rule(event), desk.served[event.client_id].standing.tier),
            hidden_from=sorted(event.avoid) or None,
        )
        for event in events
    ]  # fmt: skip
    Signal.objects.bulk_create(wanted, ignore_conflicts=True)
    held = _held(desk, events)
    for event in events:
        _keep_out_of_sight(desk, event, held[desk.key(event)])
    pairs = {held[desk.key(event)].pk: event for event in events}
    signals = {signal.pk: signal for signal in held.values()}
    started = set(Task.objects.filter(signal__in=pairs).values_list("signal_id", flat=True))
    return [(event, signals[pk]) for pk, event in pairs.items() if pk not in started]


def _held(desk: _Desk, events: list[Event]) -> dict[tuple[int, int, str], Signal]:
    rows = Signal.objects.filter(
        branch=desk.branch,
        client__in={event.client_id for event in events},
        rule__in={desk.rule(event).pk for event in events},
        occurrence__in={event.occurrence for event in events},
    )
    return {(row.client_id, row.rule_id, row.occurrence): row for row in rows}


def _keep_out_of_sight(desk: _Desk, event: Event, signal: Signal) -> int:
    """Hide what is there already from whoever was named since; return how many owed tasks were taken off his hands."""
    hidden = sorted(event.avoid) or None
    if signal.hidden_from == hidden:
        return 0
    Signal.objects.filter(pk=signal.pk).update(hidden_from=hidden)
    Task.objects.filter(signal=signal).update(hidden_from=hidden)
    signal.hidden_from = hidden
    his = Task.objects.filter(signal=signal, owner__in=event.avoid).owed()
    return his.update(owner=desk.owner(event) if event.client_id in desk.served else None, is_assigned=True)


def _make_tasks(desk: _Desk, fresh: list[tuple[Event, Signal]]) -> list[Task]:
    """Write the tasks; of two workers that raise the same event at once the second finds the task there."""
    tasks = [_task(desk, event, signal) for event, signal in fresh]
    Task.objects.bulk_create(tasks, ignore_conflicts=True)
    if tasks:
        lead_again([task.client_id for task in tasks])
    return tasks


def _task(desk: _Desk, event: Event, signal: Signal) -> Task:
    one, standing = desk.rules[event.code], desk.served[event.client_id].standing
    due = due_day(one.rule.measure, one.deadline, event.occurred_on, desk.serve, desk.days)
    return Task(
        branch=desk.branch, client_id=event.client_id, rule=one.rule, signal=signal, source=Task.Source.MOT,
        kind=signal.kind, owner_id=desk.owner(event), tier=standing.tier, title=one.rule.name,
        channel=one.rule.channel, due_at=moment(due, one.rule.deadline_at),
        expires_on=lapse_day(due, one.rule.lapses_days, desk.days), made_on=signal.day, opened_on=desk.serve,
        minutes=one.rule.minutes, is_assigned=bool(event.owner_id or event.avoid),
        priority=(1 + standing.value) * one.rule.priority / 50, hidden_from=signal.hidden_from,
    )  # fmt: skip
