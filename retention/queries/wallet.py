"""Accounts with other brokers: the list, our share, and the report by manager (RET-07, RET-10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from clients.models import Client
from clients.queries.search import matching_clients
from office.models import NON_MARKETING_ROLES, Employee
from retention.models import OtherAccount
from retention.rules.wallet import share_of_wallet

ORDER = ["-learnt_on", "-pk"]
SORTS = {"assets": "known_fen", "learnt": "learnt_on"}
UNKNOWN_FEN = -1  # a size nobody knows, below every one that is known


@dataclass
class Book:
    """The clients of one manager who are known to have accounts elsewhere; told, never set as a target."""

    manager: Employee | None
    clients: int = 0
    ours_fen: int = 0
    elsewhere_fen: int = 0
    unknown: int = 0  # accounts whose size nobody knows
    most_used: int = 0  # clients who use another broker the most

    @property
    def share(self) -> float | None:
        """Our share of what these clients have, as far as known."""
        return share_of_wallet(self.ours_fen, [self.elsewhere_fen or None])


def other_accounts(user: Employee) -> QuerySet[OtherAccount]:
    """Return the accounts elsewhere that `user` may know of, those given up left out."""
    rows = OtherAccount.objects.visible_to(user).filter(ended_on=None)
    return rows.select_related("client__standing__manager", "noted_by")


def wallet_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[OtherAccount]:
    """Return the accounts elsewhere that the cleaned filter `wanted` asks for, with `known_fen` to sort by."""
    rows = other_accounts(user).annotate(known_fen=Coalesce("assets_fen", Value(UNKNOWN_FEN)))
    if wanted.get("q"):
        rows = rows.filter(Q(broker__icontains=wanted["q"]) | Q(client__in=matching_clients(user, wanted["q"])))
    if wanted.get("source"):
        rows = rows.filter(source__in=wanted["source"])
    if wanted.get("size"):
        rows = rows.filter(assets_fen__isnull=wanted["size"] == "unknown")
    return rows.filter(is_most_used=True) if wanted.get("used") else rows


def order_of(sort: str) -> list[str]:
    """Return the order that `sort` names ("-assets", "learnt"), the latest first for any other word."""
    field = SORTS.get(sort.removeprefix("-"))
    if field is None:
        return ORDER
    falls = "-" if sort.startswith("-") else ""
    return [f"{falls}{field}", f"{falls}pk"]


def accounts_of(client: Client, user: Employee) -> list[OtherAccount]:
    """Return the accounts of one client elsewhere, the latest first."""
    return list(other_accounts(user).filter(client=client).order_by(*ORDER))


def share_of(client: Client, accounts: list[OtherAccount]) -> float | None:
    """Return our share of what a client has, None while unknown."""
    return share_of_wallet(client.standing.assets_fen, [one.assets_fen for one in accounts])


def books(user: Employee) -> list[Book]:
    """Return the report by manager, the least share first. Posts outside marketing are counted without a name."""
    rows = OtherAccount.objects.visible_to(user).filter(ended_on=None).order_by("client", "pk")
    told = rows.values_list(
        "client", "assets_fen", "is_most_used", "client__standing__assets_fen", "client__standing__manager"
    )
    by_client: defaultdict[tuple[int, int, int | None], list[tuple[int | None, bool]]] = defaultdict(list)
    for client, assets_fen, is_most_used, ours_fen, manager in told:
        by_client[client, ours_fen, manager].append((assets_fen, is_most_used))
    names = _marketing({manager for _, _, manager in by_client if manager is not None})
    found: dict[int | None, Book] = {}
    for (_, here_fen, owner), accounts in by_client.items():
        person = names.get(owner) if owner is not None else None
        _count(found.setdefault(person.pk if person else None, Book(person)), here_fen, accounts)
    return sorted(found.values(), key=lambda book: (book.share is None, book.share or 0.0))


def _marketing(ids: set[int]) -> dict[int, Employee]:
    people = Employee.objects.filter(pk__in=ids)
    return {person.pk: person for person in people if not person.has_role(*NON_MARKETING_ROLES)}


def _count(book: Book, ours_fen: int, accounts: list[tuple[int | None, bool]]) -> None:
    book.clients += 1
    book.most_used += any(is_most_used for _, is_most_used in accounts)
    known = [fen for fen, _ in accounts if fen is not None]
    book.unknown += len(accounts) - len(known)
    if known:  # a client nobody can tell anything of would make our share look better
        book.ours_fen += max(0, ours_fen)
        book.elsewhere_fen += sum(known)
