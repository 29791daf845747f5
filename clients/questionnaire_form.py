"""A questionnaire as it is written: words around it and a row of fields a question, checked as input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import get_default_renderer

from clients.models import Question, Questionnaire, Topic
from clients.operations.questionnaires import Words
from clients.questionnaires import SCALE, SCALES, Ask, Option

CODES = "abcdefghijklmnopqrst"
EMPTY_ROWS = 2


class CodeForm(forms.Form):
    """A new questionnaire, before it has questions."""

    title = forms.CharField(label="名称", max_length=60)
    code = forms.SlugField(label="编号", max_length=40, help_text="英文字母、数字与连字符，以后不变")
    purpose = forms.ChoiceField(label="用途", choices=Questionnaire.Purpose.choices, widget=forms.RadioSelect)


class WordsForm(forms.Form):
    """What stands around the questions; `revision` is that of the draft on the screen."""

    title = forms.CharField(label="名称", max_length=60)
    purpose = forms.ChoiceField(label="用途", choices=Questionnaire.Purpose.choices, widget=forms.RadioSelect)
    opening = forms.CharField(
        label="开场白", max_length=600, widget=forms.Textarea(attrs={"rows": 3}), help_text="电话照读，在线先显示"
    )
    thanks = forms.CharField(label="结束语", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def words(self) -> Words:
        """Return what was written."""
        values = self.cleaned_data
        return Words(values["title"], values["purpose"], values["opening"], values["thanks"])


class RevisionForm(forms.Form):
    """Which state of a draft was read before it was put in force."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class QuestionForm(forms.Form):
    """One question. Options are written a line each, 标签=分值; the condition names an earlier question's answers."""

    number = forms.IntegerField(label="题号", min_value=1, max_value=60)
    kind = forms.ChoiceField(label="题型", choices=Question.Kind.choices)
    text = forms.CharField(label="题目", max_length=200)
    options = forms.CharField(
        label="选项", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "非常满意=5\n满意=4\n不知道"}),
        help_text="一行一个，分值 1 至 5，可不写",
    )  # fmt: skip
    scale_max = forms.TypedChoiceField(label="量表", coerce=int, choices=[(top, f"1 至 {top}") for top in SCALES])
    topic = forms.ChoiceField(label="主题", required=False, choices=[("", "不归类"), *Topic.choices])
    required = forms.BooleanField(label="必答", required=False, initial=True)
    is_overall = forms.BooleanField(label="总体满意度", required=False)
    asked_if = forms.IntegerField(label="条件：第几题", required=False, min_value=1, max_value=60)
    asked_words = forms.CharField(
        label="答了什么时问", required=False, max_length=200, help_text="选项原文或量表的数，用顿号分开"
    )

    def has_changed(self) -> bool:
        """An added row counts from its first words on; what the browser chose for it by itself does not."""
        if self.initial or any(str(self[name].data or "").strip() for name in ("number", "text", "options")):
            return super().has_changed()
        return False

    def clean_options(self) -> tuple[Option, ...]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]
        if len(lines) > len(CODES):
            raise ValidationError(f"最多 {len(CODES)} 个选项")
        return tuple(_option(code, line) for code, line in zip(CODES, lines, strict=False))


class BaseQuestions(forms.BaseFormSet[QuestionForm]):
    """The questions of one version, in the order of their numbers."""

    def asks(self) -> list[Ask]:
        """Return the questions that are kept; conditions in words become codes."""
        rows = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")
        ]
        plain = {row["number"]: row for row in rows}
        return [_ask(row, plain) for row in sorted(rows, key=lambda row: row["number"])]


class QuestionSet(BaseQuestions):
    """A row of fields for each question and a few empty ones below."""

    form = QuestionForm
    extra = EMPTY_ROWS
    can_delete, can_delete_extra, can_order = True, False, False
    min_num, max_num, absolute_max = 0, 60, 62
    validate_min, validate_max, edit_only = False, True, False
    renderer = get_default_renderer()


def rows_of(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return what the rows of the editor say for these questions."""
    known = {question.number: question.ask for question in questions}
    return [_row(question.ask, known) for question in questions]


def _row(ask: Ask, known: dict[int, Ask]) -> dict[str, Any]:
    before = known.get(ask.asked_if or 0)
    labels = {option.code: option.label for option in before.options} if before else {}
    return {
        "number": ask.number, "kind": ask.kind, "text": ask.text, "scale_max": ask.scale_max, "topic": ask.topic,
        "required": ask.required, "is_overall": ask.is_overall, "asked_if": ask.asked_if,
        "options": "\n".join(_line(option) for option in ask.options),
        "asked_words": "、".join(labels.get(code, code) for code in sorted(ask.asked_codes)),
    }  # fmt: skip


def _line(option: Option) -> str:
    return option.label if option.score is None else f"{option.label}={option.score:g}"


def _option(code: str, line: str) -> Option:
    label, sign, number = line.rpartition("=")
    if not sign:
        return Option(code, line[:60])
    try:
        return Option(code, label.strip()[:60], float(number))
    except ValueError as error:
        raise ValidationError(f"「{line}」的分值应为数字") from error


def _ask(row: dict[str, Any], plain: dict[int, dict[str, Any]]) -> Ask:
    words = [word for word in row["asked_words"].replace(",", "、").replace("，", "、").split("、") if word.strip()]
    before = plain.get(row["asked_if"] or 0)
    return Ask(
        number=row["number"], kind=row["kind"], text=row["text"], options=row["options"], required=row["required"],
        scale_max=row["scale_max"], asked_if=row["asked_if"], topic=row["topic"], is_overall=row["is_overall"],
        asked_codes=frozenset(_code(word.strip(), before) for word in words),
    )  # fmt: skip


def _code(word: str, before: dict[str, Any] | None) -> str:
    """Return the code of an answer in words; the word itself where it is none, which activation then refuses."""
    if before is None or before["kind"] == SCALE:
        return word[:8]
    return next((option.code for option in before["options"] if option.label == word), word[:8])
