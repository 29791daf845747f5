"""What service refuses, each rule with a class of its own."""

from office.errors import DomainError


class ForbiddenWords(DomainError):
    """What is written to or about clients promises no return and no inside knowledge (Securities Law art. 135)."""


class InTheFuture(DomainError):
    """A log tells what was, not what will be."""


class BeforeTheTask(DomainError):
    """What was said before something happened is no answer to it."""


class TooLate(DomainError):
    """An entry can be taken back for ten minutes only; after that it is corrected, and the correction is seen."""


class NotYours(DomainError):
    """An entry is corrected by its author or those who lead him, and taken back by its author alone."""

    status = 403


class QuietHours(DomainError):
    """Nothing is sent to clients in the branch's quiet hours (Civil Code art. 1033)."""


class NobodyToServe(DomainError):
    """A task is given to somebody who works at the branch."""


class BadSetting(DomainError):
    """A policy or rule is set within its bounds."""

    status = 422


class OwnDraft(DomainError):
    """A script is put in force by somebody else than who wrote it (four eyes)."""

    status = 403


class TooMany(DomainError):
    """One act gives tasks to no more clients than a branch can look over."""


class NeedsRelease(DomainError):
    """What compliance looks at first ends with its word, released or held, and with nothing else."""


class NeedsContact(DomainError):
    """What is owed as a talk with the client ends with an entry of the log, not with a tick."""


class NotIndependentCaller(DomainError):
    """A return visit is made by nobody who serves or won the client, and by no marketing post (art. 21)."""


class NotTheCaller(DomainError):
    """A visit is recorded by whoever it was given to."""


class OwnVisit(DomainError):
    """A visit is checked by somebody else than who made it."""


class Unanswered(DomainError):
    """All five topics are put to the client, or he refused the visit."""

    status = 422
