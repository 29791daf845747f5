"""What a score may tell whom: a client's complaint is no reason to show to somebody it names (CMP, hard rule).

For such a reader the score is told as if the complaint were not known: fewer points, maybe a lower band.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from complaints.models import Complaint, ComplaintParty
from complaints.queries.facts import known_low
from office.models import Employee
from retention.models import Band, ChurnStanding, RetentionCase
from retention.queries.churn import worded
from retention.scoring.churn import CAP, bands, value_at_risk

LOW = "low_satisfaction"
COMPLAINED = frozenset({"complaint", "complaint_upheld"})
CONFIDENTIAL = COMPLAINED | {LOW}


@dataclass(frozen=True)
class Line:
    """One client who may leave, as one reader sees him."""

    row: ChurnStanding
    score: float
    band: int
    value_at_risk_fen: int
    reasons: list[dict[str, Any]]

    @property
    def band_label(self) -> str:
        """The band in words."""
        return str(Band(self.band).label)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was kept back."""
        return len(self.reasons) == len(self.row.signals)


def lines(rows: Iterable[ChurnStanding], user: Employee) -> list[Line]:
    """Return `rows`, with client, standing, run and its points joined, as `user` may read them."""
    found = list(rows)
    kept = kept_back(found, user)
    return [_discreet(row) if row.client_id in kept else _line(row) for row in found]


def kept_back(rows: Sequence[ChurnStanding], user: Employee) -> set[int]:
    """Return the clients of whom a complaint counts while `user` may not see all of theirs, or a low score he may not.

    Whoever may not know of one of them is told as if there were none: the sign may come from that one.
    """
    complained = {row.client_id for row in rows if not COMPLAINED.isdisjoint(row.codes)}
    unsatisfied = {row.client_id for row in rows if LOW in row.codes}
    if complained:
        seen = Complaint.objects.visible_to(user).filter(client__in=complained).values("pk")
        hidden = Complaint.objects.filter(client__in=complained).exclude(pk__in=seen)
        complained = {pk for pk in hidden.values_list("client_id", flat=True) if pk}
    if unsatisfied:
        known = ChurnStanding.objects.filter(known_low(user), client__in=unsatisfied)
        unsatisfied -= set(known.values_list("client_id", flat=True))
    return complained | unsatisfied


def named_in_complaints(client_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the people named in complaints of each client who were not allowed to read them."""
    rows = ComplaintParty.objects.filter(complaint__client__in=set(client_ids), released_at=None)
    named: dict[int, set[int]] = {}
    for client_id, employee_id in rows.values_list("complaint__client_id", "employee_id"):
        named.setdefault(client_id, set()).add(employee_id)
    return {client_id: frozenset(people) for client_id, people in named.items()}


def cases_about(user: Employee) -> QuerySet[RetentionCase, Any]:
    """Return the ids, as text, of the cases of clients whose complaints name `user`, not released to him."""
    naming = ComplaintParty.objects.filter(employee=user, released_at=None, complaint__client__isnull=False)
    rows = RetentionCase.objects.filter(client__in=naming.values("complaint__client"))
    return rows.annotate(subject=Cast("pk", CharField())).values("subject")


def without_complaints(row: ChurnStanding) -> Line:
    """Return `row`, with client, standing, run and its points joined, as one may read it who knows of no complaint."""
    return _line(row) if CONFIDENTIAL.isdisjoint(row.codes) else _discreet(row)


def _line(row: ChurnStanding) -> Line:
    return Line(row, row.score, row.band, row.value_at_risk_fen, worded(row.signals))


def _discreet(row: ChurnStanding) -> Line:
    signals = [sign for sign in row.signals if sign["code"] not in CONFIDENTIAL]
    score = min(round(sum(sign["points"] for sign in signals), 1), float(CAP))
    terms = row.run.point_set
    band = bands(np.array([score]), terms.limits)
    contribution = np.array([row.client.standing.contribution_fen])
    return Line(row, score, int(band[0]), int(value_at_risk(contribution, band, terms.factors)[0]), worded(signals))
