"""What is noted in a case: the talk, an offer and its answer, how it ended, who goes on; what a branch decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Client
from office.models import Employee
from retention.forms.closures import LINES, MOMENT, MOMENT_FORMATS, Versioned
from retention.models import Offer, Reason, RetentionCase
from retention.models.case import LONGEST_TALK, OPENING_BANDS
from retention.queries.case_facts import suitability
from retention.rules.offers import unlawful
from service_logs.rules.words import forbidden_words

UNSAID = ("", "客户未说明")
RISKS = [("", "—"), *((str(level), f"R{level}") for level in range(1, 6))]
ENDS = [one for one in RetentionCase.Outcome.choices if one[0] != RetentionCase.Outcome.REFUSED_TALK]


def lawful_words(text: str) -> str:
    """Return `text`. Raises ValidationError for a word that nobody may say or write."""
    if used := forbidden_words(text):
        raise forms.ValidationError(f"不得使用：{'、'.join(used)}")
    return text


class OpeningForm(forms.Form):
    """Why somebody opens a case by hand."""

    concern = forms.CharField(
        label="开案缘由", max_length=200, widget=LINES, help_text="看到或听到了什么，例如：两周内转出一半资金，来电少了"
    )

    def clean_concern(self) -> str:
        return lawful_words(self.cleaned_data["concern"])


class TalkForm(Versioned):
    """The one talk: how long, what it was about, the reason as far as he gave one."""

    at = forms.DateTimeField(label="谈话时间", widget=MOMENT, input_formats=MOMENT_FORMATS)
    minutes = forms.IntegerField(label="时长（分钟）", min_value=1)
    reason = forms.ChoiceField(label="客户说的原因", required=False, choices=[UNSAID, *Reason.choices])
    summary = forms.CharField(
        label="要点", max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="先听后说：客户怎么说、看重什么；答应的事另记服务日志",
    )  # fmt: skip

    def __init__(self, *args: Any, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = self.fields["minutes"]
        assert isinstance(minutes, forms.IntegerField)
        minutes.help_text = f"至多 {longest} 分钟，客户随时可以结束"
        self.longest = longest

    def clean_minutes(self) -> int:
        minutes: int = self.cleaned_data["minutes"]
        if minutes > self.longest:
            raise forms.ValidationError(f"谈话最长 {self.longest} 分钟；更长的谈话不再是挽留，请如实填写")
        return minutes

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > timezone.now():
            raise forms.ValidationError("谈话时间不能晚于现在")
        return at

    def clean_summary(self) -> str:
        return lawful_words(self.cleaned_data["summary"])


class OfferForm(Versioned):
    """What is offered; refused here in the same words as by the rule."""

    kind = forms.ChoiceField(label="类别", choices=Offer.Kind.choices, widget=forms.RadioSelect)
    product_risk = forms.TypedChoiceField(
        label="产品风险等级", required=False, choices=RISKS, coerce=int, empty_value=None, help_text="产品方案必填"
    )
    text = forms.CharField(
        label="内容", max_length=200, widget=LINES, help_text="不承诺收益，不与同业比较；费率只能承诺报审，不承诺结果"
    )

    def __init__(self, *args: Any, client: Client, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.today = client, today

    def clean_text(self) -> str:
        return lawful_words(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "text" in values and "kind" in values:
            known, risk = suitability(self.client), values.get("product_risk")
            if refused := unlawful(values["kind"], values["text"], risk, known, self.today):
                self.add_error("product_risk" if "产品" in refused else None, refused)
        return values


class AnswerForm(forms.Form):
    """What the client says to an offer."""

    answer = forms.ChoiceField(label="答复", choices=[one for one in Offer.Answer.choices if one[0] != "waiting"])


class LearnForm(Versioned):
    """What a closed case taught, and the reason as it came out."""

    reason = forms.ChoiceField(label="原因", required=False, choices=[UNSAID, *Reason.choices])
    learning = forms.CharField(
        label="所学", max_length=400, widget=LINES, help_text="下次怎样更早发现、更好回应；不写姓名、账号"
    )

    def clean_learning(self) -> str:
        return lawful_words(self.cleaned_data["learning"])


class CloseForm(LearnForm):
    """How it ended."""

    outcome = forms.ChoiceField(label="结果", choices=ENDS, widget=forms.RadioSelect)
    field_order = ["version", "outcome", "reason", "learning"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["learning"].required = False


class HandOverForm(Versioned):
    """Who goes on with the case."""

    owner = forms.ModelChoiceField(label="交给", queryset=Employee.objects.none(), empty_label=None)

    def __init__(self, *args: Any, people: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people


class SettingForm(forms.Form):
    """What a branch decides about talks, drills and the opening of cases, beside what stood on the screen."""

    talk_minutes = forms.IntegerField(
        label="谈话最长（分钟）",
        min_value=5,
        max_value=LONGEST_TALK,
        help_text="法规口径 15 分钟，任何营业部不超过 30 分钟",
    )
    opens_from = forms.TypedChoiceField(
        label="夜间开案的风险", choices=OPENING_BANDS, coerce=int, widget=forms.RadioSelect,
        help_text="流失评分达到这一等级的客户，夜间自动开案；60 天内有过个案的不再开",
    )  # fmt: skip
    drills_per_quarter = forms.IntegerField(label="每队每季演练（次）", min_value=0, max_value=12)
    seen_talk_minutes = forms.IntegerField(widget=forms.HiddenInput)
    seen_opens_from = forms.IntegerField(widget=forms.HiddenInput)
    seen_drills_per_quarter = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def said(self) -> dict[str, int]:
        """What a valid form sets."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("seen_")}

    @property
    def seen(self) -> dict[str, int]:
        """What stood on the screen of a valid form."""
        return {name.removeprefix("seen_"): value for name, value in self.cleaned_data.items() if name[:5] == "seen_"}
