"""Requests as lists and boards read them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from clients.models import Client
from clients.queries.search import matching_clients
from office.dates import SHANGHAI
from office.models import Employee
from office.queries.desk import Waiting
from retention.models import ClosureRequest
from retention.rules.closing import STANDS_OUT_AFTER

ORDER = ["-requested_at", "-pk"]
CLOCK_ORDER = ["deadline_at", "pk"]
SHOWN = ("client__standing__manager", "registered_by", "account")
BOARD = {"owed": "未办结", "late": "已超时", "today": "今日到期", "old": "超过 1 天", "held": "依法待解除"}


def seen_requests(user: Employee) -> QuerySet[ClosureRequest]:
    """Return the requests that `user` may know of, with what a line shows."""
    return ClosureRequest.objects.visible_to(user).select_related(*SHOWN)


def request_list(user: Employee, wanted: dict[str, Any], now: datetime) -> QuerySet[ClosureRequest]:
    """Return the requests that the cleaned filter `wanted` asks for."""
    rows = seen_requests(user)
    if wanted.get("q"):
        rows = rows.filter(Q(request_no__iexact=wanted["q"]) | Q(client__in=matching_clients(user, wanted["q"])))
    for name in ("kind", "state", "channel", "block"):
        if wanted.get(name):
            rows = rows.filter(**{f"{name}__in": wanted[name]})
    if wanted.get("reason"):
        rows = rows.filter(reason="" if wanted["reason"] == "unsaid" else wanted["reason"])
    if wanted.get("clock"):
        rows = on_board(rows, wanted["clock"], now)
    if wanted.get("since"):
        rows = rows.filter(requested_at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        rows = rows.filter(requested_at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return rows


def on_board(rows: QuerySet[ClosureRequest], part: str, now: datetime) -> QuerySet[ClosureRequest]:
    """Keep what one part of the clock board (BOARD) or the list of breaches ("breached") holds."""
    return rows.filter(_part(part, now))


def board_counts(user: Employee, now: datetime) -> dict[str, int]:
    """Return how many requests stand in each part of the clock board; one query."""
    parts = {part: Count("pk", filter=_part(part, now)) for part in BOARD}
    found: dict[str, int] = ClosureRequest.objects.visible_to(user).owed().aggregate(**parts)
    return found


def waiting_for(user: Employee, now: datetime) -> list[Waiting]:
    """Return the requests that wait for `user` to carry them out, by their clock."""
    if not user.has_perm("retention.serve_request"):
        return []
    board, counts = reverse("retention:clock_board"), board_counts(user, now)
    return [
        Waiting("销户与转户已超时", counts["late"], f"{board}?part=late", presses=True),
        Waiting("销户与转户今日到期", counts["today"], f"{board}?part=today", presses=True),
        Waiting("销户与转户未办结，全部", counts["owed"], f"{board}?part=owed"),
    ]


def _part(part: str, now: datetime) -> Q:
    owed = Q(state__in=ClosureRequest.OWED)
    midnight = _midnight(now.astimezone(SHANGHAI).date() + timedelta(days=1))
    running = Q(state=ClosureRequest.State.REGISTERED)
    breached = Q(breached_at__isnull=False)
    parts = {
        "late": owed & (breached | running & Q(deadline_at__lt=now)),
        "today": running & Q(deadline_at__gte=now, deadline_at__lt=midnight),
        "old": owed & Q(requested_at__lt=now - STANDS_OUT_AFTER),
        "held": Q(state=ClosureRequest.State.BLOCKED),
        "breached": breached,
    }
    return parts.get(part, owed)


def requests_of(client: Client, user: Employee) -> QuerySet[ClosureRequest]:
    """Return the requests of one client, latest first."""
    return seen_requests(user).filter(client=client).order_by("-requested_at", "-pk")


def breaches_of(user: Employee, month: date) -> QuerySet[ClosureRequest]:
    """Return the requests whose deadline passed unserved in the month of that day, in the order of the deadlines."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    rows = seen_requests(user).filter(breached_at__gte=_midnight(first), breached_at__lt=_midnight(after))
    return rows.select_related("done_by", *SHOWN).order_by("breached_at", "pk")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)
