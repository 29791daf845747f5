"""What the lists of service can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from clients.models import Tier
from office.fields import DayField
from office.models import Employee
from service_logs.models import Channel, Contact, Kind, ReturnVisit, Rule, Task
from service_logs.queries.tasks import NOBODY

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
PASSING = ("after", "sort")  # these turn a list, they do not narrow it
BOXES = forms.CheckboxSelectMultiple


def _people(branch_id: int | None) -> list[tuple[str, str]]:
    rows = Employee.objects.filter(branch_id=branch_id or 0, is_active=True).order_by("pinyin", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


class TaskFilter(forms.Form):
    """Which tasks are listed."""

    STATES = [("owed", "未完成"), ("all", "全部状态"), ("kept", "未取消"), *Task.State.choices]
    KINDS = [*Kind.choices, ("aim", "力争")]
    DUE = [
        ("late", "已逾期"),
        ("today", "今日及以前"),
        ("week", "7 天内"),
        ("later", "7 天以后"),
        ("past", "此刻已到期"),
    ]
    DONE = [("today", "今日完成"), ("week", "7 天内完成"), ("month", "30 天内完成")]
    CHANNELS = [("talk", "逐一联系"), ("messages", "批量发送"), *Channel.choices]

    q = forms.CharField(label="客户", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "不限"), *STATES])
    due = forms.ChoiceField(label="时限", required=False, choices=[("", "不限"), *DUE])
    due_since = DayField(label="时限从", required=False, widget=DATE)
    kind = forms.MultipleChoiceField(label="要求", required=False, choices=KINDS, widget=BOXES)
    source = forms.MultipleChoiceField(label="来源", required=False, choices=Task.Source.choices, widget=BOXES)
    tier = forms.MultipleChoiceField(label="等级", required=False, choices=Tier.choices, widget=BOXES)
    rule = forms.ModelChoiceField(label="MOT 类型", required=False, queryset=Rule.objects.order_by("number"))
    owner = forms.MultipleChoiceField(label="负责人", required=False, widget=forms.SelectMultiple(attrs={"size": 4}))
    channel = forms.ChoiceField(label="方式", required=False, choices=[("", "不限"), *CHANNELS])
    done = forms.ChoiceField(label="完成时间", required=False, choices=[("", "不限"), *DONE])
    made = DayField(label="生成于夜间作业", required=False, widget=DATE)
    batch = forms.IntegerField(label="批次", required=False, min_value=1, max_value=2**31, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, branch_id: int | None) -> None:
        super().__init__(data)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.MultipleChoiceField)
        owner.choices = [(NOBODY, "没有负责人"), *_people(branch_id)]


def task_filter(asked: QueryDict, branch_id: int | None) -> TaskFilter:
    """Return the validated filter of a request; a list that asks for nothing holds what is owed."""
    narrowing = any(asked.getlist(name) for name in asked if name not in PASSING)
    form = TaskFilter(asked if narrowing else QueryDict("state=owed"), branch_id=branch_id)
    form.is_valid()  # what cannot be read is left out and shown with its reason
    return form


class ContactFilter(forms.Form):
    """Which entries of the log are listed."""

    OPEN = [("need", "记有需求"), ("promise", "记有承诺"), ("corrected", "更正过"), ("undone", "已撤回")]

    q = forms.CharField(label="客户", required=False, max_length=40)
    channel = forms.MultipleChoiceField(label="方式", required=False, choices=Channel.choices, widget=BOXES)
    result = forms.MultipleChoiceField(label="结果", required=False, choices=Contact.Result.choices, widget=BOXES)
    initiator = forms.ChoiceField(label="发起", required=False, choices=[("", "不限"), *Contact.Initiator.choices])
    holds = forms.MultipleChoiceField(label="内容", required=False, choices=OPEN, widget=BOXES)
    tier = forms.MultipleChoiceField(label="等级", required=False, choices=Tier.choices, widget=BOXES)
    author = forms.ChoiceField(label="记录人", required=False)
    since = DayField(label="从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)

    def __init__(self, data: Any, *, branch_id: int | None) -> None:
        super().__init__(data)
        author = self.fields["author"]
        assert isinstance(author, forms.ChoiceField)
        author.choices = [("", "全部"), *_people(branch_id)]


class PeriodFilter(forms.Form):
    """Which period a statistic covers."""

    PERIODS = [("week", "本周"), ("month", "本月"), ("last", "上月"), ("quarter", "近 90 天")]

    period = forms.ChoiceField(required=False, choices=PERIODS)
    since = DayField(label="从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)


class VisitFilter(forms.Form):
    """Which return visits are listed."""

    STATES = [
        ("open", "待回访"),
        ("soon", "七日内到期"),
        ("late", "已逾期"),
        ("unowned", "待分派"),
        ("done", "已回访"),
        ("no_recording", "无录音编号"),
    ]

    q = forms.CharField(label="客户", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "不限"), *STATES])
    kind = forms.MultipleChoiceField(label="类别", required=False, choices=ReturnVisit.Kind.choices, widget=BOXES)
    outcome = forms.MultipleChoiceField(label="结论", required=False, choices=ReturnVisit.Outcome.choices, widget=BOXES)
    tier = forms.MultipleChoiceField(label="等级", required=False, choices=Tier.choices, widget=BOXES)
    caller = forms.ChoiceField(label="回访人", required=False)
    opinion = forms.BooleanField(label="有意见与建议", required=False)

    def __init__(self, data: Any, *, branch_id: int | None) -> None:
        super().__init__(data)
        caller = self.fields["caller"]
        assert isinstance(caller, forms.ChoiceField)
        caller.choices = [("", "全部"), *_people(branch_id)]
