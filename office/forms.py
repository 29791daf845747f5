"""What is typed into the pages of the office, checked as input; the rules stand in the operations."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from office.fields import DayField
from office.models import (
    NON_MARKETING_ROLES,
    SERVING_ROLES,
    Branch,
    Capacity,
    Employee,
    EmployeeSkill,
    Leave,
    Role,
    Skill,
    Team,
)
from office.operations.people import Rating
from office.operations.staff import EDITABLE
from office.queries.account import tries_left
from office.rules import role_conflict

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OwnPasswordForm(PasswordChangeForm):
    """The own password, old and new, in the words of the house."""

    error_messages = {**PasswordChangeForm.error_messages, "password_incorrect": "旧密码不正确，请重新输入"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = "至少 8 个字符，不能全是数字；不用常见密码，也不与工号、姓名相近"
        self.fields["new_password2"].label, self.fields["new_password2"].help_text = "再输一次新密码", ""


class LoginForm(forms.Form):
    """Staff number and password; a failure says how many tries are left, the same for known and unknown numbers."""

    username = forms.CharField(
        label="工号", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        self.user: Employee | None = None
        self.tries_left: int | None = None  # after a failure

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        user = authenticate(self.request, username=values["username"], password=values["password"])
        self.user = user if isinstance(user, Employee) else None
        if self.user is None:
            self.tries_left = tries_left(values["username"])
            self.add_error("password", "请重新输入密码")
            raise ValidationError("工号或密码不对。")
        return values


class EmployeeForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """The record of an employee; `version` and `original` say what was on the screen when it was opened."""

    roles = forms.MultipleChoiceField(label="角色", choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    original = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Employee
        fields = EDITABLE
        widgets = {"hired_on": DATE, "registration_valid_to": DATE}

    def __init__(self, data: Any = None, *, branch: Branch, instance: Employee | None = None) -> None:
        super().__init__(data, instance=instance)
        self.order_fields(EDITABLE)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset, team.empty_label = Team.objects.filter(branch=branch).order_by("name"), "不属于团队"
        if instance is not None:
            self.initial["version"] = instance.version
            self.initial["original"] = json.dumps(shown(instance), ensure_ascii=False)

    def clean_roles(self) -> list[str]:
        """Refuse posts that one person may not hold together."""
        roles: list[str] = self.cleaned_data["roles"]
        if role_conflict(roles, NON_MARKETING_ROLES, SERVING_ROLES):
            raise ValidationError("合规、风控、审计、柜台、运营和技术岗位不能同时担任服务客户的岗位")
        return roles


class HireForm(EmployeeForm):
    """A new employee: the record and the staff number, which never changes afterwards."""

    staff_no = forms.CharField(label="工号", max_length=20)

    def __init__(self, data: Any = None, *, branch: Branch) -> None:
        super().__init__(data, branch=branch)
        self.order_fields(["staff_no", *EDITABLE])

    def clean_staff_no(self) -> str:
        """Refuse a staff number that is taken."""
        staff_no: str = self.cleaned_data["staff_no"]
        if Employee.objects.filter(staff_no=staff_no).exists():
            raise ValidationError("这个工号已有人使用，离职员工的工号也不再分配")
        return staff_no


def shown(employee: Employee) -> dict[str, str]:
    """Return the editable fields of an employee in words, as a conflict is shown."""
    return {
        "name": employee.name,
        "team": employee.team.name if employee.team else "",
        "roles": "、".join(employee.role_labels),
        "employment": employee.get_employment_display(),
        "registration": employee.get_registration_display(),
        "registration_no": employee.registration_no,
        "registration_valid_to": str(employee.registration_valid_to or ""),
        "phone": employee.phone,
        "email": employee.email,
        "hired_on": str(employee.hired_on or ""),
    }


class DepartureForm(forms.Form):
    """When and why somebody leaves."""

    left_on = DayField(label="离职日期", widget=DATE, help_text="从这一天起不再登录，也不再接手客户")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    knows_orphans = forms.BooleanField(
        label="我已知道：名下客户当晚转给临时负责人，正式交接另走离职方案",
        error_messages={"required": "请先确认名下客户的去向"},
    )

    def __init__(self, *args: Any, is_serving: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_serving:
            del self.fields["knows_orphans"]


class TeamForm(forms.Form):
    """The name and leader of a team."""

    name = forms.CharField(label="团队名称", max_length=40)
    leader = forms.ModelChoiceField(
        label="团队长", queryset=Employee.objects.none(), required=False, empty_label="暂无",
        help_text="只列出本营业部在职、角色含「团队长」的员工",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, branch: Branch, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        leader = self.fields["leader"]
        assert isinstance(leader, forms.ModelChoiceField)
        leader.queryset = Employee.objects.filter(
            branch=branch, is_active=True, roles__contains=[Role.TEAM_LEADER]
        ).order_by("pinyin", "pk")


class CapacityForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """What can be served from a day on."""

    class Meta:
        model = Capacity
        fields = ["valid_from", "max_clients", "minutes_per_week", "reserved_ratio"]
        widgets = {"valid_from": DATE}
        help_texts = {"reserved_ratio": "不安排客户的时间占比，0 至 0.999"}

    def clean_reserved_ratio(self) -> Decimal:
        ratio: Decimal = self.cleaned_data["reserved_ratio"]
        if not 0 <= ratio < 1:
            raise forms.ValidationError("请填写 0 至 0.999 之间的数")
        return ratio


class LeaveForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """Days off and who stands in."""

    class Meta:
        model = Leave
        fields = ["starts_on", "ends_on", "substitute", "note"]
        widgets = {"starts_on": DATE, "ends_on": DATE}
        help_texts = {"substitute": "请假期间可查看并服务其客户；满 30 天的请假，夜间会把客户交给临时负责人"}

    def __init__(self, data: Any = None, *, employee: Employee) -> None:
        super().__init__(data, instance=Leave(employee=employee))
        substitute = self.fields["substitute"]
        assert isinstance(substitute, forms.ModelChoiceField)
        substitute.empty_label = "不指定"
        substitute.queryset = (
            Employee.objects.filter(branch_id=employee.branch_id or 0, is_active=True)
            .exclude(pk=employee.pk)
            .order_by("pinyin", "pk")
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = values.get("starts_on"), values.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "结束不能早于开始")
        return values


class SkillsForm(forms.Form):
    """A level and the evidence for every skill, in two fields a row: `level_…` and `evidence_…`."""

    LEVELS = [(level, str(level) if level else "0 无") for level in range(6)]

    def __init__(self, data: Any = None, *, held: list[EmployeeSkill]) -> None:
        super().__init__(data)
        rated = {row.skill: row for row in held}
        for skill in Skill:
            row = rated.get(skill.value)
            self.fields[f"level_{skill}"] = forms.TypedChoiceField(
                label=f"{skill.label}水平", choices=self.LEVELS, coerce=int, initial=row.level if row else 0
            )
            self.fields[f"evidence_{skill}"] = forms.CharField(
                label=f"{skill.label}依据", max_length=120, required=False, initial=row.evidence if row else ""
            )

    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return (skill in words, its level field, its evidence field), a row each."""
        return [(skill.label, self[f"level_{skill}"], self[f"evidence_{skill}"]) for skill in Skill]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for skill in Skill:
            if values.get(f"level_{skill}") and not values.get(f"evidence_{skill}"):
                self.add_error(f"evidence_{skill}", "请写明评定依据")
        return values

    def ratings(self) -> list[Rating]:
        """Return the ratings of a valid form."""
        values = self.cleaned_data
        return [Rating(skill, values[f"level_{skill}"], values[f"evidence_{skill}"]) for skill in Skill]


