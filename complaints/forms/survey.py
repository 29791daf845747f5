"""What is typed about surveys, checked as input; the rules stand in the operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from clients.models import AnswerSheet, Client, Questionnaire, Tier, ValueType
from clients.questionnaires import MULTI, SCALE, TEXT, Answer, Ask, mistakes
from complaints.models import SurveyRun
from complaints.operations.surveys import Plan
from complaints.queries.surveys import questionnaires_in_force
from complaints.rules.surveys import FORUM, MOST_REMINDERS, ONLINE, PHONE
from office.fields import DayField
from office.models import SERVING_ROLES, Employee, Team

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BOXES = forms.CheckboxSelectMultiple
ASKED_FIRST = (ONLINE, PHONE, FORUM)  # the least disturbing way before the others
SEED_MAX = 2**31 - 1
MOST_ATTENDEES = 60
Options = list[tuple[str, str]]


class RunForm(forms.Form):
    """A survey: what is asked, of whom, how and when."""

    ALL, SIZE, SHARE = "all", "size", "share"
    SAMPLES = [(ALL, "全部符合条件的客户"), (SIZE, "抽取人数"), (SHARE, "抽取比例（%）")]

    title = forms.CharField(label="名称", max_length=60)
    questionnaire = forms.ModelChoiceField(label="问卷", queryset=Questionnaire.objects.none(), empty_label=None)
    channels = forms.MultipleChoiceField(
        label="渠道", choices=AnswerSheet.Channel.choices, widget=BOXES, initial=["online", "phone"],
        help_text="依次为在线（须同意接收）、电话、座谈会邀请（须未拒绝来电），取客户允许的第一种",
    )  # fmt: skip
    opens_on = DayField(label="开始", widget=DATE)
    closes_on = DayField(label="结束", widget=DATE, help_text="当日仍可回答")
    tiers = forms.MultipleChoiceField(label="等级", choices=Tier.choices, widget=BOXES, required=False)
    types = forms.MultipleChoiceField(label="类型", choices=ValueType.choices, widget=BOXES, required=False)
    teams = forms.MultipleChoiceField(label="团队", widget=BOXES, required=False)
    managers = forms.MultipleChoiceField(label="客户经理", widget=BOXES, required=False)
    contacted_since = DayField(label="此日以来联系过", widget=DATE, required=False)
    sampling = forms.ChoiceField(label="抽样", choices=SAMPLES, initial=SIZE, widget=forms.RadioSelect)
    amount = forms.IntegerField(label="人数或比例", min_value=1, initial=100, required=False)
    seed = forms.IntegerField(
        label="抽样种子", min_value=0, max_value=SEED_MAX, initial=1, help_text="同一种子抽出同一批客户，便于复核"
    )
    reminders_most = forms.IntegerField(label="最多提醒（次）", min_value=0, max_value=MOST_REMINDERS, initial=1)
    remind_after_days = forms.IntegerField(label="提醒间隔（天）", min_value=1, max_value=30, initial=5)
    low_opens = forms.ChoiceField(
        label="2 分及以下", choices=SurveyRun.LowOpens.choices, initial="event", widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, by: Employee, today: date, run: SurveyRun | None = None) -> None:
        start = {"opens_on": today, "closes_on": today + timedelta(days=30)}
        super().__init__(data, initial=_of_run(run) if run is not None else start)
        held = [row.pk for row in questionnaires_in_force(by)]
        chosen = self.fields["questionnaire"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Questionnaire.objects.filter(pk__in=held).order_by("-purpose", "code")
        branch_id = by.branch_id or 0
        people = Employee.objects.filter(branch=branch_id, is_active=True, roles__overlap=sorted(SERVING_ROLES))
        _choose(self.fields["managers"], people.order_by("pinyin", "pk").values_list("pk", "name"))
        _choose(self.fields["teams"], Team.objects.filter(branch=branch_id).order_by("name").values_list("pk", "name"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        opens, closes = values.get("opens_on"), values.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "结束不能早于开始")
        sampling, amount = values.get("sampling"), values.get("amount")
        if sampling != self.ALL and not amount:
            self.add_error("amount", "请填写人数或比例")
        if sampling == self.SHARE and amount and amount > 100:
            self.add_error("amount", "比例不超过 100")
        return values

    def plan(self) -> Plan:
        """Return the run of a valid form."""
        values = self.cleaned_data
        since = values["contacted_since"]
        audience = {name: values[name] for name in ("tiers", "types") if values[name]}
        audience |= {name: [int(pk) for pk in values[name]] for name in ("teams", "managers") if values[name]}
        audience |= {"contacted_since": since.isoformat()} if since else {}
        amount = values["amount"]
        same = ("title", "questionnaire", "opens_on", "closes_on", "seed", "low_opens")
        return Plan(
            **{name: values[name] for name in same},
            channels=[channel for channel in ASKED_FIRST if channel in values["channels"]],
            audience=audience,
            sample_size=amount if values["sampling"] == self.SIZE else None,
            sample_share=amount / 100 if values["sampling"] == self.SHARE else None,
            reminders_most=values["reminders_most"],
            remind_after_days=values["remind_after_days"],
        )


class AnswerForm(forms.Form):
    """A questionnaire as it is filled in: a field a question, `q1` …; which ones must be answered the answers say."""

    def __init__(self, asks: Sequence[Ask], data: Any = None) -> None:
        super().__init__(data)
        self.asks = list(asks)
        for ask in self.asks:
            self.fields[_name(ask)] = _field(ask, self._condition(ask))

    def answers(self) -> dict[str, Answer]:
        """Return what was answered, by question number."""
        return {str(ask.number): self.cleaned_data.get(_name(ask), "") for ask in self.asks}

    def rows(self) -> list[dict[str, Any]]:
        """Return each field with the answers that bring it up, "q1=d|e", "" for one that is always asked."""
        return [
            {
                "field": self[_name(ask)],
                "shown_by": f"q{ask.asked_if}={'|'.join(sorted(ask.asked_codes))}" if ask.asked_if else "",
                "required": ask.required,
            }
            for ask in self.asks
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for number, words in mistakes(self.asks, self.answers()).items():
            if f"q{number}" not in self.errors:
                self.add_error(f"q{number}", words)
        return values

    def _condition(self, ask: Ask) -> str:
        before = next((each for each in self.asks if each.number == ask.asked_if), None)
        if before is None:
            return ""
        labels = [option.label for option in before.options if option.code in ask.asked_codes]
        return f"第 {before.number} 题答「{'」或「'.join(labels or sorted(ask.asked_codes))}」时回答"


class RefusalForm(forms.Form):
    """A client who does not want to answer."""

    never_again = forms.BooleanField(label="客户表示以后也不接受调查（各渠道不再询问）", required=False)


class PurposeForm(forms.Form):
    """Why figures leave the system."""

    reason = forms.CharField(label="用途", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class LinksForm(PurposeForm):
    """Why the links leave the system, and whether whoever takes them sends them himself."""

    mark_sent = forms.BooleanField(
        label="由我发送：把已到发送时间的标记为已发送", required=False,
        help_text="不勾选则仍为待发送，留给发送通道",
    )  # fmt: skip


class ForumForm(forms.Form):
    """A forum: when, where, who came, what was said."""

    held_on = DayField(label="日期", widget=DATE)
    place = forms.CharField(label="地点", max_length=60)
    host = forms.ModelChoiceField(label="主持人", queryset=Employee.objects.none())
    clients = forms.CharField(
        label="到场客户", widget=forms.Textarea(attrs={"rows": 4}), help_text="客户号，一行一位",
    )  # fmt: skip
    minutes = forms.CharField(label="纪要", max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, data: Any = None, *, by: Employee, today: date) -> None:
        super().__init__(data, initial={"held_on": today, "host": by})
        self.by, self.today = by, today
        host = self.fields["host"]
        assert isinstance(host, forms.ModelChoiceField)
        host.queryset = Employee.objects.filter(branch_id=by.branch_id or 0, is_active=True).order_by("pinyin", "pk")

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on > self.today:
            raise ValidationError("座谈会还没有召开")
        return held_on

    def clean_clients(self) -> list[Client]:
        numbers = list(dict.fromkeys(self.cleaned_data["clients"].split()))
        if len(numbers) > MOST_ATTENDEES:
            raise ValidationError(f"一次座谈会最多 {MOST_ATTENDEES} 位")
        rows: QuerySet[Client] = Client.objects.visible_to(self.by).filter(client_no__in=numbers)
        found = {row.client_no: row for row in rows.select_related("standing")}
        missing = [number for number in numbers if number not in found]
        if missing:
            raise ValidationError(f"没有找到客户号 {'、'.join(missing[:5])}")
        return [found[number] for number in numbers]


def _name(ask: Ask) -> str:
    return f"q{ask.number}"


def _field(ask: Ask, condition: str) -> forms.Field:
    said: dict[str, Any] = {"label": f"{ask.number}. {ask.text}", "required": False, "help_text": condition}
    if ask.kind == TEXT:
        return forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), **said)
    if ask.kind == SCALE:
        steps = [(str(step), str(step)) for step in range(1, ask.scale_max + 1)]
        return forms.ChoiceField(choices=steps, widget=forms.RadioSelect, **said)
    choices: Options = [(option.code, option.label) for option in ask.options]
    if ask.kind == MULTI:
        return forms.MultipleChoiceField(choices=choices, widget=BOXES, **said)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)


def _choose(field: forms.Field, rows: Any) -> None:
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = [(str(pk), name) for pk, name in rows]


def _of_run(run: SurveyRun) -> dict[str, Any]:
    share = run.sample_share
    sampling = RunForm.SIZE if run.sample_size else RunForm.SHARE if share else RunForm.ALL
    amount = run.sample_size or (round(share * 100) if share else None)
    names = (
        "title", "channels", "opens_on", "closes_on", "seed", "reminders_most", "remind_after_days", "low_opens",
    )  # fmt: skip
    held: dict[str, Any] = {name: getattr(run, name) for name in names} | {"questionnaire": run.questionnaire_id}
    return {**held, **run.audience, "sampling": sampling, "amount": amount}
