"""What the lists of complaints can be narrowed by; every filter lives in the address, so a list can be passed on."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.db.models import TextChoices

from complaints.models import BusinessClass, Category, Cause, Channel, PersonsClass, Reasonableness, State, Urgency
from office.fields import DayField
from office.models import Employee

ANY = ("", "不限")


def date_input() -> forms.DateInput:
    """Return the box of a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _choice(label: str, choices: type[TextChoices]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[ANY, *choices.choices])


def _told(person: Employee, is_shared: bool) -> str:
    return f"{person.name}（{person.staff_no}）" if is_shared else person.name


class ComplaintFilter(forms.Form):
    """Which complaints are listed; what says nothing of the state lists what is open."""

    q = forms.CharField(label="编号、投诉人或客户", required=False, max_length=40)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "办理中"), ("all", "全部状态"), *State.choices]
    )
    category = _choice("类别", Category)
    channel = _choice("渠道", Channel)
    business_class = _choice("业务", BusinessClass)
    persons_class = _choice("人数", PersonsClass)
    urgency = _choice("紧急程度", Urgency)
    reasonableness = _choice("合理性", Reasonableness)
    cause_code = forms.ChoiceField(label="原因", required=False, choices=[ANY, *Cause.choices, ("none", "未查明")])
    handler = forms.ChoiceField(label="处理人", required=False)
    about = forms.ChoiceField(label="被投诉人", required=False)
    overdue = forms.BooleanField(label="只看逾期", required=False)
    due_today = forms.BooleanField(label="今日到期", required=False)
    escalated = forms.BooleanField(label="已上报", required=False)
    unsatisfied = forms.BooleanField(label="客户不满意", required=False)
    once = forms.BooleanField(label="并案只计一件", required=False)
    since = DayField(label="收到从", required=False, widget=date_input())
    until = DayField(label="至", required=False, widget=date_input())
    client = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: Employee) -> None:
        super().__init__(data)
        people = list(Employee.objects.filter(branch_id=user.branch_id or 0).order_by("pinyin", "pk"))
        self._offer("handler", [person for person in people if person.is_active])
        if user.has_perm("complaints.view_figures"):
            self._offer("about", people)
        else:  # whom a complaint names is no news for who knows of it by its outline
            del self.fields["about"]

    def _offer(self, name: str, people: list[Employee]) -> None:
        """Let one of `people` be chosen, those of one name told apart by their numbers."""
        times = Counter(person.name for person in people)
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [ANY, *((str(one.pk), _told(one, times[one.name] > 1)) for one in people)]

    def clean_q(self) -> str:
        return str(self.cleaned_data["q"]).replace("\x00", "")

    @property
    def wanted(self) -> dict[str, Any]:
        """What `queries.lists.complaint_list` is asked for; what could not be read is left out."""
        self.is_valid()
        state = self.cleaned_data.get("state") or "open"
        return {**self.cleaned_data, "state": "" if state == "all" else state}


class PeriodFilter(forms.Form):
    """The days of a register or an analysis, both included; what cannot be read falls back."""

    since = DayField(label="从", required=False, widget=date_input())
    until = DayField(label="至", required=False, widget=date_input())

    def span(self, since: date, until: date) -> tuple[date, date]:
        """Return the days asked for, the given ones where nothing is."""
        self.is_valid()
        first, last = self.cleaned_data.get("since") or since, self.cleaned_data.get("until") or until
        return min(first, last), max(first, last)