class YearForm(forms.Form):
    """A year of the calendar as CSV: a file, or its text when the preview is confirmed."""

    year = forms.IntegerField(label="年份", min_value=2004, max_value=2099)
    file = forms.FileField(
        label="日历文件",
        required=False,
        help_text="CSV：日期,类别,说明。只列与平常不同的日子，类别写「休息」或「上班」",
    )
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    MAX_BYTES = 200_000

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        upload = values.get("file")
        if upload is not None:
            if upload.size > self.MAX_BYTES:
                raise ValidationError("文件超过 200 KB，不像一年的日历")
            values["text"] = _decoded(upload.read())
        if not values.get("text"):
            self.add_error("file", "请选择日历文件")
        return values


def _decoded(raw: bytes) -> str:
    """Return a Chinese CSV as text: UTF-8 (with or without BOM), else GB18030. Raises ValidationError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError("文件编码应为 UTF-8 或 GB18030")


class AuditFilter(forms.Form):
    """What of the audit book is shown."""

    actor = forms.CharField(
        label="操作人", required=False, max_length=40, widget=forms.TextInput(attrs={"placeholder": "操作人姓名或工号"})
    )
    action = forms.ChoiceField(label="动作", required=False)
    subject = forms.CharField(
        label="对象", required=False, max_length=80, widget=forms.TextInput(attrs={"placeholder": "对象名称或编号"})
    )
    since = DayField(label="从", required=False, widget=DATE)
    until = DayField(label="至", required=False, widget=DATE)

    def __init__(self, data: Any, actions: list[tuple[str, str]]) -> None:
        super().__init__(data)
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [("", "全部动作"), *actions]


class StaffFilter(forms.Form):
    """Which employees are listed."""

    STATES = [("employed", "在职"), ("away", "今日请假"), ("left", "已停用"), ("all", "全部")]
    q = forms.CharField(label="姓名、拼音或工号", required=False, max_length=40)
    team = forms.ModelChoiceField(label="团队", queryset=Team.objects.none(), required=False, empty_label="全部团队")
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部角色"), *Role.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)

    def __init__(self, data: Any, *, branch: Branch | None) -> None:
        super().__init__(data)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(branch=branch).order_by("name")


class ViewForm(forms.Form):
    """The name of a saved view."""

    name = forms.CharField(label="视图名称", max_length=30)
