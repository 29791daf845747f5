"""A script as it is written, checked as input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from service_logs.models import Script
from service_logs.operations.scripts import Words
from service_logs.rules.words import SCRIPT_FORBIDDEN, forbidden_words


def _lines(label: str, rows: int, length: int, *, required: bool = False, hint: str = "") -> forms.CharField:
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=length, required=required, widget=box, help_text=hint)


class ScriptForm(forms.Form):
    """One script; `revision` says which draft was on the screen, 0 for none."""

    title = forms.CharField(label="标题", max_length=60)
    text = _lines("话术", 6, 2000, required=True, hint="需要填入的内容写成【姓名】这样")
    questions = _lines("关键问题", 4, 1000, hint="每行一个")
    avoid = _lines("不可说", 3, 1000, hint="每行一条；写成「不说…」「不承诺…」")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, script: Script, revision: int) -> None:
        names = ("title", "text", "questions", "avoid")
        super().__init__(data, initial={**{name: getattr(script, name) for name in names}, "revision": revision})

    def _plain(self, name: str) -> str:
        """Return what was typed with single line ends; raise ValidationError for words no script may hold."""
        text: str = self.cleaned_data[name].replace("\r\n", "\n")
        used = forbidden_words(text, SCRIPT_FORBIDDEN)
        if used:
            raise ValidationError(f"请改写不得使用的用语：{'、'.join(used)}")
        return text

    def clean_title(self) -> str:
        return self._plain("title")

    def clean_text(self) -> str:
        return self._plain("text")

    def clean_questions(self) -> str:
        return self._plain("questions")

    def clean_avoid(self) -> str:
        return self._plain("avoid")

    def words(self) -> Words:
        """Return what was written, as the operation takes it."""
        values = self.cleaned_data
        return Words(values["title"], values["text"], values["questions"], values["avoid"])


class ApproveForm(forms.Form):
    """Which draft was read."""

    draft = forms.IntegerField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput)
