"""What the case board can be narrowed by; every filter lives in the address."""

from __future__ import annotations

from typing import Any

from django import forms

from office.fields import FIRST, LAST
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
    reason = forms.ChoiceField(
        label="原因", required=False, choices=[("", "不限"), ("unsaid", "客户未说明"), *Reason.choices]
    )
    year = forms.IntegerField(label="开案年份", required=False, min_value=FIRST.year, max_value=LAST.year)
    asked = forms.ChoiceField(
        label="申请", required=False, choices=[("", "不限"), ("yes", "已提出申请"), ("no", "没有申请")]
    )

    def __init__(self, data: Any, *, user: Employee) -> None:
        super().__init__(data)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.MultipleChoiceField)
        people = Employee.objects.filter(branch_id=user.branch_id or 0, is_active=True).order_by("pinyin", "pk")
        owner.choices = [(str(pk), name) for pk, name in people.values_list("pk", "name")]
