"""How surveys are written on pages."""

from __future__ import annotations

from datetime import date

from django import template

from complaints.models import SurveyRun

register = template.Library()


@register.filter
def run_state(run: SurveyRun, today: date) -> str:
    """Return the code of the state a run has on that day: draft, open, closed."""
    return "closed" if run.state != SurveyRun.State.DRAFT and run.is_over(today) else str(run.state)
