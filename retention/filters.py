"""What the lists of retention can be narrowed by; every filter lives in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from office.fields import FIRST, LAST, DayField
from retention.models import Block, ClosureRequest, Reason
from retention.queries.requests import BOARD

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BOXES = forms.CheckboxSelectMultiple


class RequestFilter(forms.Form):
    """Which requests are listed."""

    CLOCK = [*BOARD.items(), ("breached", "曾超时")]

    q = forms.CharField(label="客户或编号", required=False, max_length=40)
    state = forms.MultipleChoiceField(label="状态", required=False, choices=ClosureRequest.State.choices, widget=BOXES)
    kind = forms.MultipleChoiceField(label="事项", required=False, choices=ClosureRequest.Kind.choices, widget=BOXES)
    clock = forms.ChoiceField(label="时限", required=False, choices=[("", "不限"), *CLOCK])
    channel = forms.MultipleChoiceField(
        label="渠道", required=False, choices=ClosureRequest.Channel.choices, widget=BOXES
    )
    block = forms.MultipleChoiceField(label="法定事由", required=False, choices=Block.choices, widget=BOXES)
    reason = forms.ChoiceField(
        label="原因", required=False, choices=[("", "不限"), ("unsaid", "客户未说明"), *Reason.choices]
    )
    since = DayField(label="申请日从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)


class PeriodFilter(forms.Form):
    """Which days a report covers."""

    since = DayField(label="从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)


def month_of(text: str, today: date) -> date:
    """Return the first day of the month "2026-08"; of this month if the text names none."""
    try:
        named = date.fromisoformat(f"{text}-01")
    except ValueError:
        named = today
    return (named if FIRST <= named <= LAST else today).replace(day=1)


def chips(form: forms.Form, query: Any) -> list[dict[str, str]]:
    """Return the active filters in words, each with the address of the list without it."""
    found = []
    for name, field in form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if name == "q" or not values:
            continue
        rest = query.copy()
        del rest[name]
        rest.pop("after", None)
        labels = {str(value): str(label) for value, label in getattr(field, "choices", [])}
        said = "、".join(labels.get(value, value) for value in values)
        found.append({"key": str(field.label), "value": said, "href": f"?{rest.urlencode()}"})
    return found
