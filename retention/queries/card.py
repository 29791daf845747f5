"""What the counter may see of one client while he stands there: pages and REST show the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from clients.feed.refusal import masked
from clients.models import Client, ClientStanding
from complaints.models import Complaint, ComplaintParty
from office.models import Employee, ServiceKey
from office.prepared import PLACE, Prepared
from office.queries import calendar
from office.rights import Principal
from retention.models import ClosureRequest
from retention.queries.grounds import Ground, lawful_grounds
from service_logs.models import Task
from service_logs.models.task import not_hidden

SOON = timedelta(days=60)  # before its end, an expiry is told
SHOWN = ("request_no", "kind", "is_partial", "state", "due_at", "deadline_at", "breached_at")  # of an open request
EVENTS = 10  # of a client that a card tells


@dataclass(frozen=True)
class Expiry:
    """Something of the client's that ends or has ended."""

    what: str
    on: date
    is_over: bool


@dataclass(frozen=True)
class Card:
    """One client as the counter may see him: no name, number or phone in full, no amount."""

    client: Client
    name_masked: str
    standing: ClientStanding
    open_complaints: int
    expiries: list[Expiry]
    events: list[str]
    grounds: list[Ground]
    open_requests: list[ClosureRequest]


def card(client: Client, user: Principal, now: datetime, *, kind: str = ClosureRequest.Kind.CLOSE) -> Card:
    """Return the card of a client whose `standing` (with its manager) and `branch` are joined.

    Complaints that name `user`, and what is hidden from him or kept by compliance, are not counted.
    `kind` says for which request the lawful grounds are looked for.
    """
    today = timezone.localdate(now)
    rows = ClosureRequest.objects.filter(client=client).owed().only(*SHOWN)
    return Card(
        client=client,
        name_masked=masked(client.name),
        standing=client.standing,
        open_complaints=_complaints(client, user),
        expiries=_expiries(client, today),
        events=_events(client, user),
        grounds=lawful_grounds(client, kind, today, calendar(client.branch.calendar)),
        open_requests=list(rows.order_by("deadline_at", "pk")),
    )


def _complaints(client: Client, user: Principal) -> int:
    if not isinstance(user, Employee):
        return len(COMPLAINTS(client.pk))
    naming = ComplaintParty.objects.filter(complaint__client=client, employee=user, released_at=None)
    return Complaint.objects.filter(client=client).open().exclude(pk__in=naming.values("complaint")).count()


def _expiries(client: Client, today: date) -> list[Expiry]:
    known = [("证件有效期", client.id_valid_to), ("风险测评", client.risk_valid_to)]
    return [Expiry(what, on, on < today) for what, on in known if on is not None and on <= today + SOON]


def _events(client: Client, user: Principal) -> list[str]:
    found = _titles(client.pk, user) if isinstance(user, Employee) else TITLES(client.pk)
    return [title for (title,) in found]


def _titles(client_id: int, user: Principal) -> QuerySet[Any, Any]:
    rows = Task.objects.filter(not_hidden(user), client=client_id, source=Task.Source.MOT).owed()
    return rows.order_by("due_at", "pk").values_list("title")[:EVENTS]


# What every other system is told alike: no key holds a post.
COMPLAINTS = Prepared(lambda: Complaint.objects.filter(client=PLACE).open().values_list("pk"))
TITLES = Prepared(lambda: _titles(PLACE, ServiceKey()))
