"""What a manager fills in about the clients he would serve (MGR-03)."""

from __future__ import annotations

from typing import Any

from django import forms

from clients.models import Client
from segmentation.allocation.suggestions import KINDS
from segmentation.models import ClientSuggestion


class KindsForm(forms.Form):
    """The kinds of clients that suit somebody."""

    kinds = forms.MultipleChoiceField(
        label="适合我的客户", required=False, choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label="说明", max_length=160, required=False)


class SuggestionForm(forms.Form):
    """One client by number, to have or to give up; a number of another branch is unknown."""

    client_no = forms.CharField(label="客户号", max_length=32)
    kind = forms.ChoiceField(label="建议", choices=ClientSuggestion.Kind.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="理由", max_length=160)

    def __init__(self, *args: Any, branch_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch_id = branch_id

    def clean_client_no(self) -> Client:
        number = self.cleaned_data["client_no"].strip()
        open_ones = Client.objects.filter(branch_id=self.branch_id, standing__is_closed=False)
        found = open_ones.select_related("standing").filter(client_no=number).first()
        if found is None:
            raise forms.ValidationError("本营业部没有这个客户号")
        return found
