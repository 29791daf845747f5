"""Who wants to leave, by when he must be served, and what is learnt of it."""

from retention.models.case import Offer, RetentionCase, RetentionSetting, Talk
from retention.models.churn import Band, ChurnRun, ChurnScore, ChurnStanding, PointSet
from retention.models.closure import Block, ClosureRequest, Reason
from retention.models.drill import Drill
from retention.models.grievance import Grievance
from retention.models.reason import ResponseNote
from retention.models.wallet import OtherAccount

__all__ = [
    "Band",
    "Block",
    "ChurnRun",
    "ChurnScore",
    "ChurnStanding",
    "ClosureRequest",
    "Drill",
    "Grievance",
    "Offer",
    "OtherAccount",
    "PointSet",
    "Reason",
    "ResponseNote",
    "RetentionCase",
    "RetentionSetting",
    "Talk",
]
