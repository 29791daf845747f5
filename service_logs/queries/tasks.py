"""The rows of the task list: which filters and orders there are, and one query for a page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.queries.search import matching_clients
from office.models import Employee, Role
from service_logs.models import AIM_TIERS, MESSAGES, Kind, Rule, Task
from service_logs.queries.scope import known_tasks, midnight
from service_logs.rules.releases import COMPLIANCE_FIRST

NOBODY = "none"  # among the owners asked for: tasks without one
WEEK, MONTH = timedelta(days=7), timedelta(days=30)

# sort key → the field it orders by; then the more valuable client first, and the task, so that it is total
ORDERS = {"due": "due_at", "client": "client__pinyin", "value": "client__standing__value", "made": "made_on"}
THEN = ["-client__standing__value", "pk"]
DEFAULT_SORT = "due"


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` ("-value") orders by, the default order for anything unknown."""
    key, sign = sort.removeprefix("-"), "-" if sort.startswith("-") else ""
    if key not in ORDERS:
        return order_of(DEFAULT_SORT)
    return [sign + ORDERS[key], *(["pk"] if key == "value" else THEN)]


def task_list(user: Employee, wanted: dict[str, Any], today: date) -> QuerySet[Task]:
    """Return the tasks `user` may know of that the cleaned TaskFilter `wanted` asks for."""
    rows = known_tasks(user)
    if wanted.get("q"):
        rows = rows.filter(client__in=matching_clients(user, wanted["q"]))
    for name in ("source", "tier"):
        if wanted.get(name):
            rows = rows.filter(**{f"{name}__in": wanted[name]})
    if wanted.get("rule"):
        rows = rows.filter(rule=wanted["rule"])
    if wanted.get("owner"):
        rows = rows.filter(_of_owners(wanted["owner"]))
    if wanted.get("due_since"):
        rows = rows.filter(due_at__gte=midnight(wanted["due_since"]))
    if wanted.get("batch"):
        rows = rows.filter(facts__batch=wanted["batch"])
    if wanted.get("made"):
        rows = rows.filter(made_on=wanted["made"])
    return rows.filter(
        _in_state(wanted.get("state") or ""),
        _of_kind(wanted.get("kind") or []),
        _by_channel(wanted.get("channel") or ""),
        _due(wanted.get("due") or "", today),
        _done(wanted.get("done") or "", today),
    )


def _in_state(state: str) -> Q:
    if state in ("", "all"):
        return Q()
    if state == "kept":
        return ~Q(state=Task.State.CANCELLED)
    return Q(state__in=Task.OWED) if state == "owed" else Q(state=state)


def _of_owners(owners: list[str]) -> Q:
    people = Q(owner_id__in=[int(owner) for owner in owners if owner != NOBODY])
    return people | Q(owner=None) if NOBODY in owners else people


def _of_kind(kinds: list[str]) -> Q:
    aim = Q(kind=Kind.OPTIONAL, tier__in=AIM_TIERS)
    conditions = {"aim": aim, Kind.OPTIONAL: Q(kind=Kind.OPTIONAL), Kind.MANDATORY: Q(kind=Kind.MANDATORY)}
    asked = Q()
    for kind in kinds:
        asked |= conditions[kind]
    return asked


def _by_channel(channel: str) -> Q:
    if channel == "messages":
        return Q(channel__in=MESSAGES)
    if channel == "talk":
        return ~Q(channel__in=MESSAGES)
    return Q(channel=channel) if channel else Q()


def _due(when: str, today: date) -> Q:
    start = midnight(today)
    tonight, week = start + timedelta(days=1), start + timedelta(days=1) + WEEK
    conditions = {
        "late": is_late(today),
        "today": Q(due_at__lt=tonight),
        "week": Q(due_at__lt=week),
        "later": Q(due_at__gte=week),
        "past": Q(due_at__lt=timezone.now()),
    }
    return conditions.get(when, Q())


def is_late(today: date) -> Q:
    """Return the condition for what its mark calls overdue: a planned contact is so when its rhythm has ended."""
    is_plan = Q(source=Task.Source.PLAN)
    return Q(due_at__lt=midnight(today)) & ~is_plan | is_plan & Q(facts__due_on__lt=today.isoformat())


def _done(when: str, today: date) -> Q:
    start = midnight(today)
    since = {"today": start, "week": start - WEEK, "month": start - MONTH}.get(when)
    return Q(done_at__gte=since) if since else Q()


def may_close(user: Employee, task: Task) -> bool:
    """Whether `user` may end this task; compliance may end what is compliance's or his own."""
    own = task.owner_id == user.pk or (_is_of_compliance(task) and user.has_role(Role.COMPLIANCE))
    return (own and user.has_perm("service_logs.close_task")) or user.has_perm("service_logs.do_task")


def needs_contact(task: Task) -> bool:
    """Whether the task ends only with an entry of the log: a mandatory talk that an event or the policy asks for.

    Compliance does not talk to the client, so what is its own needs none.
    """
    asked = task.source in (Task.Source.MOT, Task.Source.PLAN)
    owed = asked and task.kind == Kind.MANDATORY and not task.is_message
    return owed and not _is_of_compliance(task)


def is_after_contact(task: Task, at: datetime) -> bool:
    """Whether what the task is about happened on a later day than `at`; a planned contact is about no event."""
    if task.source == Task.Source.PLAN:
        return False
    happened = task.signal.occurred_on if task.signal is not None else task.made_on
    return min(happened, task.made_on) > timezone.localtime(at).date()


def awaits_release(task: Task) -> bool:
    """Whether compliance is to release the case to the client's manager, or to hold it; needs `rule` joined."""
    return task.rule is not None and task.rule.code in COMPLIANCE_FIRST


def _is_of_compliance(task: Task) -> bool:
    return task.rule is not None and task.rule.owner_role == Rule.OwnerRole.COMPLIANCE
