"""What is typed about return visits, checked as input; the rules stand in the operations."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from office.models import Employee
from service_logs.models import ReturnVisit
from service_logs.operations.visits import Said
from service_logs.rules.visits import MINIMUM_RATIO, MOST_CHECKED, TOPICS, unanswered

LARGEST_SEED = 2**31 - 1


class PlanForm(forms.Form):
    """How much is drawn, and by which seed."""

    ratio = forms.DecimalField(
        label="抽样比例（%）", min_value=Decimal(str(MINIMUM_RATIO * 100)), max_value=Decimal(100), decimal_places=1
    )
    seed = forms.IntegerField(label="抽样种子", min_value=1, max_value=LARGEST_SEED, help_text="同一种子抽出同一名单")

    @property
    def share(self) -> Decimal:
        """The ratio as a part of one."""
        return Decimal(self.cleaned_data["ratio"]) / 100


class RecordForm(forms.Form):
    """The answers of one call on one screen; the button 拒绝回访 sends `refused` instead of answers."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    recognised = forms.ChoiceField(
        label="开发关系：是否认可由该人员开发？", required=False, choices=ReturnVisit.Recognised.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    opinion = forms.CharField(
        label="意见与建议", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    recording_ref = forms.CharField(
        label="录音编号", required=False, max_length=80, help_text="否认开发关系时凭录音删除关系，须填写"
    )

    def __init__(self, data: Any = None, *, visit: ReturnVisit, questions: Sequence[str]) -> None:
        super().__init__(data, initial={"version": visit.version})
        self.is_refused = bool(data and data.get("refused"))
        for topic, question in zip(TOPICS, questions, strict=True):
            self.fields[f"said_{topic.key}"] = forms.ChoiceField(
                label=question, required=False, choices=topic.choices, widget=forms.RadioSelect
            )
            self.fields[f"note_{topic.key}"] = forms.CharField(
                label=f"{topic.label}补充", required=False, max_length=200,
                widget=forms.TextInput(attrs={"placeholder": "补充说明", "aria-label": f"{topic.label}补充说明"}),
            )  # fmt: skip
        if visit.relation is None:
            del self.fields["recognised"]

    @property
    def topics(self) -> list[tuple[str, Any, Any]]:
        """The five topics as (label, field of the answer, field of the note)."""
        return [(topic.label, self[f"said_{topic.key}"], self[f"note_{topic.key}"]) for topic in TOPICS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.is_refused:
            for topic in unanswered(self._answers(data)):
                self.add_error(f"said_{topic.key}", "请选择客户的回答")
        return data

    def _answers(self, data: dict[str, Any]) -> dict[str, str]:
        return {topic.key: data.get(f"said_{topic.key}", "") for topic in TOPICS}

    def said(self) -> Said:
        """Return what was said, as the operation takes it."""
        data = self.cleaned_data
        return Said(
            answers=self._answers(data),
            notes={topic.key: data.get(f"note_{topic.key}", "") for topic in TOPICS},
            recognised="" if self.is_refused else data.get("recognised", ""),
            opinion=data["opinion"],
            recording_ref=data["recording_ref"],
            is_refused=self.is_refused,
        )


class AssignVisitForm(forms.Form):
    """Who makes the visit: one of those who are independent of the client."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    caller = forms.ModelChoiceField(
        label="回访人", queryset=Employee.objects.none(), help_text="只列出不服务、未开发此客户且不在营销岗位的人员"
    )

    def __init__(self, data: Any = None, *, visit: ReturnVisit, among: Sequence[Employee]) -> None:
        super().__init__(data, initial={"version": visit.version, "caller": visit.caller_id})
        field = self.fields["caller"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Employee.objects.filter(pk__in=[one.pk for one in among]).order_by("pinyin", "pk")


class RecordingForm(forms.Form):
    """Where the recording of a call is kept."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    recording_ref = forms.CharField(label="录音编号", max_length=80)


class CheckForm(forms.Form):
    """How many confirmed relations are drawn; the seed is made with the page that asks."""

    size = forms.IntegerField(label="抽取（条）", min_value=1, max_value=MOST_CHECKED, initial=20)
    seed = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=LARGEST_SEED)


class FindingForm(forms.Form):
    """What the check of one relation found, and who answers for it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    finding = forms.ChoiceField(label="抽查结论", choices=ReturnVisit.Finding.choices, widget=forms.RadioSelect)
    responsible = forms.ModelChoiceField(
        label="责任人", queryset=Employee.objects.none(), required=False, help_text="不相符的须指定", empty_label="无"
    )
    note = forms.CharField(label="说明", required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, visit: ReturnVisit) -> None:
        shown = {"version": visit.version, "finding": visit.finding, "responsible": visit.responsible_id}
        super().__init__(data, initial={**shown, "note": visit.finding_note})
        field = self.fields["responsible"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Employee.objects.filter(branch=visit.branch_id).order_by("pinyin", "pk")
