"""The one scope every query that starts at a request begins with."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from office.models import ServiceKey
from office.rights import Principal, Reach, branch_ids, owner_ids, reach

M = TypeVar("M", bound=models.Model)


def visible(user: Principal, *, branch: str = "branch", manager: str = "manager") -> Q:
    """Return the condition under which rows of clients are visible to `user`, a person or a key.

    `branch` and `manager` name the paths from the row to the client's branch and present manager.
    Out of sight means unknown: the caller answers 404.
    """
    far = reach(user)
    if far == Reach.NONE:
        return Q(pk__in=[])
    homes = branch_ids(user)
    in_branch = Q(**{f"{branch}_id": homes[0]}) if len(homes) == 1 else Q(**{f"{branch}_id__in": homes})
    if far == Reach.BRANCH or isinstance(user, ServiceKey):
        return in_branch
    return in_branch & Q(**{f"{manager}_id__in": owner_ids(user, timezone.localdate())})


class ClientRows(models.QuerySet[M]):
    """Query set of a table whose rows belong to clients; BRANCH and MANAGER are the paths to theirs."""

    BRANCH = "branch"
    MANAGER = "client__standing__manager"

    def visible_to(self, user: Principal) -> Self:
        """Keep the rows of clients that `user` may know of."""
        return self.filter(visible(user, branch=self.BRANCH, manager=self.MANAGER))
