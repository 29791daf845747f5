"""What is asked of those who read and run the nights."""

from __future__ import annotations

from typing import Any

from django import forms

from branchcrm.gates import NEVER_ACCEPTED
from branchcrm.queries.nights import CHOICES
from office.fields import DayField


class NightFilter(forms.Form):
    """How the list of nights is narrowed; lives in the address."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *CHOICES.items()])
    since = DayField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = DayField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class DayForm(forms.Form):
    """Which night is wanted."""

    day = DayField(label="业务日")


class AcceptForm(forms.Form):
    """Which closed gates are let pass, and why."""

    gates = forms.MultipleChoiceField(label="放行的关口", widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2, "placeholder": "核对了什么，依据是什么"})
    )

    def __init__(self, closed: list[dict[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gates.choices = [
            (gate["code"], f"{gate['label']} {gate['value']}，限值 {gate['limit']}")
            for gate in closed
            if gate["code"] not in NEVER_ACCEPTED and not gate.get("accepted")
        ]

    @property
    def has_choices(self) -> bool:
        """Whether any closed gate may be let pass at all."""
        return bool(self._gates.choices)

    @property
    def _gates(self) -> forms.MultipleChoiceField:
        field = self.fields["gates"]
        assert isinstance(field, forms.MultipleChoiceField)
        return field
