"""A tier set by hand: which, why, until when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from clients.models import Tier
from office.fields import DayField
from segmentation.operations.tiers import LONGEST_DAYS


class OverrideForm(forms.Form):
    """What a director decides against the figures; it ends by itself."""

    tier = forms.ChoiceField(label="等级", choices=Tier)
    until = DayField(
        label="有效至",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="最长十二个月，到期后自动恢复按数字评定",
    )
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, present: str, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"tier": present})
        super().__init__(*args, **kwargs)
        self.present, self.today = present, today
        last = today + timedelta(days=LONGEST_DAYS)
        self.fields["until"].widget.attrs.update(min=today.isoformat(), max=last.isoformat())

    def clean_tier(self) -> str:
        chosen: str = self.cleaned_data["tier"]
        if chosen == self.present:
            raise forms.ValidationError("与现等级相同，请选择另一等级")
        return chosen

    def clean_until(self) -> date:
        chosen: date = self.cleaned_data["until"]
        if not self.today <= chosen <= self.today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError("期限须在今天之后、十二个月之内")
        return chosen


class OverrideEndForm(forms.Form):
    """Why a tier set by hand ends before its time."""

    reason = forms.CharField(label="提前结束的原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
