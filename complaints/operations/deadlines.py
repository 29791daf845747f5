"""Watching the clocks of a branch: reminders, and the rise to who must know."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from complaints.models import Clock, Complaint
from complaints.operations import clocks
from complaints.operations.desk import notice_key, page_of, write
from complaints.queries.staff import told_at
from complaints.rules import escalation
from complaints.rules.escalation import REMIND_BEFORE, TOP, Level, next_level, wants_reminder
from complaints.rules.states import Act
from office import queries
from office.dates import SHANGHAI, CalendarExhausted, TradingCalendar
from office.jobs import Ledger
from office.models import Branch
from office.operations.notices import notify

OUTSIDE, UNKNOWN, NOBODY = "非工作时间", "交易日历未覆盖", "无人可报（均须回避）"


def tick(branch: Branch, now: datetime) -> Ledger:
    """Remind handlers of what is nearly due, tell the next level of what is late; once, however often it is called.

    Nothing is told outside working time. A level at which everybody is named or nobody works is passed over.
    """
    ledger, days = Ledger(), queries.calendar(branch.calendar)
    reckon_again(branch, days)
    try:
        if not days.is_working_moment(now):
            ledger.skipped[OUTSIDE] += 1
            return ledger
    except CalendarExhausted:
        ledger.skipped[UNKNOWN] += 1
        return ledger
    soon = days.with_weekdays_until(now.astimezone(SHANGHAI).date()).due_at(now, working_time=REMIND_BEFORE)
    for clock in _worth_a_look(branch, now, soon):
        ledger.seen += 1
        ledger.changed += _look_at(clock, now, days, ledger)
    return ledger


def reckon_again(branch: Branch, days: TradingCalendar) -> int:
    """Set the deadlines that were guessed before the calendar reached so far; return how many moved."""
    moved = 0
    for clock in Clock.objects.filter(branch=branch, is_provisional=True, stopped_at=None).order_by("pk"):
        before = clock.due_at
        clocks.reckon(clock, days)
        if clock.due_at != before or not clock.is_provisional:
            moved += _save_reckoned(clock)
    return moved


@transaction.atomic
def _save_reckoned(clock: Clock) -> int:
    complaint = Complaint.objects.select_for_update().get(pk=clock.complaint_id)
    clock.save(update_fields=["due_at", "is_provisional"])
    Complaint.objects.filter(pk=complaint.pk).update(due_at=clocks.earliest(complaint))
    return 1


def _worth_a_look(branch: Branch, now: datetime, soon: datetime) -> list[Clock]:
    """Return the running clocks that are late and not at the top, or nearly due and not reminded of."""
    late = Q(due_at__lt=now, level__lt=TOP)
    near = Q(due_at__gte=now, due_at__lte=soon, reminded_at=None)
    running = Clock.objects.filter(branch=branch, stopped_at=None, paused_at=None)
    # The table's own index by branch and deadline: what is far off is never read.
    return list(running.filter(late | near, due_at__lte=soon).order_by("due_at", "pk"))


def _look_at(clock: Clock, now: datetime, days: TradingCalendar, ledger: Ledger) -> int:
    seen = escalation.Clock(clock.due_at, clock.level, clock.escalated_at, clock.reminded_at)
    if wants_reminder(seen, now, days):
        return _remind(clock, now)
    level = next_level(seen, now, days)
    return _rise(clock, level, now, ledger) if level is not None else 0


@transaction.atomic
def _remind(clock: Clock, now: datetime) -> int:
    if _running(clock).filter(reminded_at=None).update(reminded_at=now) != 1:
        return 0
    complaint = clock.complaint
    told = [complaint.handler] if complaint.handler is not None else []
    text = f"投诉 {complaint.no}「{clock.get_step_display()}」即将到期"
    notify(told, notice_key(complaint, f"remind:{clock.pk}"), text, page_of(complaint))
    write(complaint, Act.REMIND, complaint.state, by=None, at=now, facts={"clock": clock.step})
    return 1


@transaction.atomic
def _rise(clock: Clock, level: Level, now: datetime, ledger: Ledger) -> int:
    """Tell the first level from `level` on where somebody may know; of two watchers one does."""
    complaint, on = clock.complaint, now.astimezone(SHANGHAI).date()
    reached = ((one, told_at(complaint, one, on)) for one in Level if one >= level)
    found, told = next(((one, people) for one, people in reached if people), (TOP, []))
    if _running(clock).filter(level=clock.level).update(level=found, escalated_at=now) != 1:
        return 0
    if not told:
        ledger.skipped[NOBODY] += 1
    text = f"投诉 {complaint.no}「{clock.get_step_display()}」已逾期"
    notify(told, notice_key(complaint, f"late:{clock.pk}:{found}"), text, page_of(complaint))
    facts = {"clock": clock.step, "level": int(found), "told": [one.pk for one in told]}
    write(complaint, Act.ESCALATE, complaint.state, by=None, at=now, facts=facts)
    return 1


def _running(clock: Clock) -> QuerySet[Clock]:
    return Clock.objects.filter(pk=clock.pk, stopped_at=None, paused_at=None)
