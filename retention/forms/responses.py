"""What the branch answers to a reason, as the next version of it."""

from __future__ import annotations

from django import forms

from service_logs.rules.words import SCRIPT_FORBIDDEN, forbidden_words


def _lawful(text: str, label: str) -> str:
    if used := forbidden_words(text, SCRIPT_FORBIDDEN):
        raise forms.ValidationError(f"{label}不得使用：{'、'.join(used)}")
    return text


class ResponseForm(forms.Form):
    """The next version of a response; `version` is the one it was written upon, 0 for the first."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    text = forms.CharField(
        label="应对办法", max_length=600, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写给谈话的人：先听什么，能做什么，不能做什么；不承诺收益，不拖延办理",
    )  # fmt: skip
    worked = forms.CharField(
        label="有效的做法", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="从已结个案中归纳，不写客户姓名",
    )  # fmt: skip

    def clean_text(self) -> str:
        return _lawful(self.cleaned_data["text"], "应对办法")

    def clean_worked(self) -> str:
        return _lawful(self.cleaned_data["worked"], "有效的做法")
