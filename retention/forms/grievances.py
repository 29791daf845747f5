"""What is asked when a client is unhappy, and when it was put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from office.fields import DayField
from office.models import Employee
from retention.forms.closures import DATE, Versioned
from retention.models import Grievance

LINES = forms.Textarea(attrs={"rows": 3})


def _day_ahead(day: Any) -> Any:
    if day is not None and day < timezone.localdate():
        raise forms.ValidationError("期限不能早于今天")
    return day


class LogForm(forms.Form):
    """A grievance: what it is about, who puts it right, until when."""

    kind = forms.ChoiceField(label="类别", choices=Grievance.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(label="内容", max_length=400, widget=LINES, help_text="按客户的原话；要投诉的请改登投诉")
    owner = forms.ModelChoiceField(label="负责人", queryset=Employee.objects.none(), empty_label=None)
    due_on = DayField(label="期限", required=False, widget=DATE, help_text="留空为 3 个工作日")

    def __init__(self, *args: Any, people: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people

    def clean_due_on(self) -> Any:
        return _day_ahead(self.cleaned_data["due_on"])


class GiveForm(Versioned):
    """Who puts it right from now on, and until when."""

    owner = forms.ModelChoiceField(label="负责人", queryset=Employee.objects.none(), empty_label=None)
    due_on = DayField(label="期限", widget=DATE)

    def __init__(self, *args: Any, people: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people

    def clean_due_on(self) -> Any:
        return _day_ahead(self.cleaned_data["due_on"])


class DoneForm(Versioned):
    """What was done about it."""

    action = forms.CharField(
        label="如何处理", max_length=400, widget=LINES, help_text="做了什么，怎样告诉客户，自己改了什么"
    )
