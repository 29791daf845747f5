"""What planning, holding and calling off a drill ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from office.fields import DayField
from office.models import Branch, Employee, Team
from retention.forms.closures import DATE, Versioned
from retention.models import Reason, RetentionCase
from retention.models.drill import BEST, LOOKS_AT, SHEET
from retention.operations.drills import scene_of
from retention.rules.scene import leads_back
from service_logs.rules.words import forbidden_words

LATEST = 30  # past cases offered for a scene
MARKS = [(str(mark), str(mark)) for mark in range(1, BEST + 1)]


class PlanForm(forms.Form):
    """A drill for the calendar: a scene out of a past case, or one put together by hand."""

    title = forms.CharField(label="题目", max_length=60)
    planned_on = DayField(label="日期", widget=DATE)
    team = forms.ModelChoiceField(label="团队", required=False, queryset=Team.objects.none(), empty_label="全营业部")
    case = forms.ModelChoiceField(
        label="取自以往个案", required=False, queryset=RetentionCase.objects.none(), empty_label="不取自个案",
        help_text="只带出年龄段、等级、原因和迹象，不带姓名、编号、日期和金额",
    )  # fmt: skip
    reason = forms.ChoiceField(label="离开的原因", required=False, choices=[("", "取自个案"), *Reason.choices])
    words = forms.CharField(
        label="情景补充", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="客户怎么开口、有什么情绪；不写姓名、账号、电话",
    )  # fmt: skip
    participants = forms.ModelMultipleChoiceField(
        label="参加人员", queryset=Employee.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, branch: Branch, cases: QuerySet[RetentionCase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Employee.objects.filter(branch=branch, is_active=True).order_by("team__name", "pinyin", "pk")
        self._offer("team", Team.objects.filter(branch=branch).order_by("name", "pk"))
        self._offer("participants", people)
        closed = cases.filter(state=RetentionCase.State.CLOSED).order_by("-closed_at", "-pk")
        self._offer("case", closed)
        chosen = self.fields["case"]
        assert isinstance(chosen, forms.ModelChoiceField)
        told = [(case.pk, _in_words(case)) for case in closed[:LATEST]]
        chosen.choices = [("", str(chosen.empty_label)), *told]

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def clean_planned_on(self) -> Any:
        day = self.cleaned_data["planned_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("演练日期不能早于今天")
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        case = values.get("case")
        if case is None and not values.get("reason"):
            self.add_error("reason", "请选择原因，或取自一件以往个案")
        if found := leads_back(f"{values.get('title', '')}\n{values.get('words', '')}", self.names):
            self.add_error("words", f"不能写可认出客户的内容：{found}")
        if used := forbidden_words(values.get("words", "")):
            self.add_error("words", f"不得使用：{'、'.join(used)}")
        return values

    @property
    def names(self) -> list[str]:
        """What names the client whose case the scene of a valid form was taken from."""
        case = self.cleaned_data.get("case")
        return [case.client.name, case.client.client_no, case.case_no] if case else []

    def scene(self) -> dict[str, Any]:
        """Return the scene of a valid form."""
        chosen = self.cleaned_data
        told = scene_of(chosen["case"]) if chosen["case"] else {"reason": chosen["reason"]}
        if chosen["reason"]:
            told["reason"] = chosen["reason"]
        return {**told, "words": chosen["words"].strip()}


def _in_words(case: RetentionCase) -> str:
    reason = case.get_reason_display() if case.reason else "原因未明"
    return f"{case.case_no}·{reason}·{case.get_outcome_display()}"


class HoldForm(Versioned):
    """The scoring sheet of a drill and what was learnt."""

    held_on = DayField(label="演练日", widget=DATE)
    lessons = forms.CharField(label="所学", max_length=600, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in SHEET.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{label}（1–{BEST} 分）", choices=MARKS, widget=forms.RadioSelect, help_text=LOOKS_AT[name]
            )
        self.order_fields(["version", "held_on", *SHEET, "lessons"])

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("演练日不能晚于今天")
        return day

    def clean_lessons(self) -> str:
        lessons: str = self.cleaned_data["lessons"]
        if used := forbidden_words(lessons):
            raise forms.ValidationError(f"不得使用：{'、'.join(used)}")
        return lessons

    @property
    def marks(self) -> dict[str, int]:
        """The sheet of a valid form."""
        return {name: int(self.cleaned_data[name]) for name in SHEET}


class CancelForm(Versioned):
    """Why a drill is called off."""

    reason = forms.CharField(label="取消的原因", max_length=200)
