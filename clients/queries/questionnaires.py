"""Questionnaires as their editor lists them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from clients.models import Questionnaire
from office.models import Employee

ACTIVE, DRAFT = Questionnaire.State.ACTIVE, Questionnaire.State.DRAFT


@dataclass
class Group:
    """One questionnaire by code: the version that holds, the draft that waits, the latest of all."""

    code: str
    held: Questionnaire | None = None
    draft: Questionnaire | None = None
    latest: Questionnaire | None = None

    @property
    def shown(self) -> Questionnaire:
        """The version the list shows."""
        found = self.held or self.draft or self.latest
        assert found is not None
        return found


def questionnaire_groups(user: Employee) -> list[Group]:
    """Return the questionnaires `user` may see by code; the branch's version in force comes before the house's."""
    groups: dict[str, Group] = {}
    rows = Questionnaire.objects.visible_to(user).annotate(size=Count("questions")).select_related("author")
    for row in sorted(rows, key=lambda row: (row.code, row.branch_id is not None, row.version)):
        group = groups.setdefault(row.code, Group(row.code))
        group.latest = row
        if row.state == ACTIVE:
            group.held = row
        if row.state == DRAFT:
            group.draft = row
    return list(groups.values())


def versions_of(user: Employee, code: str) -> list[Questionnaire]:
    """Return the versions of one questionnaire, latest first."""
    rows = Questionnaire.objects.visible_to(user).filter(code=code).select_related("author", "activated_by")
    return list(rows.order_by("-version", "-pk"))
