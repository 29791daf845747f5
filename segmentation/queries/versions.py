"""The versions of the weights, and how the one in use really weighs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from office.models import Branch, Employee
from segmentation.models import Component, ScoringRun, WeightSet, Yardstick
from segmentation.scoring.normalising import EFFECTIVE_DRIFT


@dataclass(frozen=True)
class Weighing:
    """One component: what it should weigh and what it does, as shares of 1."""

    letter: str
    label: str
    nominal: float
    effective: float

    @property
    def drift(self) -> float:
        """Effective less nominal."""
        return self.effective - self.nominal

    @property
    def is_off(self) -> bool:
        """Whether the two differ by more than a person should know of."""
        return abs(self.drift) > EFFECTIVE_DRIFT


def weighings(nominal: tuple[float, float, float], effective: tuple[float, ...] | list[float]) -> list[Weighing]:
    """Return the three components with nominal and effective weight."""
    names = zip("abc", Component.labels, nominal, effective, strict=True)
    return [Weighing(letter, str(label), asked, found) for letter, label, asked, found in names]


def versions(user: Employee) -> QuerySet[WeightSet]:
    """Return the versions of the user's branch, the newest first, with how many published nights used each."""
    rows = WeightSet.objects.visible_to(user).select_related("created_by", "approved_by")
    nights = Count("runs", filter=Q(runs__state=ScoringRun.State.PUBLISHED))
    return rows.annotate(nights=nights).order_by("-version")


def present_version(branch: Branch, day: date) -> WeightSet | None:
    """Return the version that scores `day`, with its ladders; None before the first night."""
    return WeightSet.objects.valid_on(branch, day).prefetch_related("tier_rules").first()


def waiting_version(branch: Branch) -> WeightSet | None:
    """Return the newest version that waits for an approval."""
    rows = WeightSet.objects.filter(branch=branch, state=WeightSet.State.SUBMITTED)
    return rows.order_by("-version").first()


def yardsticks(weights: WeightSet) -> list[tuple[date, list[Yardstick], dict[str, Any] | None]]:
    """Return the yardsticks of a version by month, the newest first, and what each did to the ranks when it came."""
    order = {component: place for place, component in enumerate(Component.values)}
    months: dict[date, list[Yardstick]] = {}
    for row in Yardstick.objects.filter(weight_set=weights).order_by("-month"):
        months.setdefault(row.month, []).append(row)
    effects = _effects(weights, [rows[0].estimated_on for rows in months.values()])
    return [
        (month, sorted(rows, key=lambda row: order[row.component]), effects.get(rows[0].estimated_on))
        for month, rows in months.items()
    ]


def _effects(weights: WeightSet, days: list[date]) -> dict[date, dict[str, Any]]:
    runs = ScoringRun.objects.filter(weight_set=weights, as_of__in=days, metrics__yardstick_effect__isnull=False)
    found = runs.order_by("edition").values_list("as_of", "metrics__yardstick_effect")
    return {as_of: effect for as_of, effect in found if effect}


def last_run_of(weights: WeightSet) -> ScoringRun | None:
    """Return the latest published run that used a version."""
    rows = ScoringRun.objects.filter(weight_set=weights, state=ScoringRun.State.PUBLISHED)
    return rows.order_by("-as_of", "-edition").first()
