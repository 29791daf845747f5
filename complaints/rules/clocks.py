"""Which clock runs in which step, and until when (regulation.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from complaints.rules.states import State
from office.dates import SHANGHAI, TradingCalendar


class Unit(StrEnum):
    """What a time limit is counted in."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class Step(StrEnum):
    """What a clock measures: the four steps, and from receipt the result, the transferred case and the hard limit."""

    RECEIPT = "receipt"
    DECISION = "decision"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    RESULT = "result"
    TRANSFER = "transfer"
    LIMIT = "limit"


@dataclass(frozen=True)
class Limit:
    """One default: how long, where it is said, and how sure that is: A read, B reported, C the house's own."""

    step: str
    amount: int
    unit: str
    certainty: str
    source: str


WORKING, CALENDAR = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS
URGENCY_PRESETS = ("handling_normal", "handling_serious", "handling_hard")
DEFAULTS = (
    Limit("receipt", 1, WORKING, "C", "本系统默认：上市公司规则为 15 日，证券公司的时限以正式规定为准"),
    Limit("decision", 5, WORKING, "C", "本系统默认：协会 2021 年指引有时限义务，具体天数待合规确认"),
    Limit("handling_normal", 3, WORKING, "B", "行业做法：一般投诉 3 个工作日"),
    Limit("handling_serious", 7, WORKING, "B", "行业做法：重大投诉 7 个工作日"),
    Limit("handling_hard", 15, WORKING, "B", "行业做法：疑难投诉 15 个工作日"),
    Limit("feedback", 3, WORKING, "C", "本系统默认：尽快答复客户"),
    Limit("result", 15, WORKING, "C", "本系统默认：自收到之日起 15 个工作日"),
    Limit("transfer", 15, WORKING, "C", "证监会公告〔2022〕45 号设首问责任，办理天数待合规确认"),
    Limit("limit", 60, CALENDAR, "B", "上市公司投诉处理规则：60 日办结"),
    Limit("extension", 30, CALENDAR, "B", "上市公司投诉处理规则：经批准可延长不超过 30 日"),
)

STEP_OF = {
    State.ACCEPTED: Step.RECEIPT,
    State.INVESTIGATING: Step.DECISION,
    State.HANDLING: Step.HANDLING,
    State.FEEDBACK: Step.FEEDBACK,
}
WHOLE = (Step.RESULT, Step.TRANSFER, Step.LIMIT)  # run from receipt, whatever the step
PAUSABLE = (Step.RECEIPT, Step.DECISION, Step.HANDLING, Step.FEEDBACK, Step.RESULT)  # the law's own limits run on
BEYOND = timedelta(days=400)  # how far deadlines are guessed beyond the known calendar
TRANSFERRED = ("hotline_12386", "regulator")  # channels whose sender waits for an answer


def setting_of(step: str, urgency: str) -> str:
    """Return which limit a clock takes: handling has one for each urgency."""
    return f"handling_{urgency}" if step == Step.HANDLING else step


def due(days: TradingCalendar, start: datetime, amount: int, unit: str) -> datetime:
    """Return the deadline of what began at `start`, always inside working time.

    Working days end with the close of work of the last of them. Calendar days are a hard limit: the
    last working moment inside them counts, so that the limit is never passed by a holiday.
    """
    if unit == Unit.WORKING_DAYS:
        return days.due_at(start, working_days=amount)
    return _within(days, start, amount)


@dataclass(frozen=True)
class Terms:
    """All that decides a deadline: when it began, how long it may take, what was added and how long it stood still."""

    started_at: datetime
    amount: int
    unit: str
    extension_days: int = 0
    paused_time: timedelta = timedelta(0)


def deadline(days: TradingCalendar, terms: Terms) -> datetime:
    """Return the deadline under `terms`: later by as much working time as was paused, always inside working time."""
    found = due(days, terms.started_at, terms.amount, terms.unit)
    if terms.extension_days:
        found = _extended(days, found, terms)
    return days.due_at(found, working_time=terms.paused_time) if terms.paused_time else found


def reckoned(days: TradingCalendar, terms: Terms) -> tuple[datetime, bool]:
    """Return a deadline and whether it is provisional: days beyond the known calendar are guessed as weekdays."""
    last = terms.started_at.astimezone(SHANGHAI).date() + BEYOND
    found = deadline(days.with_weekdays_until(last), terms)
    return found, found.astimezone(SHANGHAI).date() > days.last


def _extended(days: TradingCalendar, due_at: datetime, terms: Terms) -> datetime:
    moved = due_at + timedelta(days=terms.extension_days)
    if terms.unit == Unit.CALENDAR_DAYS:
        return max(days.last_working(moved), due_at)
    return days.due_at(moved, working_days=0, at=moved.astimezone(SHANGHAI).time())


def _within(days: TradingCalendar, start: datetime, amount: int) -> datetime:
    found = days.last_working(start + timedelta(days=amount))
    return found if found >= start else days.due_at(start, working_time=timedelta(0))
