"""What a branch sets for itself, as it is typed: a row of the service policy, one type of the catalogue."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from service_logs.models import MESSAGES, Channel, Contact, Content, ServicePolicy, Way
from service_logs.queries.catalogue import RuleInForce
from service_logs.rules.settings import LABELS, MOST_FEEDBACK, fault_of_param

LONGEST_RHYTHM, LONGEST_TALK = 366, 480  # days, minutes
SEPARATORS = re.compile(r"[、,，;；\s]+")
PARAM = "param_"  # prefix of the fields of a rule's parameters


class PolicyForm(forms.Form):
    """What is owed to one group of clients in one way."""

    channel = forms.ChoiceField(label="方式", widget=forms.RadioSelect)
    fallback = forms.ChoiceField(label="客户不接受时改用", required=False)
    rhythm_days = forms.IntegerField(label="节奏（天）", min_value=1, max_value=LONGEST_RHYTHM)
    minutes = forms.FloatField(label="每次（分钟）", min_value=0.5, max_value=LONGEST_TALK)
    core_minutes = forms.FloatField(label="核心客户每次（分钟）", min_value=0.5, max_value=LONGEST_TALK, required=False)
    content = forms.ChoiceField(label="内容层次", choices=Content.choices)
    focus = forms.CharField(label="服务重点", max_length=40, required=False)
    qualifying = forms.MultipleChoiceField(label="算作联系的结果", widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label="启用", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, policy: ServicePolicy) -> None:
        super().__init__(data, initial={name: _whole(getattr(policy, name)) for name in self.base_fields})
        is_message = policy.way == Way.MESSAGE
        channels = [(code, label) for code, label in Channel.choices if (code in MESSAGES) == is_message]
        results = [
            (code, label)
            for code, label in Contact.Result.choices
            if code.startswith("sms_") == is_message or code == Contact.Result.REACHED
        ]
        for name, choices in (
            ("channel", channels),
            ("fallback", [("", "不联系"), *channels]),
            ("qualifying", results),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if is_message:
            del self.fields["core_minutes"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("fallback") and values.get("fallback") == values.get("channel"):
            self.add_error("fallback", "替代方式须与首选方式不同")
        return values

    def changes(self) -> dict[str, Any]:
        """Return what is to be saved, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class RuleForm(forms.Form):
    """One type of the catalogue as the branch wants it; its parameters are fields of their own."""

    is_active = forms.BooleanField(label="启用", required=False)
    deadline = forms.IntegerField(label="期限", min_value=0, max_value=90, required=False)
    cooldown_days = forms.IntegerField(
        label="冷却（交易日）", min_value=0, max_value=250, required=False, help_text="同一客户再次提醒前的间隔"
    )
    script_hint = forms.CharField(label="话术提示", max_length=200, required=False, widget=forms.Textarea({"rows": 2}))
    feedback = forms.CharField(
        label="客户反馈选项", max_length=100, required=False, help_text=f"最多 {MOST_FEEDBACK} 项，用顿号隔开"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, held: RuleInForce) -> None:
        initial = {
            "is_active": held.is_active,
            "deadline": held.deadline,
            "cooldown_days": held.cooldown_days,
            "script_hint": held.script_hint,
            "feedback": "、".join(held.feedback),
            "version": held.version,
        }
        super().__init__(data, initial=initial)
        self.held = held
        self.fields["deadline"].help_text = f"单位：{held.rule.get_measure_display()}"
        if held.rule.measure in ("same_day", "month"):
            del self.fields["deadline"]
        for name, value in held.params.items():
            text = "、".join(map(str, value)) if isinstance(value, list) else value
            self.fields[PARAM + name] = forms.CharField(label=LABELS.get(name, name), initial=text, max_length=60)

    def clean_feedback(self) -> list[str]:
        choices = [text for text in SEPARATORS.split(self.cleaned_data["feedback"]) if text]
        if len(choices) > MOST_FEEDBACK:
            raise ValidationError(f"最多 {MOST_FEEDBACK} 项")
        return choices

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["params"] = {name: self._param(name, str(values.get(PARAM + name, ""))) for name in self.held.params}
        return values

    def _param(self, name: str, text: str) -> Any:
        """Return a parameter in the catalogue's shape; what is wrong with it is said at its field."""
        known = self.held.rule.params
        try:
            value = (
                [int(part) for part in SEPARATORS.split(text) if part]
                if isinstance(known[name], list)
                else _number(text)
            )
        except ValueError:
            self.add_error(PARAM + name, "请填写数字")
            return known[name]
        fault = fault_of_param(known, name, value)
        if fault:
            self.add_error(PARAM + name, fault)
        return value

    def changes(self) -> dict[str, Any]:
        """Return what is to be saved, without the version."""
        names = ("is_active", "deadline", "cooldown_days", "script_hint", "feedback", "params")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def _whole(value: Any) -> Any:
    """Return 8.0 as 8, anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(text: str) -> int | float:
    plain = text.replace(",", "").strip()
    return int(plain) if plain.lstrip("-").isdecimal() else float(plain)
