"""Watching the surveys of a branch: runs that are over end by themselves, who has not answered is reminded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from complaints.errors import RunNotReady
from complaints.models import SurveyRun
from complaints.operations.surveys import end_run, make_reminders
from complaints.queries.surveys import due_messages, expecting_answers
from office import queries
from office.dates import SHANGHAI, CalendarExhausted
from office.jobs import Ledger
from office.menu import link
from office.models import Branch, Employee
from office.operations.notices import notify
from office.rights import GRANTS

OUTSIDE, ELSEWHERE = "非工作时间", "已由他人处理"


def watch_runs(branch: Branch, now: datetime) -> Ledger:
    """Close the runs whose last day or whose last link has passed, write reminders that are due; once, if called twice.

    Nothing happens outside working time: neither by night nor on a holiday. Who runs surveys hears once a day
    that messages wait to be sent.
    """
    ledger, today = Ledger(), now.astimezone(SHANGHAI).date()
    if not _works(branch, now):
        ledger.skipped[OUTSIDE] += 1
        return ledger
    for run in SurveyRun.objects.filter(branch=branch, state=SurveyRun.State.OPEN).select_related("branch"):
        ledger.seen += 1
        try:
            ledger.changed += _look_at(run, today, now)
        except RunNotReady:
            ledger.skipped[ELSEWHERE] += 1
    ledger.detail["told"] = _tell_of_waiting(branch, today, now)
    return ledger


def _works(branch: Branch, now: datetime) -> bool:
    try:
        return queries.calendar(branch.calendar).is_working_moment(now)
    except CalendarExhausted:
        return False


def _look_at(run: SurveyRun, today: date, now: datetime) -> int:
    if run.is_over(today) or not expecting_answers(run, now):
        end_run(run, by=None, now=now)
        return 1
    return make_reminders(run, by=None, now=now) if run.takes_answers(today) else 0


def _tell_of_waiting(branch: Branch, today: date, now: datetime) -> int:
    """Put one line a day behind the bell of who may send, while messages are due; return how many are new."""
    count = due_messages(branch.pk, now).count()
    if not count:
        return 0
    text = f"{count:,} 条调查邀请或提醒待发送"
    return notify(_senders(branch, today), f"survey-send:{branch.pk}:{today}", text, link("complaints:survey_waiting"))


def _senders(branch: Branch, today: date) -> Iterable[Employee]:
    posts = sorted(GRANTS["complaints.run_survey"])
    rows = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=posts).order_by("pk")
    return [person for person in rows if person.is_employed(today)]
