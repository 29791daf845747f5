"""Rules of retention that say no."""

from office.errors import DomainError


class NotAtThisPoint(DomainError):
    """The request or the case has gone on since; the message says where it stands."""


class AlreadyRequested(DomainError):
    """The client has the same request open already; `extra` holds its id, number and deadline."""


class NoLawfulGround(DomainError):
    """A request may wait only for a ground of the law's list, found and shown (domain.md §3)."""

    status = 422


class BadRequestDate(DomainError):
    """A request lies ahead of now, or further back than a letter can lie."""

    status = 422


class TooManyLookUps(DomainError):
    """The desk asks for more clients than can stand before it."""

    status = 429


class TalkedAlready(DomainError):
    """A client is talked to once per request, and not at all after he declined."""


class UnlawfulOffer(DomainError):
    """An offer needs known and valid suitability and lawful words; the message says what is missing."""

    status = 422


class NoTarget(DomainError):
    """Posts outside marketing inform and record; nothing is theirs to keep (DNI-06)."""

    status = 422


class CaseOpen(DomainError):
    """The client has an open case already; `extra` holds its id."""
