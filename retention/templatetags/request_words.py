"""How requests and their clocks are written. Tags format; they neither query nor decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template

from clients.feed.refusal import masked
from retention.models import ClosureRequest
from retention.rules.time_left import Mark, span, time_left

register = template.Library()
State = ClosureRequest.State
MARKS = {
    State.REGISTERED: ("info", "player-play"),
    State.BLOCKED: ("plan", "player-pause"),
    State.DONE: ("done", "circle-check"),
    State.WITHDRAWN: ("off", "arrow-back-up"),
}


@register.inclusion_tag("components/status.html")
def clock_mark(request: ClosureRequest, now: datetime) -> dict[str, str]:
    """Draw how the clock of a request stands."""
    return _drawn(_clock(request, now))


@register.inclusion_tag("components/status.html")
def request_state(request: ClosureRequest) -> dict[str, str]:
    """Draw the state of a request."""
    look, icon = MARKS[State(request.state)]
    return _drawn(Mark(look, icon, str(State(request.state).label)))


@register.filter
def hidden_name(name: str) -> str:
    """Write a client's name as the desk sees it: 吴*."""
    return masked(name)


@register.filter
def in_span(length: timedelta | None) -> str:
    """Write a length of time: 2 天 3 小时; — for none."""
    return span(length) if length is not None else "—"


@register.filter
def in_minutes(minutes: float | None) -> str:
    """Write minutes as a length of time; — for none."""
    return span(timedelta(minutes=minutes)) if isinstance(minutes, int | float) else "—"


def _clock(request: ClosureRequest, now: datetime) -> Mark:
    if request.state == State.DONE:
        return Mark("crit", "alert-octagon", "超时办结") if request.breached_at else Mark("done", "check", "按时办结")
    if request.state == State.WITHDRAWN:
        return Mark("off", "minus", "已撤回")
    if request.state == State.BLOCKED:
        words = f"{request.get_block_display()}，待解除"
        return (
            Mark("crit", "alert-octagon", f"曾超时·{words}")
            if request.breached_at
            else Mark("plan", "player-pause", words)
        )
    mark = time_left(request.deadline_at, now)
    if request.breached_at and mark.look != "crit":
        return Mark("crit", "alert-octagon", f"曾超时·{mark.words}")
    return mark


def _drawn(mark: Mark) -> dict[str, Any]:
    return {"look": mark.look, "icon": mark.icon, "text": mark.words}
