"""The low scores of surveys, as occasions of MOT 48; the roof carries them to the signal engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from complaints.models import Invitation
from complaints.rules.surveys import LOW_SCORE
from office.dates import SHANGHAI
from office.models import Branch


@dataclass(frozen=True)
class LowScore:
    """One client who answered 2 of 5 or less. Nobody of `avoid` owns the task or sees it: it is about him."""

    client_id: int
    occurrence: str
    occurred_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    avoid: frozenset[int] = frozenset()


def low_scores(branch: Branch, since: datetime, until: datetime) -> list[LowScore]:
    """Return the low scores answered from `since` up to but not including `until`, oldest first.

    Those that opened a complaint are left out: it raises occasions of its own. The same span again gives
    the same occurrences.
    """
    rows = Invitation.objects.filter(
        run__branch=branch, complaint_id=None, sheet__score__lte=LOW_SCORE, sheet__at__gte=since, sheet__at__lt=until
    )
    rows = rows.select_related("run", "sheet", "client__standing").order_by("sheet__at", "pk")
    return [_low(row) for row in rows]


def _low(row: Invitation) -> LowScore:
    assert row.sheet is not None
    day = row.sheet.at.astimezone(SHANGHAI).date()
    facts = {
        "survey": row.run.title, "score": round(row.sheet.score or 0, 1), "sheet_id": row.sheet.pk,
        "occurred_on": str(day),
    }  # fmt: skip
    about = frozenset(pk for pk in (row.manager_id, row.client.standing.manager_id) if pk)
    return LowScore(row.client_id, f"survey:{row.pk}", day, facts, about)
