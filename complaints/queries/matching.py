"""Which client somebody may be who complains."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from clients.models import Client
from office.crypto import blind_index
from office.models import Branch, Employee

MOST = 8


def clients_matching(user: Employee, *, account_no: str = "", phone: str = "", name: str = "") -> QuerySet[Client]:
    """Return up to eight clients `user` may know of, by account or client number, phone or beginning of the name."""
    rows = Client.objects.visible_to(user).select_related("standing__manager")
    asked = _numbers(account_no, phone)
    if name.strip():
        asked |= Q(tokens__token__startswith=name.strip().casefold())
    return rows.filter(asked).distinct().order_by("pk")[:MOST] if asked else rows.none()


def client_of(branch: Branch, *, account_no: str = "", phone: str = "") -> Client | None:
    """Return the one client of the branch whom both numbers, as far as given, point to; for the public form.

    A number that fits nobody, or several, identifies nobody: the caller learns nothing of it.
    """
    asked = [_numbers(account_no, ""), _numbers("", phone)]
    given = [one for one in asked if one]
    if not given:
        return None
    rows = Client.objects.filter(branch=branch)
    for one in given:
        rows = rows.filter(pk__in=Client.objects.filter(one).values("pk"))
    found = list(rows.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def _numbers(account_no: str, phone: str) -> Q:
    asked = Q()
    if account_no.strip():
        asked |= Q(accounts__account_no=account_no.strip()) | Q(client_no=account_no.strip())
    if phone.strip():
        asked |= Q(phone_index=blind_index(phone))
    return asked
