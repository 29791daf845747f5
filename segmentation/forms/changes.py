"""What is asked of a client who wants another manager, and of the director who decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from office.models import Employee
from segmentation.models import ManagerChangeRequest

LINES = forms.Textarea(attrs={"rows": 2})


class ChangeForm(forms.Form):
    """The wish of a client; he need not say why."""

    CHANNELS = [("counter", "柜台"), ("phone", "电话")]

    wished = forms.ModelChoiceField(
        label="希望的经理", queryset=Employee.objects.none(), required=False, empty_label="由营业部安排"
    )
    reason = forms.ChoiceField(
        label="原因", choices=ManagerChangeRequest.Reason.choices, widget=forms.RadioSelect, initial="unsaid"
    )
    words = forms.CharField(label="客户的话", max_length=400, required=False, widget=LINES)
    channel = forms.ChoiceField(label="渠道", choices=CHANNELS, widget=forms.RadioSelect, initial="counter")

    def __init__(self, data: Any = None, *, people: QuerySet[Employee]) -> None:
        super().__init__(data)
        wished = self.fields["wished"]
        assert isinstance(wished, forms.ModelChoiceField)
        wished.queryset = people


class Versioned(forms.Form):
    """A decision about a request as it stood on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class GrantForm(Versioned):
    """To whom the client is given."""

    to = forms.ModelChoiceField(label="新客户经理", queryset=Employee.objects.none(), empty_label="请选择")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, data: Any = None, *, people: QuerySet[Employee], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial, auto_id="grant_%s")
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = people


class NoteForm(Versioned):
    """Why a request is turned down, or how the client took it back."""

    note = forms.CharField(label="原因", max_length=200, widget=LINES)
