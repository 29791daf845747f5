"""The one scope every query that starts at a request begins with."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from office.models import Employee, ServiceKey
from office.rights import Principal, Reach, branch_ids, owners, reach

M = TypeVar("M", bound=models.Model)


def visible(user: Principal, *, branch: str = "branch", manager: str = "manager") -> Q:
    """Return the condition under which rows of clients are visible to `user`, a person or a key.

    `branch` and `manager` name the paths from the row to the client's branch and present manager.
    Out of sight means unknown: the caller answers 404. Who handed a client over sees him for as long as he is his
    substitute (ServiceAssignment of that role), which is his alone and no leader's.
    """
    far = reach(user)
    if far == Reach.NONE:
        return Q(pk__in=[])
    homes = branch_ids(user)
    in_branch = Q(**{f"{branch}_id": homes[0]}) if len(homes) == 1 else Q(**{f"{branch}_id__in": homes})
    if far == Reach.BRANCH or isinstance(user, ServiceKey):
        return in_branch
    serving, kept = _sight(user, timezone.localdate())
    mine = Q(**{f"{manager}_id__in": serving})
    if kept:  # the condition by client is left out for almost everybody: lists stay within one index
        mine |= Q(**{f"{_client_of(manager)}__in": kept})
    return in_branch & mine


def _sight(user: Employee, on: date) -> tuple[list[int], list[int]]:
    """Return whose clients `user` serves on that day, and which clients he is himself the substitute of; one query."""
    kept = FilteredRelation(
        "assignments",
        condition=Q(assignments__role="substitute", assignments__starts_on__lte=on, assignments__ends_on__gt=on),
    )
    rows = set(owners(user, on).annotate(kept=kept).values_list("pk", "kept__client_id"))
    return sorted({pk for pk, _ in rows}), sorted({client for pk, client in rows if pk == user.pk and client})


def _client_of(manager: str) -> str:
    """Return the path to the client from that to his manager; the key of a standing is the client's own."""
    return manager.removesuffix("manager").removesuffix("standing__").removesuffix("__") or "pk"


class ClientRows(models.QuerySet[M]):
    """Query set of a table whose rows belong to clients; BRANCH and MANAGER are the paths to theirs."""

    BRANCH = "branch"
    MANAGER = "client__standing__manager"

    def visible_to(self, user: Principal) -> Self:
        """Keep the rows of clients that `user` may know of."""
        return self.filter(visible(user, branch=self.BRANCH, manager=self.MANAGER))
