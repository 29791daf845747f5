"""What complaints mean for service: the occasions of the MOT types 41, 42, 43 and 48.

Complaints and service are strangers; the roof carries these to the signal engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from complaints.models import Complaint, ComplaintParty, Step
from complaints.queries.staff import handlers
from complaints.rules.states import Act, State
from office.dates import SHANGHAI
from office.models import Branch, Employee, Role

# Codes of the catalogue of service.
COMMISSION, STEPS, VISIT, LOW = "commission_topic", "complaint_steps", "complaint_visit", "low_satisfaction"
LOW_SCORE, WORST = 2, 1
TOLD = (State.ACCEPTED, State.HANDLING, State.FEEDBACK, State.CLOSED, State.REJECTED)  # states the client hears of
SURVEY = "投诉处理反馈"


@dataclass(frozen=True)
class MotDue:
    """One occasion: type, client, what makes it this one, and who does it or must not; unique by the first three.

    Nobody of `avoid` owns the task or sees it: they are named in the complaint.
    """

    code: str
    client_id: int
    occurrence: str
    occurred_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    owner_id: int | None = None
    avoid: frozenset[int] = frozenset()


def mot_due(branch: Branch, since: datetime, until: datetime) -> list[MotDue]:
    """Return the occasions of the steps taken from `since` up to but not including `until`, oldest first.

    Complaints without a client raise none. The same span again gives the same occurrences. When somebody
    was named in the span, all that was told of that complaint before comes again, to be kept from him.
    """
    named = ComplaintParty.objects.filter(complaint__branch=branch, named_at__gte=since, named_at__lt=until)
    told = Q(at__gte=since) | Q(complaint__in=named.values("complaint"))
    return _dues(branch, told & Q(complaint__branch=branch, at__lt=until), until)


def mot_of(complaint: Complaint, at: datetime) -> list[MotDue]:
    """Return all occasions of one complaint so far, oldest first, to be kept from whom it names by now."""
    return _dues(complaint.branch, Q(complaint=complaint), at)


def _dues(branch: Branch, told: Q, at: datetime) -> list[MotDue]:
    steps = (
        Step.objects.filter(told, complaint__client__isnull=False)
        .select_related("complaint__client")
        .prefetch_related("complaint__parties")
        .order_by("at", "pk")
    )
    visitors = _visitors(branch, at)
    return [due for step in steps for due in _of_step(step, visitors)]


def _of_step(step: Step, visitors: list[int]) -> Iterator[MotDue]:
    complaint = step.complaint
    if step.act == Act.TAKE_IN and complaint.is_commission:
        yield _due(COMMISSION, step, complaint.no)
    if step.is_move and step.to_state in TOLD:
        occurrence = f"{complaint.no}:{step.to_state}:{step.pk}"
        told = {"step": step.get_to_state_display(), "state": step.to_state}
        yield _due(STEPS, step, occurrence, told, owner_id=complaint.handler_id)
    if step.act == Act.CLOSE:
        other = _other_than(visitors, {complaint.handler_id, complaint.approver_id} | set(_named(complaint)))
        yield _due(VISIT, step, f"{complaint.no}:{step.pk}", owner_id=other)
    if step.act == Act.FEED_BACK and _is_low(step.facts):
        score = step.facts.get("satisfaction") or WORST
        other = _other_than(visitors, set(_named(complaint)))
        yield _due(LOW, step, f"{complaint.no}:{step.pk}", {"survey": SURVEY, "score": score}, owner_id=other)


def _due(
    code: str, step: Step, occurrence: str, facts: dict[str, Any] | None = None, *, owner_id: int | None = None
) -> MotDue:
    complaint = step.complaint
    assert complaint.client_id is not None
    day = step.at.astimezone(SHANGHAI).date()
    said = {"no": complaint.no, "complaint_id": complaint.pk, "occurred_on": str(day), **(facts or {})}
    return MotDue(code, complaint.client_id, occurrence, day, said, owner_id, _named(complaint))


def _named(complaint: Complaint) -> frozenset[int]:
    return frozenset(party.employee_id for party in complaint.parties.all())


def _is_low(facts: dict[str, Any]) -> bool:
    score = facts.get("satisfaction")
    return score <= LOW_SCORE if score is not None else facts.get("satisfied") is False


def _visitors(branch: Branch, at: datetime) -> list[int]:
    """Return who may ask afterwards: service staff first, then leaders and directors."""
    people = list(handlers(branch, at.astimezone(SHANGHAI).date()).order_by("pk"))
    return [person.pk for person in sorted(people, key=_is_leader)]


def _is_leader(person: Employee) -> bool:
    return not person.has_role(Role.SERVICE_STAFF)


def _other_than(visitors: list[int], avoid: Iterable[int | None]) -> int | None:
    kept_out = set(avoid)
    return next((pk for pk in visitors if pk not in kept_out), None)
