"""How complaints are written on pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from complaints.models import Clock, Complaint, State, Step
from complaints.rules.remaining import STANDS, Left, time_left
from complaints.rules.states import Act
from office.dates import TradingCalendar
from office.templatetags.crm import icon

register = template.Library()

STATES = {
    State.ACCEPTED: ("info", "inbox"),
    State.INVESTIGATING: ("info", "search"),
    State.HANDLING: ("plan", "pencil"),
    State.FEEDBACK: ("warn", "message"),
    State.CLOSED: ("done", "circle-check"),
    State.REJECTED: ("off", "ban"),
    State.WITHDRAWN: ("off", "arrow-back-up"),
}
ACTS = {
    Act.TAKE_IN: "message-report", Act.INVESTIGATE: "search", Act.FIND_CAUSE: "bulb", Act.PROPOSE: "pencil",
    Act.APPROVE: "signature", Act.FEED_BACK: "message", Act.CLOSE: "circle-check", Act.REJECT: "ban",
    Act.WITHDRAW: "arrow-back-up", Act.PAUSE: "player-pause", Act.RESUME: "player-play", Act.ATTACH: "file-text",
    Act.HOLD: "lock", Act.ESCALATE: "alert-octagon", Act.REMIND: "bell", Act.EXTEND: "calendar-event",
    Act.ASK_EXTENSION: "calendar-event", Act.ASK_MEDIATION: "scale", Act.ACCEPT_MEDIATION: "scale",
    Act.MERGE: "link", Act.UNMERGE: "link", Act.NAME: "user-off", Act.RELEASE: "eye", Act.HAND_OVER: "user-check",
    Act.REFER: "send", Act.ANSWER: "message", Act.CLASSIFY: "tag", Act.SECOND_OPINION: "refresh",
    Act.DECLINE_EXTENSION: "x",
}  # fmt: skip


@register.simple_tag
def complaint_state(complaint: Complaint) -> SafeString:
    """Draw the state as a pill; a joined repeat says so."""
    if complaint.merged_into_id:
        return format_html('<span class="st st-off">{}已并案</span>', icon("link"))
    look, name = STATES[State(complaint.state)]
    return format_html('<span class="st st-{}">{}{}</span>', look, icon(name), complaint.get_state_display())


@register.simple_tag
def complaint_left(complaint: Complaint, now: datetime, days: TradingCalendar) -> SafeString:
    """Draw the time left of a complaint: icon and words."""
    due_at = complaint.due_at if complaint.is_open else None
    return _left(time_left(days, due_at, now, paused=complaint.is_paused))


@register.simple_tag
def clock_left(clock: Clock, now: datetime, days: TradingCalendar) -> SafeString:
    """Draw how one clock stands: time left, stopped in time or late, paused."""
    if clock.paused_at is not None:
        return _left(STANDS)
    if clock.stopped_at is None:
        return _left(time_left(days, clock.due_at, now))
    if clock.is_suspended:
        return _left(Left("o", "link", "并案停止"))
    late = clock.stopped_at > clock.due_at
    return _left(Left("c", "alert-octagon", "超时完成") if late else Left("o", "check", "按时完成"))


@register.filter
def act_icon(step: Step) -> str:
    """Return the icon of one line of the timeline."""
    return ACTS.get(Act(step.act), "notes")


@register.filter
def at(table: dict[Any, Any], key: Any) -> Any:
    """Return the entry of a table, 0 where there is none."""
    return table.get(key, 0)


@register.filter
def heat(count: int, most: int) -> int:
    """Return the step 2 to 5 of a heat cell, 0 for none; step 1 is for what lies below a limit."""
    return 1 - (-4 * count // most) if most and count else 0


def _left(left: Left) -> SafeString:
    return format_html('<span class="stt {}">{}{}</span>', left.look, icon(left.icon), left.words)
