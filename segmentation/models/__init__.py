"""The tables of value and allocation."""

from segmentation.models.allocation import AllocationPlan, ManagerWish, PlanLine, PlanLoad
from segmentation.models.change_request import ManagerChangeRequest
from segmentation.models.handover import Handover
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
from segmentation.models.suggestion import ClientSuggestion, SuitedKinds
from segmentation.models.value import Component, TierRule, WeightSet, Yardstick

__all__ = [
    "FLAG_LABELS",
    "GRADES",
    "NONE_BEFORE",
    "TIERS",
    "TYPES",
    "AllocationPlan",
    "ClientScore",
    "ClientSuggestion",
    "Component",
    "CoreMembership",
    "Flag",
    "Handover",
    "Level",
    "ManagerChangeRequest",
    "ManagerWish",
    "PlanLine",
    "PlanLoad",
    "ScoringRun",
    "SuitedKinds",
    "TierCause",
    "TierHistory",
    "TierRule",
    "WeightSet",
    "WindowState",
    "Yardstick",
]
