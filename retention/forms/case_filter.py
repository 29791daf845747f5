"""What the case board can be narrowed by; every filter lives in the address."""

from __future__ import annotations

from typing import Any

from django import forms

from office.models import Employee
from retention.models import Band, Reason, RetentionCase

BOXES = forms.CheckboxSelectMultiple
BANDS = [(str(value), label) for value, label in Band.choices]


class CaseFilter(forms.Form):
    """Which cases are listed."""

    q = forms.CharField(label="客户或编号", required=False, max_length=40)
    band = forms.MultipleChoiceField(label="风险", required=False, choices=BANDS, widget=BOXES)
    trigger = forms.MultipleChoiceField(
        label="由来", required=False, choices=RetentionCase.Trigger.choices, widget=BOXES
    )
    owner = forms.MultipleChoiceField(label="负责人", required=False, widget=forms.SelectMultiple(attrs={"size": 4}))
    reason = forms.ChoiceField(label="原因", required=False, choices=[("", "不限"), *Reason.choices])

    def __init__(self, data: Any, *, user: Employee) -> None:
        super().__init__(data)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.MultipleChoiceField)
        people = Employee.objects.filter(branch_id=user.branch_id or 0, is_active=True).order_by("pinyin", "pk")
        owner.choices = [(str(pk), name) for pk, name in people.values_list("pk", "name")]
