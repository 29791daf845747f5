"""Versions of the weights: proposed by one person, approved by another, used from a business date on (VAL-02)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from office import queries
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from segmentation.models import ScoringRun, TierRule, WeightSet
from segmentation.models.value import default_fee_rates

SINCE_EVER = date(2000, 1, 1)
State = WeightSet.State

# Yuan of 20-day average assets, or of 12 months' net commission (domain.md §5).
DEFAULT_LADDER = {
    "silver": (300_000, 1_000),
    "gold": (1_000_000, 5_000),
    "platinum": (3_000_000, 20_000),
    "diamond": (10_000_000, 60_000),
}


class WeightsNotReady(DomainError):
    """A version goes from draft to submitted and approved, and is never changed afterwards."""


@dataclass(frozen=True)
class Proposal:
    """What a new version says; ladders are ladder → tier → (assets, commission) in yuan."""

    a: Decimal
    b: Decimal
    c: Decimal
    normaliser: str = WeightSet.Normaliser.LOG_CAP
    fee_rates: dict[str, str] = field(default_factory=default_fee_rates)
    trailing_rates: dict[str, str] = field(default_factory=dict)
    core_share: Decimal = Decimal("0.80")
    core_exit_share: Decimal = Decimal("0.85")
    ladders: dict[str, dict[str, tuple[int, int]]] = field(default_factory=lambda: default_ladders())
    note: str = ""


def default_ladders() -> dict[str, dict[str, tuple[int, int]]]:
    """Return the ladder of each kind of client as it stands before anybody edits it."""
    return {str(ladder): dict(DEFAULT_LADDER) for ladder in TierRule.Ladder.values}


@transaction.atomic
def ensure_weights(branch: Branch, as_of: date) -> WeightSet:
    """Return the version that scores `as_of`; a branch without one starts with the defaults of the house."""
    valid = WeightSet.objects.valid_on(branch, as_of).first()
    if valid is not None:
        return valid
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)  # two nights make one first version
    valid = WeightSet.objects.valid_on(branch, as_of).first()
    if valid is not None:
        return valid
    first = Proposal(Decimal("0.40"), Decimal("0.25"), Decimal("0.35"), note="系统默认权重")
    return _create(branch, first, state=State.APPROVED, effective_on=SINCE_EVER, decided_at=timezone.now())


@transaction.atomic
def propose_weights(branch: Branch, proposal: Proposal, *, by: Employee) -> WeightSet:
    """Write a new version as a draft; nothing is scored by it until another person approves it.

    Raises DomainError if the weights do not add to 1, a rate is no share, or a ladder does not climb.
    """
    check_proposal(proposal)
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    made = _create(branch, proposal, state=State.DRAFT, created_by=by)
    record("segmentation.weights_proposed", made, by=by, after=_told(made), reason=proposal.note)
    return made


def check_proposal(proposal: Proposal) -> None:
    """Raise DomainError, with the reason for the person, if a version cannot be used."""
    weights = (proposal.a, proposal.b, proposal.c)
    if sum(weights) != 1 or min(weights) < 0:
        raise DomainError("三个权重均不得为负，且合计必须等于 1")
    if not 0 < proposal.core_share <= proposal.core_exit_share <= 1:
        raise DomainError("核心份额须大于 0，且不高于退出份额；退出份额不高于 1")
    for kind, rate in [*proposal.fee_rates.items(), *proposal.trailing_rates.items()]:
        if not 0 <= Decimal(rate) <= 1:
            raise DomainError(f"{kind} 的费率须在 0 与 1 之间")
    for ladder in proposal.ladders.values():
        steps = [ladder[str(tier)] for tier in DEFAULT_LADDER]
        if any(low >= high for below, above in pairwise(steps) for low, high in zip(below, above, strict=True)):
            raise DomainError("等级标准须逐级提高")
        if min(steps[0]) <= 0:
            raise DomainError("等级标准须大于 0")


@transaction.atomic
def submit_weights(weights: WeightSet, *, by: Employee) -> None:
    """Lay a draft before those who approve."""
    _advance(weights, State.DRAFT, State.SUBMITTED)
    record("segmentation.weights_submitted", weights, by=by)


@transaction.atomic
def approve_weights(weights: WeightSet, *, effective_on: date | None = None, by: Employee) -> None:
    """Let a submitted version score from `effective_on` on; by default from the next business date not yet scored.

    Raises DomainError for the author, or for a date whose night is published: history stays as it is.
    """
    if weights.created_by_id == by.pk:
        raise DomainError("权重须由提出人以外的人批准")
    earliest = first_open_date(weights.branch)
    effective_on = effective_on or earliest
    if effective_on < earliest:
        raise DomainError(f"{earliest:%Y-%m-%d} 之前的评分已发布，生效日不能早于该日")
    _advance(
        weights, State.SUBMITTED, State.APPROVED, effective_on=effective_on, approved_by=by, decided_at=timezone.now()
    )
    record("segmentation.weights_approved", weights, by=by, after={"effective_on": effective_on.isoformat()})


@transaction.atomic
def reject_weights(weights: WeightSet, *, remark: str, by: Employee) -> None:
    """Turn a submitted version down, with a reason."""
    if not remark.strip():
        raise DomainError("驳回须写明原因")
    _advance(weights, State.SUBMITTED, State.REJECTED, remark=remark.strip()[:200], decided_at=timezone.now())
    record("segmentation.weights_rejected", weights, by=by, reason=remark[:200])


def first_open_date(branch: Branch) -> date:
    """Return the first business date of the branch that no published run has scored."""
    latest = ScoringRun.objects.filter(branch=branch, state=ScoringRun.State.PUBLISHED).aggregate(day=Max("as_of"))[
        "day"
    ]
    return queries.calendar(branch.calendar).next_trading(latest) if latest else SINCE_EVER


def _create(branch: Branch, proposal: Proposal, **fields: Any) -> WeightSet:
    version = (WeightSet.objects.filter(branch=branch).aggregate(top=Max("version"))["top"] or 0) + 1
    made = WeightSet.objects.create(
        branch=branch,
        version=version,
        a=proposal.a,
        b=proposal.b,
        c=proposal.c,
        normaliser=proposal.normaliser,
        fee_rates=proposal.fee_rates,
        trailing_rates=proposal.trailing_rates,
        core_share=proposal.core_share,
        core_exit_share=proposal.core_exit_share,
        note=proposal.note[:200],
        **fields,
    )
    TierRule.objects.bulk_create(
        TierRule(
            weight_set=made, ladder=ladder, tier=tier, min_assets_fen=assets * 100, min_commission_fen=commission * 100
        )
        for ladder, steps in proposal.ladders.items()
        for tier, (assets, commission) in steps.items()
    )
    return made


def _told(weights: WeightSet) -> dict[str, str]:
    return {"a": str(weights.a), "b": str(weights.b), "c": str(weights.c), "normaliser": weights.normaliser}


def _advance(weights: WeightSet, expected: str, to: str, **stamps: object) -> None:
    """Move the version on by one conditional update, so that of two people only one does it."""
    if WeightSet.objects.filter(pk=weights.pk, state=expected).update(state=to, **stamps) != 1:
        weights.refresh_from_db(fields=["state"])
        raise WeightsNotReady(f"该版本现为「{weights.get_state_display()}」，请刷新页面后再办理")
    weights.refresh_from_db()
