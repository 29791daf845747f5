"""What service must do about facts of apps it does not know: complaints, surveys, records of the day.

Complaints and service are strangers; here the occasions of the one become signals of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from complaints.models import Complaint
from complaints.queries.events import MotDue, mot_due, mot_of
from complaints.queries.low_scores import low_scores
from office.dates import SHANGHAI
from office.jobs import Ledger
from office.models import Branch, Employee
from retention.operations.avoidance import hand_over_from
from service_logs.operations.events import Event, keep_out_of_sight, raise_events
from service_logs.operations.today import raise_of_today
from service_logs.operations.visit_plans import take_from_named

LOOK_BACK = timedelta(days=10)  # further than any outage of worker and night together
LOW_SATISFACTION = "low_satisfaction"
# What is raised and who is named are told to service one after the other: a run that began before somebody was named
# must not undo what naming hid.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('branchcrm.bridge'), %s)"


@transaction.atomic
def raise_pending(branch: Branch, now: datetime) -> Ledger:
    """Give every occasion of complaints and surveys up to `now` to whoever must act; those known change nothing.

    Whoever a complaint names since is kept out of sight of what was raised before.
    """
    _alone(branch)
    ahead = now + timedelta(microseconds=1)
    since = now - LOOK_BACK
    events = [_event(due) for due in mot_due(branch, since, ahead)]
    events += [
        Event(LOW_SATISFACTION, low.client_id, low.occurrence, low.occurred_on, low.facts, avoid=low.avoid)
        for low in low_scores(branch, since, ahead)
    ]
    return raise_events(branch, events, now=now)


def _event(due: MotDue) -> Event:
    return Event(due.code, due.client_id, due.occurrence, due.occurred_on, due.facts, due.owner_id, due.avoid)


def _alone(branch: Branch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [branch.pk])


@transaction.atomic
def keep_from_named(
    complaint: Complaint, people: Sequence[Employee], *, by: Employee | None, at: datetime
) -> list[str]:
    """Take from `people`, whom the complaint names since now, its tasks and visits and the case of its client.

    Returns what was taken, in words. The clock of a request is nobody's: requests stay as they are.
    """
    client = complaint.client
    if client is None:
        return []
    _alone(complaint.branch)
    tasks = keep_out_of_sight(complaint.branch, [_event(due) for due in mot_of(complaint, at)], now=at)
    visits = take_from_named(client, [one.pk for one in people], today=at.astimezone(SHANGHAI).date())
    told = [f"收回任务 {tasks} 项"] if tasks else []
    told += [f"改派回访 {visits} 件"] if visits else []
    return [*told, *hand_over_from(client, people, by=by)]


def raise_same_day(branch: Branch, now: datetime) -> Ledger:
    """Do not wait for the night: occasions of complaints and surveys, and what the counter reported of today."""
    pending, today = raise_pending(branch, now), raise_of_today(branch, now)
    return Ledger(
        seen=pending.seen + today.seen,
        changed=pending.changed + today.changed,
        skipped=pending.skipped + today.skipped,
    )
