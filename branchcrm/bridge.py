"""What service must do about facts of apps it does not know: complaints, surveys, records of the day.

Complaints and service are strangers; here the occasions of the one become signals of the other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from complaints.queries.events import mot_due
from complaints.queries.low_scores import low_scores
from office.jobs import Ledger
from office.models import Branch
from service_logs.operations.events import Event, raise_events
from service_logs.operations.today import raise_of_today

LOOK_BACK = timedelta(days=10)  # further than any outage of worker and night together
LOW_SATISFACTION = "low_satisfaction"


def raise_pending(branch: Branch, now: datetime) -> Ledger:
    """Give every occasion of complaints and surveys up to `now` to whoever must act; those known change nothing.

    Whoever a complaint names since is kept out of sight of what was raised before.
    """
    ahead = now + timedelta(microseconds=1)
    since = now - LOOK_BACK
    events = [
        Event(due.code, due.client_id, due.occurrence, due.occurred_on, due.facts, due.owner_id, due.avoid)
        for due in mot_due(branch, since, ahead)
    ]
    events += [
        Event(LOW_SATISFACTION, low.client_id, low.occurrence, low.occurred_on, low.facts, avoid=low.avoid)
        for low in low_scores(branch, since, ahead)
    ]
    return raise_events(branch, events, now=now)


def raise_same_day(branch: Branch, now: datetime) -> Ledger:
    """Do not wait for the night: occasions of complaints and surveys, and what the counter reported of today."""
    pending, today = raise_pending(branch, now), raise_of_today(branch, now)
    return Ledger(
        seen=pending.seen + today.seen,
        changed=pending.changed + today.changed,
        skipped=pending.skipped + today.skipped,
    )
