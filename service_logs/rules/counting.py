"""What a contact does: whether it counts for the rhythm, whether it ends a task."""

from __future__ import annotations

from collections.abc import Iterable

from service_logs.rules.policy import DELIVERED, MESSAGE, TALK, TALKED, Terms

MESSAGES = ("sms", "email", "post")
# After these nothing more can be done about the task; not reached or a later hour agreed on leaves it open.
CLOSING = ("reached", "refused", "complaint_raised", "wrong_person", "sms_delivered")
UNDO_MINUTES = 10  # for how long an entry may be taken back


def way_of(channel: str) -> str:
    """Return whether a channel talks or writes."""
    return MESSAGE if channel in MESSAGES else TALK


def counts(channel: str, result: str, owed: Iterable[Terms]) -> bool:
    """Return whether such a contact counts for the rhythm, by what is owed to the client.

    Where the policy owes nothing that way, a reached talk and a delivered message count.
    """
    way = way_of(channel)
    qualifying = next((terms.qualifying for terms in owed if terms.way == way), TALKED if way == TALK else DELIVERED)
    return result in qualifying


def ends_task(result: str) -> bool:
    """Return whether a contact with this result ends the tasks it was about."""
    return result in CLOSING
