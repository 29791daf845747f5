"""How cases are drawn. Tags format; they neither query nor decide."""

from __future__ import annotations

from typing import Any

from django import template

from retention.models import Offer, RetentionCase

register = template.Library()
Outcome = RetentionCase.Outcome
ENDS = {
    Outcome.KEPT: ("done", "circle-check"),
    Outcome.PARTLY: ("done", "circle-check"),
    Outcome.LEFT: ("off", "minus"),
    Outcome.REFUSED_TALK: ("off", "minus"),
}
ANSWERS = {"waiting": ("info", "clock"), "taken": ("done", "circle-check"), "declined": ("off", "minus")}


@register.inclusion_tag("components/status.html")
def case_state(case: RetentionCase, is_talked: bool = False) -> dict[str, str]:
    """Draw where a case stands: how it ended, or whether the one talk was held."""
    if not case.is_open:
        look, icon = ENDS[Outcome(case.outcome)]
        return {"look": look, "icon": icon, "text": "放行" if case.is_let_go else str(Outcome(case.outcome).label)}
    if is_talked:
        return {"look": "info", "icon": "player-play", "text": "已谈话"}
    return {"look": "warn", "icon": "clock", "text": "尚未谈话"}


@register.inclusion_tag("components/status.html")
def offer_state(offer: Offer) -> dict[str, str]:
    """Draw what the client said to an offer."""
    look, icon = ANSWERS[offer.answer]
    return {"look": look, "icon": icon, "text": str(Offer.Answer(offer.answer).label)}


@register.filter
def at(found: dict[int, Any], key: int) -> Any:
    """Return what a dictionary holds under a key, None if nothing."""
    return found.get(key)
