"""What each act on a complaint asks for; the rules stand in the operations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from clients.models import Client
from complaints.models import (
    BusinessClass,
    Category,
    Cause,
    Channel,
    Complaint,
    Outcome,
    Reasonableness,
    Urgency,
)
from complaints.queries.limits import limits
from complaints.queries.staff import eligible_approvers, eligible_handlers
from complaints.rules.wording import APPEAL
from office.models import Employee

ROWS = {"rows": 4}
UNSAID = ("", "请选择")


def words(
    label: str, *, rows: int = 4, required: bool = True, help_text: str = "", initial: str = "", least: int = 0
) -> Any:
    """Return a field of running text, of `least` characters or more."""
    return forms.CharField(
        label=label, required=required, help_text=help_text, initial=initial, max_length=4000,
        min_length=least or None, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"min_length": f"请写得详细些，不少于 {least} 个字"},
    )  # fmt: skip


class ActForm(forms.Form):
    """An act without facts of its own; `version` is that of the complaint the person looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, complaint: Complaint, by: Employee, on: date) -> None:
        super().__init__(data, files, initial={"version": complaint.version})
        self.complaint, self.by, self.on = complaint, by, on
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and present values."""

    def people(self, name: str, rows: QuerySet[Employee]) -> None:
        """Offer `rows` in the field `name`."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows.order_by("pinyin", "pk")
        field.empty_label = "请选择"


def person(label: str, help_text: str = "") -> Any:
    """Return a field that chooses one of the staff."""
    return forms.ModelChoiceField(label=label, queryset=Employee.objects.none(), help_text=help_text)


class NoteForm(ActForm):
    note = words("说明", rows=2, required=False)


class ReasonForm(ActForm):
    reason = words("理由", rows=3)


class MediationForm(ActForm):
    note = words("调解机构与申请方式", rows=2)


class CauseForm(ActForm):
    cause_code = forms.ChoiceField(label="原因", choices=[UNSAID, *Cause.choices])
    cause_note = words("调查结果", help_text="查了什么、依据是什么、结论如何")
    reasonableness = forms.ChoiceField(label="诉求是否合理", choices=Reasonableness.choices)

    def prepare(self) -> None:
        self.initial["reasonableness"] = self.complaint.reasonableness


class PlanForm(ActForm):
    outcome = forms.ChoiceField(label="处理结论", choices=[UNSAID, *Outcome.choices])
    plan = words("处理方案")
    refusal_reason = words("不支持的理由", rows=3, required=False, help_text="结论为不支持时必填，并写明依据")
    appeal_text = words("救济途径", rows=3, required=False, help_text="结论为不支持时须告知客户")

    def prepare(self) -> None:
        present = self.complaint
        self.initial = {
            **self.initial, "outcome": present.outcome, "plan": present.plan, "refusal_reason": present.refusal_reason,
            "appeal_text": present.appeal_text or APPEAL,
        }  # fmt: skip


class FeedbackForm(ActForm):
    SCORES = [
        ("", "未评价"),
        ("5", "5 分，很满意"),
        ("4", "4 分"),
        ("3", "3 分"),
        ("2", "2 分"),
        ("1", "1 分，很不满意"),
    ]

    channel = forms.ChoiceField(label="反馈方式", choices=[UNSAID, *Channel.choices])
    text = words("告知客户的内容")
    satisfaction = forms.TypedChoiceField(
        label="客户满意度", required=False, choices=SCORES, coerce=int, empty_value=None
    )


class RejectForm(ActForm):
    reason = words("不予受理的理由", rows=3)
    appeal_text = words("救济途径", rows=3, initial=APPEAL)


class ReviewForm(ActForm):
    reviewer = person("复核人", "须有批准权限，且未参与原处理")
    reason = words("客户要求复核的理由", rows=3)

    def prepare(self) -> None:
        able = eligible_approvers(self.complaint, self.on).exclude(pk=self.complaint.approver_id or 0)
        self.people("reviewer", able)


class ExtensionForm(ActForm):
    days = forms.IntegerField(label="延长（自然日）", min_value=1)
    reason = words("延长的理由", rows=3)

    def prepare(self) -> None:
        most = limits(self.complaint.branch)["extension"].amount
        self.fields["days"].help_text = f"只能延长一次，不超过 {most} 日，须经批准"


class ClassifyForm(ActForm):
    category = forms.ChoiceField(label="类别", choices=Category.choices)
    business_class = forms.ChoiceField(label="业务", choices=BusinessClass.choices)
    people_count = forms.IntegerField(label="人数", min_value=1, max_value=9999)
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices)
    reasonableness = forms.ChoiceField(label="合理性", choices=Reasonableness.choices)

    def prepare(self) -> None:
        present = {name: getattr(self.complaint, name) for name in self.fields if name != "version"}
        self.initial = {**self.initial, **present}


class IdentifyForm(ActForm):
    client_no = forms.CharField(label="客户号", max_length=20, help_text="填写您权限范围内客户的客户号")

    def clean_client_no(self) -> Client:
        rows = Client.objects.visible_to(self.by).filter(client_no=self.cleaned_data["client_no"].strip())
        found = rows.first()
        if found is None:
            raise forms.ValidationError("没有找到您可查看的客户，请核对客户号")
        return found


class NameForm(ActForm):
    employee = person("被投诉人", "列入后，此人不能办理也看不到这件投诉")
    reason = words("依据", rows=2, required=False)

    def prepare(self) -> None:
        rows = Employee.objects.filter(branch_id=self.complaint.branch_id)
        self.people("employee", rows.exclude(pk__in=self.complaint.parties.values("employee_id")))


class ReleaseForm(ActForm):
    employee = person("准予查看的人", "准予后可以阅读，仍不能参与办理")
    reason = words("理由", rows=2)

    def prepare(self) -> None:
        unread = self.complaint.parties.filter(released_at=None)
        self.people("employee", Employee.objects.filter(pk__in=unread.values("employee_id")))


class HandOverForm(ActForm):
    to = person("新处理人")
    reason = words("理由", rows=2)

    def prepare(self) -> None:
        self.people("to", eligible_handlers(self.complaint, self.on).exclude(pk=self.complaint.handler_id or 0))


class AttachForm(ActForm):
    file = forms.FileField(label="文件", help_text="PDF、图片、Word、Excel、录音或文本，不超过 20 MB，保存 20 年")


class ReferForm(ActForm):
    to = person("转交给", "此人从现在起可以查看这件投诉")
    request = words("请办事项", rows=3)
    working_days = forms.IntegerField(label="回复时限（工作日）", min_value=1, max_value=30, initial=2)

    def prepare(self) -> None:
        named = self.complaint.parties.values("employee_id")
        rows = Employee.objects.filter(branch_id=self.complaint.branch_id, is_active=True).exclude(pk=self.by.pk)
        self.people("to", rows.exclude(pk__in=named))


class AnswerForm(ActForm):
    answer = words("回复内容")


class MergeForm(ActForm):
    into = forms.CharField(label="并入哪件投诉", max_length=20, help_text="填写先收到的投诉编号，TS 开头")
    reason = words("理由", rows=2)

    def clean_into(self) -> Complaint:
        rows = Complaint.objects.visible_to(self.by).filter(no__iexact=self.cleaned_data["into"].strip())
        found = rows.exclude(pk=self.complaint.pk).first()
        if found is None:
            raise forms.ValidationError("没有找到您可查看的这件投诉，请核对编号")
        return found
