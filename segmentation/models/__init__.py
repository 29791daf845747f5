"""The tables of value and allocation."""

from segmentation.models.allocation import AllocationPlan, ManagerWish, PlanLine, PlanLoad
from segmentation.models.scores import (
    FLAG_LABELS,
    GRADES,
    NONE_BEFORE,
    TIERS,
    TYPES,
    ClientScore,
    CoreMembership,
    Flag,
    Level,
    ScoringRun,
    TierCause,
    TierHistory,
    WindowState,
)
from segmentation.models.value import Component, TierRule, WeightSet, Yardstick

__all__ = [
    "FLAG_LABELS",
    "GRADES",
    "NONE_BEFORE",
    "TIERS",
    "TYPES",
    "AllocationPlan",
    "ClientScore",
    "Component",
    "CoreMembership",
    "Flag",
    "Level",
    "ManagerWish",
    "PlanLine",
    "PlanLoad",
    "ScoringRun",
    "TierCause",
    "TierHistory",
    "TierRule",
    "WeightSet",
    "WindowState",
    "Yardstick",
]
