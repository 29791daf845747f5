"""What is typed when a key for another system is made or closed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from office.fields import DayField
from office.models import Branch, Employee, Scope
from office.operations.keys import LONGEST, KeyWish

USUAL = timedelta(days=180)


class KeyForm(forms.Form):
    """A new key: what for, what it may do, until when."""

    name = forms.CharField(
        label="名称", max_length=40, help_text="写明是哪个系统、谁负责，例如「柜台 UF2.0·信息技术部」"
    )
    scopes = forms.MultipleChoiceField(
        label="可办事项", choices=Scope.choices, widget=forms.CheckboxSelectMultiple, help_text="只选用得到的"
    )
    branches = forms.ModelMultipleChoiceField(
        label="营业部", queryset=Branch.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    expires_on = DayField(
        label="有效至",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="最长一年，到期前更换",
    )
    calls_per_minute = forms.IntegerField(label="每分钟调用上限", min_value=1, max_value=60_000, initial=600)

    def __init__(self, data: Any = None, *, by: Employee) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"expires_on": today + USUAL, "branches": [by.branch_id]})
        branches = self.fields["branches"]
        assert isinstance(branches, forms.ModelMultipleChoiceField)
        all_of_them = Branch.objects.order_by("code")
        branches.queryset = all_of_them if by.is_superuser else all_of_them.filter(pk=by.branch_id or 0)

    def clean_expires_on(self) -> Any:
        day, today = self.cleaned_data["expires_on"], timezone.localdate()
        if not today < day < today + LONGEST:
            raise forms.ValidationError("有效期应在今天之后、一年之内")
        return day

    def wish(self) -> KeyWish:
        """Return what a valid form asks for; the key is good until its day begins."""
        values = self.cleaned_data
        ends = timezone.make_aware(datetime.combine(values["expires_on"], time.min))
        return KeyWish(values["name"], values["scopes"], list(values["branches"]), ends, values["calls_per_minute"])


class RevokeForm(forms.Form):
    """Why a key is closed."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
