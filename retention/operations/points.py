"""Versions of the points: proposed by one person with a reason, approved by another, used from a business date on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from office import queries
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from retention.errors import NotAtThisPoint
from retention.models import ChurnRun, PointSet
from retention.models.churn import house_factors, house_limits, house_points
from retention.scoring.signals import HALF_LIFE_DAYS, LABELS

SINCE_EVER = date(2000, 1, 1)
MOST_HALF_LIFE = 250  # trading days
State = PointSet.State


@dataclass(frozen=True)
class Proposal:
    """What a new version says; `note` is why."""

    points: Mapping[str, int]
    half_life_days: int = HALF_LIFE_DAYS
    limits: Sequence[int] = tuple(house_limits())
    factors: Sequence[float] = tuple(house_factors())
    note: str = ""


@transaction.atomic
def ensure_points(branch: Branch, as_of: date) -> PointSet:
    """Return the version that scores `as_of`; a branch without one starts with the points of the house."""
    valid = PointSet.objects.valid_on(branch, as_of).first()
    if valid is not None:
        return valid
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)  # two nights make one first version
    valid = PointSet.objects.valid_on(branch, as_of).first()
    if valid is not None:
        return valid
    first = Proposal(house_points(), note="系统默认分值")
    return _create(branch, first, state=State.APPROVED, effective_on=SINCE_EVER, decided_at=timezone.now())


@transaction.atomic
def propose_points(branch: Branch, proposal: Proposal, *, by: Employee) -> PointSet:
    """Lay a new version before those who approve; no night uses it until another person accepts it.

    Raises DomainError if it has no reason, points lie outside 0 to 100, or bands do not climb.
    """
    check_proposal(proposal)
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)
    made = _create(branch, proposal, state=State.SUBMITTED, made_by=by)
    record("retention.points_proposed", made, by=by, after=_told(made), reason=proposal.note)
    return made


def check_proposal(proposal: Proposal) -> None:
    """Raise DomainError, with the reason for the person, if a version cannot be used."""
    if not proposal.note.strip():
        raise DomainError("请写明调整的原因")
    if set(proposal.points) != set(LABELS):
        raise DomainError("每个信号都须有分值")
    if not all(0 <= points <= 100 for points in proposal.points.values()):
        raise DomainError("分值须在 0 与 100 之间")
    if not 1 <= proposal.half_life_days <= MOST_HALF_LIFE:
        raise DomainError(f"半衰期须在 1 与 {MOST_HALF_LIFE} 个交易日之间")
    if any(low >= high for low, high in pairwise((0, *proposal.limits, 101))):
        raise DomainError("三条等级线须逐级提高，且在 1 与 100 之间")
    if any(low > high for low, high in pairwise((0, *proposal.factors, 1))):
        raise DomainError("风险系数须在 0 与 1 之间，且不随等级降低")


@transaction.atomic
def approve_points(point_set: PointSet, *, by: Employee) -> None:
    """Let a version score from the next business date not scored yet on. Raises DomainError for its author."""
    if point_set.made_by_id == by.pk:
        raise DomainError("分值须由提出人以外的人批准")
    effective_on = first_open_date(point_set.branch)
    _decide(point_set, State.APPROVED, effective_on=effective_on, decided_by=by, decided_at=timezone.now())
    record("retention.points_approved", point_set, by=by, after={"effective_on": effective_on.isoformat()})


@transaction.atomic
def reject_points(point_set: PointSet, *, remark: str, by: Employee) -> None:
    """Turn a version down, with a reason. Raises DomainError for its author."""
    if not remark.strip():
        raise DomainError("驳回须写明原因")
    if point_set.made_by_id == by.pk:
        raise DomainError("分值须由提出人以外的人审批")
    _decide(point_set, State.REJECTED, remark=remark.strip()[:200], decided_by=by, decided_at=timezone.now())
    record("retention.points_rejected", point_set, by=by, reason=remark.strip()[:200])


def first_open_date(branch: Branch) -> date:
    """Return the first business date of the branch that no run has scored."""
    scored = ChurnRun.objects.filter(branch=branch).aggregate(day=Max("as_of"))["day"]
    return queries.calendar(branch.calendar).next_trading(scored) if scored else SINCE_EVER


def _create(branch: Branch, proposal: Proposal, **fields: Any) -> PointSet:
    version = (PointSet.objects.filter(branch=branch).aggregate(top=Max("version"))["top"] or 0) + 1
    return PointSet.objects.create(
        branch=branch, version=version, points=dict(proposal.points), half_life_days=proposal.half_life_days,
        limits=list(proposal.limits), factors=list(proposal.factors), note=proposal.note.strip()[:200], **fields,
    )  # fmt: skip


def _told(point_set: PointSet) -> dict[str, Any]:
    return {"points": point_set.points, "limits": point_set.limits, "half_life_days": point_set.half_life_days}


def _decide(point_set: PointSet, to: str, **stamps: object) -> None:
    """Decide by one conditional update, so that of two people only one does."""
    if PointSet.objects.filter(pk=point_set.pk, state=State.SUBMITTED).update(state=to, **stamps) != 1:
        point_set.refresh_from_db()
        raise NotAtThisPoint(f"该版本现为「{point_set.get_state_display()}」，请刷新页面后再办理")
    point_set.refresh_from_db()
