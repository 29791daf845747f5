"""What is typed about findings and the service standard, checked as input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clients.models import Client, Topic
from complaints.models import Finding, SurveyRun
from complaints.queries.findings import possible_owners
from complaints.queries.satisfaction import runs_for
from office.fields import DayField
from office.models import Employee

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WEEKS = timedelta(days=28)


class FindingFilter(forms.Form):
    """Which findings are listed."""

    SHOW = [("overdue", "已逾期"), ("mine", "由我负责")]

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *Finding.State.choices])
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "共性与个性"), *Finding.Kind.choices])
    topic = forms.ChoiceField(label="主题", required=False, choices=[("", "全部主题"), *Topic.choices])
    show = forms.ChoiceField(label="范围", required=False, choices=[("", "全部范围"), *SHOW])


class SpanForm(forms.Form):
    """Which period is analysed."""

    since = DayField(label="从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)

    def span(self, today: date) -> tuple[date, date]:
        """Return the period, the last 90 days where nothing readable was asked."""
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until") or today
        return values.get("since") or until - timedelta(days=90), until


class FindingForm(forms.Form):
    """A finding as it is put on the list."""

    title = forms.CharField(label="事项", max_length=80)
    topic = forms.ChoiceField(label="主题", choices=Topic.choices)
    kind = forms.ChoiceField(label="共性或个性", choices=Finding.Kind.choices, widget=forms.RadioSelect)
    client_no = forms.CharField(label="客户号", max_length=32, required=False, help_text="个性需求填写")
    about = forms.ModelChoiceField(
        label="涉及员工", queryset=Employee.objects.none(), required=False, empty_label="不针对个人",
        help_text="该员工不能负责此事项，也看不到它",
    )  # fmt: skip
    base_run = forms.ModelChoiceField(
        label="整改前的调查", queryset=SurveyRun.objects.none(), required=False, empty_label="无",
        help_text="复测时与之比较",
    )  # fmt: skip
    note = forms.CharField(label="说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any = None, *, by: Employee, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.by = by
        about, base = self.fields["about"], self.fields["base_run"]
        assert isinstance(about, forms.ModelChoiceField)
        assert isinstance(base, forms.ModelChoiceField)
        about.queryset = possible_owners(by, by.pk)  # nobody files what is about himself
        base.queryset = runs_for(by).reverse()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        number = values.get("client_no", "").strip()
        values["client"] = None
        if number:
            values["client"] = Client.objects.visible_to(self.by).filter(client_no=number).first()
            if values["client"] is None:
                self.add_error("client_no", "没有这个客户号")
        elif values.get("kind") == Finding.Kind.INDIVIDUAL:
            self.add_error("client_no", "个性需求请填写客户号")
        return values


class VersionForm(forms.Form):
    """Which state of the finding was on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MeasureForm(VersionForm):
    """What is done, by whom, until when."""

    measure_kind = forms.ChoiceField(label="措施类别", choices=Finding.MeasureKind.choices, widget=forms.RadioSelect)
    measure = forms.CharField(label="措施", max_length=600, widget=forms.Textarea(attrs={"rows": 4}))
    owner = forms.ModelChoiceField(label="负责人", queryset=Employee.objects.none())
    due_on = DayField(label="完成期限", widget=DATE)

    def __init__(self, data: Any = None, *, finding: Finding, by: Employee, today: date) -> None:
        kind, words = finding.proposal
        start = {
            "measure_kind": finding.measure_kind or kind, "measure": finding.measure or words,
            "owner": finding.owner_id, "due_on": finding.due_on or today + WEEKS, "version": finding.version,
        }  # fmt: skip
        super().__init__(data, initial=start)
        self.today = today
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = possible_owners(by, finding.about_id)

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise ValidationError("期限不能早于今天")
        return due_on


class ResultForm(VersionForm):
    """What came of the measure."""

    result = forms.CharField(label="结果", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    done_on = DayField(label="完成日", widget=DATE)

    def __init__(self, data: Any = None, *, finding: Finding, today: date) -> None:
        super().__init__(data, initial={"version": finding.version, "done_on": today})
        self.today = today

    def clean_done_on(self) -> date:
        done_on: date = self.cleaned_data["done_on"]
        if done_on > self.today:
            raise ValidationError("完成日不能晚于今天")
        return done_on


class RemeasureForm(VersionForm):
    """The later run whose figure is compared."""

    run = forms.ModelChoiceField(label="复测所用的调查", queryset=SurveyRun.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, finding: Finding, by: Employee) -> None:
        super().__init__(data, initial={"version": finding.version})
        run = self.fields["run"]
        assert isinstance(run, forms.ModelChoiceField)
        run.queryset = runs_for(by).filter(opens_on__gte=finding.done_on or date.max).reverse()


class WhyForm(VersionForm):
    """Why a finding is dropped or taken up again."""

    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, finding: Finding) -> None:
        super().__init__(data, initial={"version": finding.version})


class StandardForm(forms.Form):
    """The next version of the service standard."""

    slogan = forms.CharField(label="服务理念", max_length=60)
    promises = forms.CharField(
        label="服务承诺", max_length=3000, widget=forms.Textarea(attrs={"rows": 12}), help_text="一行一条"
    )
    note = forms.CharField(label="本次修订", max_length=200, required=False)
