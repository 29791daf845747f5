"""One base for every rule that says no; free of Django, so that pure rules may raise it."""

from typing import Any


class DomainError(Exception):
    """A rule of the business refuses what was asked. `message` is Chinese and meant for the user."""

    status = 409

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class Conflict(DomainError):
    """Somebody else saved this record after it was opened; nothing was overwritten."""


class UnclearFilter(DomainError):
    """A condition that cannot be understood narrows nothing, so nothing is done with the list."""

    status = 422
