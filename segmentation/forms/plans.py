"""What pages of plans ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from clients.models import ClientStanding
from office.models import Employee
from segmentation.models import ManagerWish, PlanLine


class LinesForm(forms.Form):
    """Chosen lines of a plan, and why they are turned down."""

    ids = forms.TypedMultipleChoiceField(coerce=int, required=False)
    remark = forms.CharField(label="原因", max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        values = self.data.getlist("ids") if hasattr(self.data, "getlist") else []
        ids = self.fields["ids"]
        assert isinstance(ids, forms.TypedMultipleChoiceField)
        ids.choices = [(value, value) for value in values if str(value).isdecimal()]

    def clean_ids(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["ids"]
        if not chosen:
            raise forms.ValidationError("请先选择明细")
        return chosen


class LineFilter(forms.Form):
    """What the lines of a plan can be narrowed by; the state is chosen by the tabs."""

    manager = forms.ChoiceField(label="经理", required=False)
    reason = forms.ChoiceField(label="理由", required=False, choices=[("", "全部"), *PlanLine.Reason.choices])
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, managers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields["manager"]
        assert isinstance(manager, forms.ChoiceField)
        manager.choices = [("", "全部"), *managers]


class ReasonForm(forms.Form):
    """Why a plan is turned down."""

    reason = forms.CharField(label="驳回原因", max_length=200)


class WishForm(forms.ModelForm[ManagerWish]):
    """What a client said about a manager; his word binds every plan."""

    class Meta:
        model = ManagerWish
        fields = ["employee", "kind", "said_on", "note"]
        labels = {"employee": "客户经理"}
        widgets = {"said_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, branch_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One look into the index per employee; a join would read every client of the branch.
        serves = Exists(ClientStanding.objects.filter(manager=OuterRef("pk")))
        people = Employee.objects.filter(serves, branch_id=branch_id, is_active=True)
        employee = self.fields["employee"]
        assert isinstance(employee, forms.ModelChoiceField)
        employee.queryset = people.order_by("pinyin", "pk")
