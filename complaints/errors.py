"""What a complaint refuses, each rule with a class of its own."""

from office.errors import DomainError


class WrongStep(DomainError):
    """No step is skipped and none is taken twice (CMP-01)."""


class FactMissing(DomainError):
    """Each step has facts it cannot be taken without: cause, plan, approval, feedback, reasons."""

    status = 422


class NamedInComplaint(DomainError):
    """Nobody named in a complaint handles, approves or reads it (avoidance, T/SAC 001-2024)."""

    status = 403


class NotTheHandler(DomainError):
    """The first handler stays the owner; only he and those who approve act on his complaint."""

    status = 403


class MayNotApprove(DomainError):
    """Whoever approves is neither the handler nor the author of the plan."""

    status = 403


class FirstHandlerStays(DomainError):
    """A complaint is handed over only when its handler is named in it, has left or is away."""


class AlreadyExtended(DomainError):
    """The time of a complaint is extended once."""


class MediationCannotBeRefused(DomainError):
    """Mediation the client asked for can only be accepted (Securities Law art. 94)."""


class UnderHold(DomainError):
    """Under a legal hold, and before its time of keeping is over, nothing is deleted."""


class BadFile(DomainError):
    """An attachment is of a known kind, says what it is and is not too large."""

    status = 422


class KnownTransfer(DomainError):
    """A case that 12386 transferred is counted once, by its number."""


class NotMergeable(DomainError):
    """Repeats of one matter at one branch are joined, and only once."""


class SurveyOver(DomainError):
    """Answers are taken from the first to the last day of a run, not before and not after."""


class AnsweredAlready(DomainError):
    """Each client answers a run once; a one-time link is used once."""


class OwnClient(DomainError):
    """Nobody asks clients he serves what they think of his service (FBK-05)."""

    status = 403


class RunNotReady(DomainError):
    """A run is opened once, with a version in force and somebody to ask."""


class TooFewAnswers(DomainError):
    """A figure of fewer than five answers is not told and proves nothing."""


class OwnFinding(DomainError):
    """Whoever a finding is about neither owns it nor acts on it."""

    status = 403
