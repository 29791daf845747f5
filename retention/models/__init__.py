"""Who wants to leave, by when he must be served, and what is learnt of it."""

from retention.models.closure import Block, ClosureRequest, Reason

__all__ = ["Block", "ClosureRequest", "Reason"]
