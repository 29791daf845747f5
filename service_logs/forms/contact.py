"""The log of a contact as it is typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from office.fields import DayField, MomentField
from office.formats import day as day_words
from service_logs.models import MESSAGES, Channel, Contact, Script, Task
from service_logs.queries.tasks import is_after_contact
from service_logs.rules.words import forbidden_words

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
CHANNELS = [
    (Channel.PHONE, "电话"), (Channel.WECOM, "企微"), (Channel.VISIT, "面谈"), (Channel.SMS, "短信"),
    (Channel.EMAIL, "邮件"),
]  # fmt: skip
R = Contact.Result
RESULTS = [
    (R.REACHED, "已联系"), (R.NOT_REACHED, "未接通"), (R.CALLBACK_AGREED, "约时间"), (R.REFUSED, "拒绝"),
    (R.WRONG_PERSON, "号码有误"), (R.COMPLAINT_RAISED, "提出投诉"),
]  # fmt: skip
WRITTEN = {R.REACHED: R.SMS_DELIVERED, R.NOT_REACHED: R.SMS_FAILED}  # the same two words for a message
BY_RHYTHM, TOMORROW, IN_THREE_DAYS, CHOSEN = "rhythm", "tomorrow", "three", "date"
LONGEST_TALK = 480  # minutes


def plain_words(text: str) -> str:
    """Return `text`; raise ValidationError, naming them, if it uses words that may stand in no record."""
    used = forbidden_words(text)
    if used:
        raise ValidationError(f"请改写不得使用的用语：{'、'.join(used)}")
    return text


class ContactForm(forms.Form):
    """One entry of the log. Its defaults leave two clicks and one sentence to do."""

    tasks = forms.ModelMultipleChoiceField(queryset=Task.objects.none(), required=False)
    channel = forms.ChoiceField(label="方式", choices=CHANNELS, widget=forms.RadioSelect)
    minutes = forms.IntegerField(
        label="时长（分钟）", min_value=0, max_value=LONGEST_TALK, required=False,
        widget=forms.NumberInput(attrs={"class": "num", "inputmode": "numeric"}),
    )  # fmt: skip
    result = forms.ChoiceField(label="结果", choices=RESULTS, widget=forms.RadioSelect)
    feedback = forms.ChoiceField(label="客户反馈", required=False, widget=forms.RadioSelect)
    summary = forms.CharField(
        label="摘要", max_length=1000, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="不得承诺收益或分担损失；涉及个券观点，请转投资顾问。",
    )  # fmt: skip
    promise = forms.CharField(label="新承诺（选填）", max_length=200, required=False)
    promise_due_on = DayField(label="兑现日", required=False, widget=DATE)
    next = forms.ChoiceField(label="下次联系", widget=forms.RadioSelect)
    next_on = DayField(label="自选日期", required=False, widget=DATE)
    need = forms.CharField(label="客户需求（选填）", max_length=200, required=False)
    initiator = forms.ChoiceField(label="发起方", choices=Contact.Initiator.choices, widget=forms.RadioSelect)
    script = forms.ModelChoiceField(queryset=Script.objects.none(), required=False, widget=forms.HiddenInput)
    at = MomentField(label="发生时间", required=False, widget=MOMENT, help_text="补记以前的联系时填写")

    def __init__(
        self,
        data: Any = None,
        *,
        tasks: Sequence[Task],
        owed: Sequence[Task],
        feedback: Sequence[str],
        rhythm_on: date | None,
        today: date,
        scripts: Sequence[Script] = (),
    ) -> None:
        """`tasks` are those the contact closes unless unticked, `owed` all that may be ticked, `scripts` lie beside."""
        lead = tasks[0] if tasks else None
        initial = {
            "channel": lead.channel if lead and lead.channel in dict(CHANNELS) else Channel.PHONE,
            "minutes": round(sum(task.minutes for task in tasks if task.is_primary)) or None,
            "result": R.REACHED,
            "next": BY_RHYTHM,
            "initiator": Contact.Initiator.STAFF,
            "script": scripts[0] if scripts else None,
        }
        super().__init__(data, initial=initial)
        self.today, self.scripts = today, list(scripts)
        chosen = self.fields["tasks"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)
        chosen.queryset = Task.objects.filter(pk__in=[task.pk for task in owed]).select_related("rule", "signal")
        script = self.fields["script"]
        assert isinstance(script, forms.ModelChoiceField)
        script.queryset = Script.objects.filter(pk__in=[row.pk for row in scripts])
        self._choices("feedback", [(words, words) for words in feedback])
        by_rhythm = f"按节奏 {day_words(rhythm_on, today)}" if rhythm_on else "按节奏"
        self._choices(
            "next", [(BY_RHYTHM, by_rhythm), (TOMORROW, "明天"), (IN_THREE_DAYS, "3 天后"), (CHOSEN, "自选日期")]
        )

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def ticked(self) -> set[int]:
        """The tasks ticked on the screen that came in."""
        return {int(pk) for pk in self["tasks"].value() or [] if str(pk).isdecimal()}

    @property
    def more_used(self) -> bool:
        """Whether one of the rarer fields holds something that must be seen."""
        return any(self[name].errors or (self.is_bound and self[name].value()) for name in ("need", "at"))

    def clean_summary(self) -> str:
        return plain_words(self.cleaned_data["summary"])

    def clean_promise(self) -> str:
        return plain_words(self.cleaned_data["promise"])

    def clean_need(self) -> str:
        return plain_words(self.cleaned_data["need"])

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > timezone.now():
            raise ValidationError("发生时间不能晚于现在")
        return at

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("promise") and not values.get("promise_due_on") and "promise_due_on" not in self.errors:
            self.add_error("promise_due_on", "请填写兑现日")
        if values.get("promise_due_on") and not values.get("promise"):
            self.add_error("promise", "请写明承诺的内容")
        if values.get("promise_due_on") and values["promise_due_on"] < self.today:
            self.add_error("promise_due_on", "兑现日不能早于今天")
        if values.get("channel") in MESSAGES:
            values["result"] = WRITTEN.get(values.get("result", ""), values.get("result"))
        if values.get("at") and any(is_after_contact(task, values["at"]) for task in values.get("tasks") or ()):
            self.add_error("at", "这次联系早于所选任务，不能用来办结它")
        values["next_contact_on"] = self._next_contact_on(values)
        return values

    def _next_contact_on(self, values: dict[str, Any]) -> date | None:
        """Return the day agreed on, None to follow the rhythm."""
        if values.get("next") == CHOSEN:
            chosen: date | None = values.get("next_on")
            if chosen is None or chosen <= self.today:
                self.add_error("next_on", "请选择今天以后的日期")
            return chosen
        days = {TOMORROW: 1, IN_THREE_DAYS: 3}.get(values.get("next", ""))
        return self.today + timedelta(days=days) if days else None

    def entry(self) -> dict[str, Any]:
        """Return what is written down, as the operation takes it."""
        values = self.cleaned_data
        chosen = list(values["tasks"])
        is_client = values["initiator"] == Contact.Initiator.CLIENT
        return {
            "tasks": chosen,
            "channel": values["channel"],
            "duration_min": values["minutes"],
            "result": values["result"],
            "feedback": values["feedback"],
            "summary": values["summary"],
            "promise": values["promise"],
            "promise_due_on": values["promise_due_on"],
            "next_contact_on": values["next_contact_on"],
            "need": values["need"],
            "initiator": values["initiator"],
            "direction": Contact.Direction.IN if is_client else Contact.Direction.OUT,
            "purpose": Contact.Purpose.MOT if any(task.rule_id for task in chosen) else Contact.Purpose.CARE,
            "at": values["at"],
            "script": values["script"],
        }


class CorrectForm(forms.ModelForm[Contact]):
    """An entry put right; `version` and `original` say what was on the screen when it was opened."""

    reason = forms.CharField(label="更正原因", max_length=100)
    version = forms.IntegerField(widget=forms.HiddenInput)
    original = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Contact
        fields = [
            "at", "channel", "result", "summary", "feedback", "need", "duration_min", "next_contact_on", "initiator",
            "purpose", "audience",
        ]  # fmt: skip
        widgets = {"at": MOMENT, "summary": forms.Textarea(attrs={"rows": 3}), "next_contact_on": DATE}

    def __init__(self, data: Any = None, *, instance: Contact) -> None:
        super().__init__(data, instance=instance)
        self.initial["version"] = instance.version
        self.initial["original"] = json.dumps(shown(instance), ensure_ascii=False)

    def clean_at(self) -> datetime:
        """Return the moment; the seconds that the field does not show are no change."""
        at: datetime = self.cleaned_data["at"]
        held: datetime = self.instance.at
        return held if at == held.replace(second=0, microsecond=0) else at

    def clean_summary(self) -> str:
        return plain_words(self.cleaned_data["summary"])

    def clean_need(self) -> str:
        return plain_words(self.cleaned_data["need"])

    def clean_feedback(self) -> str:
        return plain_words(self.cleaned_data["feedback"])


def shown(contact: Contact) -> dict[str, str]:
    """Return the fields that may be corrected in words, as a conflict is shown."""
    day = contact.next_contact_on
    return {
        "at": f"{timezone.localtime(contact.at):%Y-%m-%d %H:%M}",
        "channel": contact.get_channel_display(),
        "result": contact.get_result_display(),
        "summary": contact.summary,
        "feedback": contact.feedback,
        "need": contact.need,
        "duration_min": "" if contact.duration_min is None else str(contact.duration_min),
        "next_contact_on": str(day or ""),
        "initiator": contact.get_initiator_display(),
        "purpose": contact.get_purpose_display(),
        "audience": contact.get_audience_display(),
    }
