"""Reads of what managers suggest themselves: one's own page, and the branch's beside the matrix."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.models import ClientStanding
from office.models import Employee
from segmentation.allocation.suggestions import KINDS
from segmentation.models import ClientSuggestion, SuitedKinds

LATEST = 100  # of the branch, shown beside the matrix


def suggestions(user: Employee) -> QuerySet[ClientSuggestion]:
    """Return what was suggested about clients as far as `user` may read it, the latest first."""
    rows = ClientSuggestion.objects.visible_to(user).select_related("employee", "client__standing__manager")
    return rows.order_by("-said_on", "-pk")


def kinds_by_manager(user: Employee) -> dict[int, str]:
    """Return the kinds each employee of the user's branch named, in words."""
    rows = SuitedKinds.objects.filter(employee__branch_id=user.branch_id or 0).values_list("employee", "kinds")
    return {pk: "、".join(KINDS[code] for code in codes if code in KINDS) for pk, codes in rows if codes}


def known_clients(user: Employee, rows: list[ClientSuggestion]) -> set[int]:
    """Return the clients of `rows` whom `user` may open; the names of the others are cut."""
    ids = [row.client_id for row in rows]
    return set(ClientStanding.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
