"""Who wants to leave, by when he must be served, and what is learnt of it."""

from retention.models.churn import Band, ChurnRun, ChurnScore, ChurnStanding, PointSet
from retention.models.closure import Block, ClosureRequest, Reason

__all__ = [
    "Band",
    "Block",
    "ChurnRun",
    "ChurnScore",
    "ChurnStanding",
    "ClosureRequest",
    "PointSet",
    "Reason",
]
