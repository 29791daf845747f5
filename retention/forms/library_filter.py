"""What the lists around a case can be narrowed by; every filter lives in the address."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from clients.models import ChannelPreference
from office.fields import DayField
from office.models import Branch, Team
from retention.models import Drill, Grievance, OtherAccount, Reason

BOXES = forms.CheckboxSelectMultiple
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DrillFilter(forms.Form):
    """Which drills are listed."""

    q = forms.CharField(label="题目", required=False, max_length=40)
    state = forms.MultipleChoiceField(label="状态", required=False, choices=Drill.State.choices, widget=BOXES)
    team = forms.ModelChoiceField(label="团队", required=False, queryset=Team.objects.none(), empty_label="不限")
    since = DayField(label="日期从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)

    def __init__(self, data: QueryDict, *, branch: Branch | None) -> None:
        super().__init__(data)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(branch=branch).order_by("name", "pk") if branch else Team.objects.none()


class WalletFilter(forms.Form):
    """Which accounts elsewhere are listed."""

    q = forms.CharField(label="客户或券商", required=False, max_length=40)
    source = forms.MultipleChoiceField(label="来源", required=False, choices=OtherAccount.Source.choices, widget=BOXES)
    size = forms.ChoiceField(
        label="资产", required=False, choices=[("", "不限"), ("known", "已知"), ("unknown", "未知")]
    )
    used = forms.ChoiceField(label="常用", required=False, choices=[("", "不限"), ("most", "客户最常用")])


class GrievanceFilter(forms.Form):
    """Which grievances are listed."""

    q = forms.CharField(label="客户", required=False, max_length=40)
    kind = forms.MultipleChoiceField(label="类别", required=False, choices=Grievance.Kind.choices, widget=BOXES)


class WinbackFilter(forms.Form):
    """Which of those who left and may be reached are listed."""

    q = forms.CharField(label="客户", required=False, max_length=40)
    channel = forms.ChoiceField(
        label="可用渠道", required=False, choices=[("", "不限"), *ChannelPreference.Channel.choices]
    )
    reason = forms.ChoiceField(label="离开原因", required=False, choices=[("", "不限"), *Reason.choices])
