"""Starting, stopping and moving the clocks of one complaint whose row is locked by the caller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from complaints.models import Clock, Complaint
from complaints.queries.limits import limits
from complaints.rules.clocks import PAUSABLE, STEP_OF, TRANSFERRED, WHOLE, Step, Terms, Unit, reckoned, setting_of
from complaints.rules.states import State
from office import queries
from office.dates import TradingCalendar


def begin_all(complaint: Complaint) -> None:
    """Start the clock of receipt and those of the whole, from the moment the complaint was received."""
    measures = [Step.RECEIPT, *WHOLE]
    if complaint.channel not in TRANSFERRED:
        measures.remove(Step.TRANSFER)
    for measure in measures:
        start(complaint, measure, complaint.received_at)


def start(complaint: Complaint, measure: Step, at: datetime) -> None:
    """Start a clock at `at`, unless one for the same measure runs."""
    if complaint.clocks.filter(step=measure, stopped_at=None).exists():
        return
    setting = limits(complaint.branch)[setting_of(measure, complaint.urgency)]
    clock = Clock(
        branch=complaint.branch, complaint=complaint, step=measure, amount=setting.amount, unit=setting.unit,
        certainty=setting.certainty, started_at=at,
    )  # fmt: skip
    reckon(clock, queries.calendar(complaint.branch.calendar))
    clock.save()


def stop(complaint: Complaint, measures: Iterable[str], at: datetime) -> None:
    """Stop the running clocks of these measures."""
    complaint.clocks.filter(step__in=list(measures), stopped_at=None).update(stopped_at=at)


def follow(complaint: Complaint, before: str, at: datetime) -> None:
    """Let the clocks follow a complaint from state `before` to the one it is in now."""
    if complaint.state not in STEP_OF:
        stop(complaint, list(Step), at)
        return
    if before in STEP_OF:
        stop(complaint, [STEP_OF[State(before)]], at)
    else:  # taken up again after its end
        start(complaint, Step.LIMIT, at)
    start(complaint, STEP_OF[State(complaint.state)], at)


def pause(complaint: Complaint, at: datetime) -> int:
    """Let what may stand still do so; what is late already runs on. Return how many clocks stand still."""
    running = complaint.clocks.filter(step__in=PAUSABLE, stopped_at=None, paused_at=None, due_at__gte=at)
    return running.update(paused_at=at)


def resume(complaint: Complaint, at: datetime) -> None:
    """Let every clock that stands still run on, its deadline later by as much working time as it stood."""
    days = queries.calendar(complaint.branch.calendar)
    for clock in complaint.clocks.filter(stopped_at=None, paused_at__isnull=False):
        assert clock.paused_at is not None
        last = max(at, clock.paused_at)
        clock.paused_time += _beyond(days, last).working_time_between(clock.paused_at, last)
        clock.paused_at = None
        reckon(clock, days)
        clock.save(update_fields=["paused_time", "paused_at", "due_at", "is_provisional"])


def lengthen(complaint: Complaint, by_days: int) -> None:
    """Move the deadlines of the present step, the result and the hard limit by calendar days."""
    days = queries.calendar(complaint.branch.calendar)
    measures = [STEP_OF[State(complaint.state)], Step.RESULT, Step.LIMIT]
    for clock in complaint.clocks.filter(step__in=measures, stopped_at=None):
        clock.extension_days = by_days
        reckon(clock, days)
        clock.save(update_fields=["extension_days", "due_at", "is_provisional"])


def suspend(complaint: Complaint, at: datetime) -> None:
    """Stop every clock of a repeat that is joined to another complaint."""
    complaint.clocks.filter(stopped_at=None).update(stopped_at=at, is_suspended=True)


def take_up(complaint: Complaint) -> None:
    """Let the clocks of a repeat that stands by itself again run on as if they had never stopped."""
    complaint.clocks.filter(is_suspended=True).update(stopped_at=None, is_suspended=False)


def reckon(clock: Clock, days: TradingCalendar) -> None:
    """Set the deadline of `clock` from its terms."""
    terms = Terms(clock.started_at, clock.amount, Unit(clock.unit), clock.extension_days, clock.paused_time)
    clock.due_at, clock.is_provisional = reckoned(days, terms)


def earliest(complaint: Complaint) -> datetime | None:
    """Return the earliest deadline that runs, None if none does."""
    running = complaint.clocks.filter(stopped_at=None, paused_at=None)
    return running.order_by("due_at").values_list("due_at", flat=True).first()


def _beyond(days: TradingCalendar, at: datetime) -> TradingCalendar:
    return days.with_weekdays_until(at.date())
