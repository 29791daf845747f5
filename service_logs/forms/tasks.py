"""What is typed about tasks, checked as input; the rules stand in the operations."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from office.fields import DayField
from office.models import Employee
from service_logs.forms.contact import CHANNELS, DATE, LONGEST_TALK, plain_words
from service_logs.models import Channel, Kind, TaskBatch
from service_logs.queries.scope import may_own
from service_logs.rules.releases import HELD, VERDICTS


class TaskForm(forms.Form):
    """A task made by hand, for one client or for each of many."""

    title = forms.CharField(label="事项", max_length=80)
    kind = forms.ChoiceField(label="要求", choices=Kind.choices, initial=Kind.MANDATORY, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label="方式", choices=CHANNELS, initial=Channel.PHONE, widget=forms.RadioSelect)
    due_on = DayField(label="时限", widget=DATE, help_text="休息日顺延到下一个工作日，当日 17:00 前")
    minutes = forms.IntegerField(label="预计（分钟）", min_value=1, max_value=LONGEST_TALK, initial=5)
    owner = forms.ModelChoiceField(
        label="负责人", queryset=Employee.objects.none(), required=False, empty_label="各客户的客户经理"
    )
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, by: Employee, today: date) -> None:
        super().__init__(data, initial={"due_on": today})
        self.today = today
        if by.has_perm("service_logs.assign_task"):
            owner = self.fields["owner"]
            assert isinstance(owner, forms.ModelChoiceField)
            owner.queryset = may_own(by)
        else:
            del self.fields["owner"]

    def values(self) -> dict[str, Any]:
        """Return what the task is, as the operation takes it."""
        return {"owner": None, **self.cleaned_data}

    def clean_title(self) -> str:
        return plain_words(self.cleaned_data["title"])

    def clean_note(self) -> str:
        return plain_words(self.cleaned_data["note"])

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise ValidationError("时限不能早于今天")
        return due_on


class BatchForm(TaskForm):
    """One task for every client of a list; `count` and `token` are those of the page that asked."""

    count = forms.IntegerField(widget=forms.HiddenInput, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, by: Employee, today: date, token: UUID) -> None:
        super().__init__(data, by=by, today=today)
        self.by = by
        self.initial["token"] = token

    def made_before(self) -> TaskBatch | None:
        """Return the batch that this very page made already, if it did."""
        return TaskBatch.objects.visible_to(self.by).filter(token=self.cleaned_data["token"], made_by=self.by).first()

    def agrees_with(self, count: int) -> bool:
        """Whether as many clients are found as the page said; if not, it says so and asks anew."""
        told = self.cleaned_data["count"] or 0
        if told != count:
            self.add_error(None, f"名单已由 {told:,} 位变为 {count:,} 位，请核对后再确认")
        return bool(told == count)

    def values(self) -> dict[str, Any]:
        """Return what the tasks are, as the operation takes it."""
        return {name: value for name, value in super().values().items() if name not in ("count", "token")}


class AssignForm(forms.Form):
    """Who takes the chosen tasks over."""

    owner = forms.ModelChoiceField(label="新负责人", queryset=Employee.objects.none())
    reason = forms.CharField(label="原因", max_length=100)

    def __init__(self, data: Any = None, *, by: Employee) -> None:
        super().__init__(data)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = may_own(by)


class PostponeForm(forms.Form):
    """Until when the chosen optional tasks wait."""

    due_on = DayField(label="顺延到", widget=DATE)


class ReasonForm(forms.Form):
    """Why something is ended or taken back; the answer stays with it."""

    reason = forms.CharField(label="原因", max_length=100)


class DoneForm(forms.Form):
    """How a task was done without a contact."""

    result = forms.CharField(label="办理结果", max_length=20, help_text="例如「客户自行办妥」")

    def clean_result(self) -> str:
        return plain_words(self.cleaned_data["result"])


class ReleaseForm(forms.Form):
    """Whether the client's manager may go on with what compliance looked at first."""

    verdict = forms.ChoiceField(label="结论", choices=list(VERDICTS.items()), widget=forms.RadioSelect)
    note = forms.CharField(
        label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="放行时客户经理看得到；暂缓须写明理由，只留在审计中",
    )  # fmt: skip

    def clean_note(self) -> str:
        return plain_words(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("verdict") == HELD and not values.get("note", "").strip() and "note" not in self.errors:
            self.add_error("note", "请写明暂缓的理由")
        return values


class ExportForm(forms.Form):
    """Why the list leaves the system; the answer stands in the audit book."""

    reason = forms.CharField(label="用途", max_length=100, help_text="导出将记入审计，请写明用途")


class MessageForm(forms.Form):
    """The text that went to all the chosen clients."""

    text = forms.CharField(
        label="内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="只写资讯、投教与服务通知；不得承诺收益、推荐个券。",
    )  # fmt: skip

    def clean_text(self) -> str:
        return plain_words(self.cleaned_data["text"])
