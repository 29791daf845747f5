"""The one scope every query that starts at a request begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from office.rights import Reach, owner_ids, reach

if TYPE_CHECKING:
    from office.models import Employee

M = TypeVar("M", bound=models.Model)


def visible(user: Employee, *, branch: str = "branch", manager: str = "manager") -> Q:
    """Return the condition under which rows of clients are visible to `user`.

    `branch` and `manager` name the paths from the row to the client's branch and present manager.
    Out of sight means unknown: the caller answers 404.
    """
    far = reach(user)
    if far == Reach.NONE:
        return Q(pk__in=[])
    in_branch = Q(**{f"{branch}_id": user.branch_id})
    if far == Reach.BRANCH:
        return in_branch
    return in_branch & Q(**{f"{manager}_id__in": owner_ids(user, timezone.localdate())})


class ClientRows(models.QuerySet[M]):
    """Query set of a table whose rows belong to clients; BRANCH and MANAGER are the paths to theirs."""

    BRANCH = "branch"
    MANAGER = "client__standing__manager"

    def visible_to(self, user: Employee) -> Self:
        """Keep the rows of clients that `user` may know of."""
        return self.filter(visible(user, branch=self.BRANCH, manager=self.MANAGER))
