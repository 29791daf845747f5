"""What is asked about an account with another broker."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from office.fields import DayField
from office.money import to_fen
from retention.forms.closures import DATE, Versioned
from retention.models import OtherAccount

WAN = 10_000
MOST_WAN = 10_000_000  # 1,000 亿元


def _size() -> forms.DecimalField:
    return forms.DecimalField(
        label="估计资产（万元）", required=False, min_value=Decimal(0), max_value=Decimal(MOST_WAN), decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "num", "inputmode": "decimal", "min": "0", "step": "0.01"}),
        help_text="客户说过的数，不知道就留空",
    )  # fmt: skip


class SizeMixin(forms.Form):
    """The size in fen, None while unknown."""

    @property
    def assets_fen(self) -> int | None:
        """What was said of its size, in fen."""
        wan = self.cleaned_data["assets_wan"]
        return None if wan is None else to_fen(wan * WAN)


class NoteForm(SizeMixin):
    """An account elsewhere, as far as the client told; noted with his consent."""

    broker = forms.CharField(label="券商", max_length=60)
    assets_wan = _size()
    is_most_used = forms.BooleanField(label="客户最常用这家", required=False)
    source = forms.ChoiceField(label="来源", choices=OtherAccount.Source.choices, widget=forms.RadioSelect)
    learnt_on = DayField(label="得知日期", widget=DATE)
    is_agreed = forms.BooleanField(
        label="客户知道并同意我们记下", required=False, help_text="只有本公司转出记录得知的可以不经同意"
    )

    def clean_learnt_on(self) -> Any:
        day = self.cleaned_data["learnt_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("得知日期不能晚于今天")
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("source") not in (None, OtherAccount.Source.TRANSFER) and not values.get("is_agreed"):
            self.add_error("is_agreed", "请先征得客户同意；客户不同意的不登记")
        return values


class ChangeForm(SizeMixin, Versioned):
    """What is known better now of an account elsewhere."""

    assets_wan = _size()
    is_most_used = forms.BooleanField(label="客户最常用这家", required=False)
