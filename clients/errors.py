"""What the archive refuses, each rule with a class of its own."""

from office.errors import DomainError


class NotADraft(DomainError):
    """A version in force is never changed; a new one is written beside it."""


class FlawedQuestionnaire(DomainError):
    """A questionnaire goes into force only when every question can be asked and scored."""

    status = 422


class BadAnswers(DomainError):
    """A sheet is taken whole: every question that was put and must be answered is, by one of its choices."""

    status = 422


class NotInForce(DomainError):
    """Clients are asked by a version in force only."""


class NotIndependent(DomainError):
    """Who won a client is settled by somebody who neither serves nor won him and sells nothing (RVS-01)."""


class NeedsRecording(DomainError):
    """A development relation is ended on the evidence of the recorded call, and on nothing else (RVS-03)."""
