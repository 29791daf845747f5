"""The service log as it is read: the list, what to know before a call, the timeline of one client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet

from clients.models import ChannelPreference, Client
from clients.queries.page import portfolio
from clients.queries.search import matching_clients
from clients.rules import age_on, history_class
from office.dates import SHANGHAI
from office.models import Employee
from service_logs.models import Contact, Signal, Task
from service_logs.models.task import TaskQuerySet
from service_logs.queries.scope import known_tasks, midnight
from service_logs.queries.visits import Told, told_visits
from service_logs.rules.wording import worded

LAST_CONTACTS = 3  # of the card before a call
TIMELINE = 15  # entries of the client's panel
HISTORY = {"": "", "new": "入市不足一年", "experienced": "入市 1–5 年", "veteran": "入市 5 年以上"}


def contact_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[Contact]:
    """Return the entries `user` may know of that the cleaned ContactFilter `wanted` asks for, joined for the list."""
    rows = (
        Contact.objects.visible_to(user)
        .select_related("client__standing", "author")
        .defer("client__id_no", "client__phone", "client__email", "client__address", "client__notes")
    )
    if wanted.get("q"):
        rows = rows.filter(client__in=matching_clients(user, wanted["q"]))
    for name in ("channel", "result"):
        if wanted.get(name):
            rows = rows.filter(**{f"{name}__in": wanted[name]})
    if wanted.get("tier"):
        rows = rows.filter(client__standing__tier__in=wanted["tier"])
    if wanted.get("initiator"):
        rows = rows.filter(initiator=wanted["initiator"])
    if wanted.get("author"):
        rows = rows.filter(author_id=int(wanted["author"]))
    if wanted.get("since"):
        rows = rows.filter(at__gte=midnight(wanted["since"]))
    if wanted.get("until"):
        rows = rows.filter(at__lte=datetime.combine(wanted["until"], time.max, SHANGHAI))
    return rows.filter(_holding(wanted.get("holds") or []))


def _holding(marks: list[str]) -> Q:
    """Return the condition on what an entry holds; what was undone is listed only when it is asked for."""
    conditions = {
        "need": ~Q(need=""),
        "promise": ~Q(promise=""),
        "corrected": Q(corrected_at__isnull=False),
        "undone": Q(undone_at__isnull=False),
    }
    asked = Q() if "undone" in marks else Q(undone_at=None)
    for mark in marks:
        asked &= conditions[mark]
    return asked


@dataclass(frozen=True)
class PreCall:
    """What a manager looks at before calling (COM-07): who he is, how he trades, what was said and promised."""

    age: int | None
    history: str
    first_holding: str
    first_share: float | None  # of the securities, 0 to 1
    contacts: list[Contact]
    needs: list[Contact]
    refusals: list[str]


def pre_call(user: Employee, client: Client, today: date) -> PreCall:
    """Return the card before a call to `client`, a client `user` sees."""
    told = list(_told(user, client)[:LAST_CONTACTS])
    held = portfolio(client)
    first = held.holdings[0] if held.holdings else None
    refused = client.preferences.filter(state=ChannelPreference.State.DENIED).order_by("channel", "purpose")
    return PreCall(
        age=age_on(client.birth_date, today) if client.birth_date else None,
        history=HISTORY[history_class(client.first_market_entry_on or client.opened_on, today)],
        first_holding=(first.name or first.code) if first else "",
        first_share=float(held.first_share) if first else None,
        contacts=told,
        needs=[contact for contact in told if contact.need],
        refusals=[f"不接受{row.get_channel_display()}{row.get_purpose_display()}" for row in refused],
    )


def _told(user: Employee, client: Client) -> QuerySet[Contact]:
    return Contact.objects.visible_to(user).standing().filter(client=client).order_by("-at", "-pk")


@dataclass(frozen=True)
class Entry:
    """One line of a client's timeline."""

    at: datetime | date
    icon: str
    title: str
    text: str
    href: str = ""


CHANNEL_ICONS = {
    "phone": "phone-call", "wecom": "brand-wechat", "visit": "users", "sms": "message", "email": "mail", "post": "send",
}  # fmt: skip


def owed_tasks(user: Employee, client: Client) -> TaskQuerySet:
    """Return what is owed to the client, the next deadline first."""
    return known_tasks(user).filter(client=client).owed().order_by("due_at", "pk")


def timeline(user: Employee, client: Client) -> list[Entry]:
    """Return what happened with the client, the latest first: contacts, signals, visits, tasks without a contact."""
    told = [_contact_entry(row) for row in _told(user, client).select_related("author")[:TIMELINE]]
    noticed = (
        Signal.objects.visible_to(user)
        .filter(client=client)
        .select_related("rule")
        .order_by("-occurred_on", "-pk")[:TIMELINE]
    )
    ended = (
        known_tasks(user)
        .filter(client=client, contact=None)
        .exclude(state__in=Task.OWED)
        .order_by("-due_at", "-pk")[:TIMELINE]
    )
    visited = map(_visit_entry, told_visits(user, client, TIMELINE))
    entries = [*told, *map(_signal_entry, noticed), *map(_task_entry, ended), *visited]
    return sorted(entries, key=_moment, reverse=True)[:TIMELINE]


def _moment(entry: Entry) -> datetime:
    return entry.at if isinstance(entry.at, datetime) else midnight(entry.at)


def _contact_entry(row: Contact) -> Entry:
    title = f"{row.get_channel_display()}·{row.get_result_display()}"
    text = "。".join(part.rstrip("。") for part in (row.summary, f"需求：{row.need}" if row.need else "") if part)
    return Entry(row.at, CHANNEL_ICONS[row.channel], title, f"{text}（{row.author.name}）", row.get_absolute_url())


def _signal_entry(row: Signal) -> Entry:
    return Entry(row.occurred_on, "bulb", row.rule.name, worded(row.rule.reason, row.facts))


def _visit_entry(row: Told) -> Entry:
    return Entry(row.on, "user-check", "独立回访", f"已完成（{row.by}）", row.href)


def _task_entry(row: Task) -> Entry:
    words = {Task.State.DONE: "办结", Task.State.EXPIRED: "过期", Task.State.CANCELLED: "取消"}
    text = row.result or (row.owner.name if row.owner else "")
    return Entry(
        row.done_at or row.due_at,
        "clipboard-check",
        f"任务{words[Task.State(row.state)]}：{row.title}",
        text,
        row.get_absolute_url(),
    )
