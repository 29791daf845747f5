"""What the desk asks for, and what is noted of a request on its way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from clients.models import Account, Client
from office.fields import DayField, MomentField
from office.models import Employee
from office.rights import COUNTER_DESK
from retention.models import Block, ClosureRequest, Reason

LINES = forms.Textarea(attrs={"rows": 2})
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
NOT_BY_HAND = (ClosureRequest.Channel.API,)


class DeskSearch(forms.Form):
    """Who stands at the desk."""

    q = forms.CharField(
        label="客户",
        required=False,
        min_length=2,
        max_length=60,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "placeholder": "客户号、账户、姓名、拼音或手机尾号"}
        ),
    )


class RegisterForm(forms.Form):
    """One request in one form; everything but what is asked for has a default."""

    kind = forms.ChoiceField(label="事项", choices=ClosureRequest.Kind.choices, widget=forms.RadioSelect)
    account = forms.ModelChoiceField(
        label="账户", queryset=Account.objects.none(), required=False, empty_label="全部账户"
    )
    is_partial = forms.BooleanField(label="只转出一部分", required=False)
    part = forms.CharField(
        label="范围", max_length=200, required=False, help_text="部分转出时填写，如 600000 共 1,000 股"
    )
    channel = forms.ChoiceField(
        label="渠道", choices=[one for one in ClosureRequest.Channel.choices if one[0] != "api"]
    )
    reason = forms.ChoiceField(
        label="原因", required=False, choices=[("", "客户未说明"), *Reason.choices], help_text="您有权不作说明"
    )
    reason_note = forms.CharField(label="补充说明", max_length=400, required=False)
    arrived_at = MomentField(label="到达时间", required=False, widget=MOMENT, input_formats=MOMENT_FORMATS)
    requested_at = MomentField(
        label="申请时间", required=False, widget=MOMENT, input_formats=MOMENT_FORMATS,
        help_text="留空即现在；来信、来电早于现在的，填收到时间",
    )  # fmt: skip
    settles_on = DayField(
        label="最后交收日", required=False, widget=DATE, help_text="留空由成交记录推算；时限从申请与交收较晚者起算"
    )

    def __init__(self, data: Any = None, *, client: Client, by: Employee) -> None:
        super().__init__(data, initial={"channel": "counter", "arrived_at": timezone.localtime()})
        account = self.fields["account"]
        assert isinstance(account, forms.ModelChoiceField)
        account.queryset = client.accounts.exclude(status=Account.Status.CLOSED).order_by("pk")
        if not by.has_role(*COUNTER_DESK):  # it moves the deadline: known to the counter, guessed by everybody else
            del self.fields["settles_on"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("is_partial") and not values.get("part", "").strip():
            self.add_error("part", "部分转出须写明范围，如证券代码与数量")
        return values


class Versioned(forms.Form):
    """A step of a request as it stood on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class HoldForm(Versioned):
    """A ground of the law, and what shows it."""

    block = forms.ChoiceField(label="法定事由", choices=Block.choices, widget=forms.RadioSelect)
    evidence = forms.CharField(
        label="依据", max_length=200, widget=LINES, help_text="合约编号、冻结文书号或交收日期；其他原因一律不得暂缓"
    )


class WithdrawForm(Versioned):
    """How the client said that he takes his request back."""

    note = forms.CharField(label="客户如何表示撤回", max_length=200, widget=LINES)


class PurposeForm(forms.Form):
    """What an export is for."""

    reason = forms.CharField(label="用途", max_length=200, help_text="将记入审计")
