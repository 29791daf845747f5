"""The versions of the points as the pages tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from office.models import Branch, Employee
from retention.models import PointSet
from retention.scoring.signals import SIGNS, Sign

Chosen = PointSet.State


@dataclass(frozen=True)
class SignLine:
    """One sign in a version: its points, those of the version in force, and how many clients show it now."""

    sign: Sign
    points: int
    present: int
    clients: int | None

    @property
    def differs(self) -> bool:
        """Whether the version says something new of it."""
        return self.points != self.present


def versions(user: Employee) -> QuerySet[PointSet]:
    """Return the versions of the user's branch, the newest first, with `nights` that used each."""
    rows = PointSet.objects.visible_to(user).select_related("made_by", "decided_by", "branch")
    return rows.annotate(nights=Count("runs")).order_by("-version")


def present_points(branch: Branch) -> PointSet | None:
    """Return the version in force: the latest approved one."""
    approved = PointSet.objects.filter(Q(branch=branch), state=Chosen.APPROVED)
    return approved.order_by("-effective_on", "-version").first()


def sign_lines(point_set: PointSet, present: PointSet | None, counts: dict[str, Any]) -> list[SignLine]:
    """Return what a version says of every sign, in the order of the catalogue."""
    now = present.points if present else point_set.points
    return [
        SignLine(
            sign, int(point_set.points.get(sign.code, 0)), int(now.get(sign.code, 0)),
            None if sign.waits else int(counts.get(sign.code, 0)),
        )
        for sign in SIGNS
    ]  # fmt: skip
