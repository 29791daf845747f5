"""Finding the one client who stands at the desk, without lists and without harvest."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from clients.models import Account, Client
from clients.queries.desk import desk_clients
from clients.queries.search import matching_clients
from office.models import AuditEntry, Employee

LOOKED_UP = "retention.client_looked_up"
CARD_OPENED = "retention.card_opened"
SHORTEST = 2  # characters of a search
HITS = 8  # more than these are not shown: ask for more of the number or the name
MINUTE_LIMIT, DAY_LIMIT = 30, 500  # look-ups and cards of one person


def found_at_desk(user: Employee, text: str) -> list[Client]:
    """Return at most HITS + 1 clients whom a number, an account, a name, pinyin or the tail of a phone names."""
    wanted = text.replace("\x00", " ").strip()
    if len(wanted) < SHORTEST:
        return []
    rows = desk_clients(user).exclude(status=Client.Status.CLOSED)
    owner = Account.objects.filter(branch_id=user.branch_id or 0, account_no=wanted.upper()).values("client")
    exact = list(rows.filter(pk__in=owner))
    return exact or list(rows.filter(pk__in=matching_clients(user, wanted)).order_by("pinyin", "pk")[: HITS + 1])


def looked_up_lately(user: Employee, now: datetime) -> tuple[int, int]:
    """Return how many look-ups and cards `user` asked for in the last minute, and today."""
    rows = AuditEntry.objects.filter(branch_id=user.branch_id or 0, actor=user, action__in=(LOOKED_UP, CARD_OPENED))
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    at = list(rows.filter(at__gte=midnight).order_by("-at").values_list("at", flat=True)[:DAY_LIMIT])
    return sum(moment > now - timedelta(minutes=1) for moment in at), len(at)
