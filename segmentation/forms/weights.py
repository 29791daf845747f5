"""A version of the weights as a form: the three weights, ladders in 万元 and 元, fee rates in percent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from clients.models import Tier
from office.errors import DomainError
from office.fields import DayField
from segmentation.models import TierRule, WeightSet
from segmentation.operations.weights import Proposal, check_proposal

YUAN_PER_WAN = 10_000
STEPS = [(str(tier), str(tier.label)) for tier in Tier if tier != Tier.GENERAL]
LADDERS = [(str(value), str(label)) for value, label in TierRule.Ladder.choices]
PRODUCTS = {"fund": "基金", "bond": "债券", "wealth": "理财", "loan": "贷款", "card": "银行卡", "other": "其他"}
HUNDRED = Decimal(100)


def _weight(label: str) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "0.01", "min": "0", "max": "1", "class": "num", "inputmode": "decimal"})
    return forms.DecimalField(label=label, min_value=0, max_value=1, max_digits=5, decimal_places=4, widget=widget)


def _amount(label: str) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "num", "inputmode": "numeric", "aria-label": label, "min": "1"})
    return forms.IntegerField(label=label, min_value=1, max_value=100_000_000, widget=widget)


def _percent(label: str) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"class": "num", "step": "0.01", "min": "0", "max": "100", "aria-label": label})
    return forms.DecimalField(label=label, min_value=0, max_value=100, max_digits=6, decimal_places=3, widget=widget)


class WeightsForm(forms.Form):
    """What a new version would say; `present` is the version it is compared with."""

    a = _weight("A 佣金")
    b = _weight("B 购买力")
    c = _weight("C 资产")
    normaliser = forms.ChoiceField(label="归一方法", choices=WeightSet.Normaliser)
    core_share = _percent("核心份额 %")
    core_exit_share = _percent("退出份额 %")
    reestimate = forms.BooleanField(label="按今日数字重估尺度", required=False)  # of the trial only, not of the version
    note = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "为什么改，与谁讨论过", "form": "weights-form"}),
    )

    def __init__(self, *args: Any, present: WeightSet, needs_note: bool = False, **kwargs: Any) -> None:
        self.present = present
        kwargs["initial"] = _initial(present)
        super().__init__(*args, **kwargs)
        for ladder, ladder_label in LADDERS:
            for tier, label in STEPS:
                self.fields[f"{ladder}_{tier}_assets"] = _amount(f"{ladder_label} {label} 资产门槛，万元")
                self.fields[f"{ladder}_{tier}_commission"] = _amount(f"{ladder_label} {label} 佣金门槛，元")
        for product, label in PRODUCTS.items():
            self.fields[f"fee_{product}"] = _percent(f"{label}申购费率，%")
            self.fields[f"trail_{product}"] = _percent(f"{label}持有费率，%/年")
        self.fields["note"].required = needs_note
        for name, value in self.initial.items():
            self.fields[name].widget.attrs["data-now"] = str(value)  # static/js/weights.js marks what differs
        figures = [name for name in self.changed_data if name not in ("note", "reestimate")] if self.is_bound else []
        for name in figures:
            widget = self.fields[name].widget
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} chg".strip()

    def clean(self) -> dict[str, Any]:
        """Check the version as a whole by the rule that proposing it keeps."""
        clean = super().clean() or self.cleaned_data
        weights = [clean.get(name) for name in "abc"]
        known = [weight for weight in weights if weight is not None]
        if len(known) == len(weights) and sum(known) != 1:
            raise forms.ValidationError(f"A、B、C 合计须为 1.00，现为 {sum(known):.2f}")
        if not self.errors:
            try:
                check_proposal(self.proposal())
            except DomainError as error:
                raise forms.ValidationError(error.message) from error
        return clean

    def proposal(self) -> Proposal:
        """Return the version as the operations take it; amounts in yuan, rates as shares."""
        clean = self.cleaned_data
        return Proposal(
            clean["a"],
            clean["b"],
            clean["c"],
            normaliser=clean["normaliser"],
            fee_rates={name: _share(clean[f"fee_{name}"]) for name in PRODUCTS},
            trailing_rates={name: _share(clean[f"trail_{name}"]) for name in PRODUCTS if clean[f"trail_{name}"]},
            core_share=clean["core_share"] / HUNDRED,
            core_exit_share=clean["core_exit_share"] / HUNDRED,
            ladders={
                ladder: {
                    tier: (clean[f"{ladder}_{tier}_assets"] * YUAN_PER_WAN, clean[f"{ladder}_{tier}_commission"])
                    for tier, _ in STEPS
                }
                for ladder, _ in LADDERS
            },
            note=clean["note"],
        )

    def weights(self) -> Iterator[dict[str, Any]]:
        """Yield the three weights with their letter and the present value, for the sliders."""
        for letter, label in (("a", "A 佣金"), ("b", "B 购买力"), ("c", "C 资产")):
            yield {"letter": letter, "label": label, "field": self[letter], "now": getattr(self.present, letter)}

    def ladders(self) -> Iterator[tuple[str, list[tuple[str, list[tuple[BoundField, Any, bool]]]]]]:
        """Yield the ladders by kind of client: tier, its two fields with the present value and whether it differs."""
        for ladder, label in LADDERS:
            steps = [
                (tier, [self._told(f"{ladder}_{tier}_{what}") for what in ("assets", "commission")])
                for tier, _ in STEPS
            ]
            yield label, steps

    def fees(self) -> Iterator[tuple[str, list[tuple[BoundField, Any, bool]]]]:
        """Yield the rates by product: name, fields of purchase and holding with the present value."""
        for product, label in PRODUCTS.items():
            yield label, [self._told(f"fee_{product}"), self._told(f"trail_{product}")]

    def _told(self, name: str) -> tuple[BoundField, Any, bool]:
        return self[name], self.initial.get(name), self.is_bound and name in self.changed_data


def _share(percent: Decimal) -> str:
    return str((percent / HUNDRED).normalize() if percent else Decimal(0))


def _initial(weights: WeightSet) -> dict[str, Any]:
    """Return a version as the form writes it."""
    values: dict[str, Any] = {
        "a": weights.a.quantize(Decimal("0.01")) if weights.a == round(weights.a, 2) else weights.a,
        "b": weights.b.quantize(Decimal("0.01")) if weights.b == round(weights.b, 2) else weights.b,
        "c": weights.c.quantize(Decimal("0.01")) if weights.c == round(weights.c, 2) else weights.c,
        "normaliser": weights.normaliser,
        "core_share": _plain(weights.core_share * HUNDRED),
        "core_exit_share": _plain(weights.core_exit_share * HUNDRED),
    }
    for rule in weights.tier_rules.all():
        values[f"{rule.ladder}_{rule.tier}_assets"] = rule.min_assets_fen // (YUAN_PER_WAN * 100)
        values[f"{rule.ladder}_{rule.tier}_commission"] = rule.min_commission_fen // 100
    for product in PRODUCTS:
        values[f"fee_{product}"] = _plain(Decimal(weights.fee_rates.get(product, "0")) * HUNDRED)
        values[f"trail_{product}"] = _plain(Decimal(weights.trailing_rates.get(product, "0")) * HUNDRED)
    return values


def _plain(value: Decimal) -> Decimal:
    """Return a figure that writes itself without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


class ApprovalForm(forms.Form):
    """From which business date an approved version scores; empty means the next one."""

    effective_on = DayField(
        label="生效交易日",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="不填则自下一个未评分的交易日起",
    )

    def __init__(self, *args: Any, earliest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest = earliest

    def clean_effective_on(self) -> date | None:
        chosen: date | None = self.cleaned_data["effective_on"]
        if chosen and chosen < self.earliest:
            raise forms.ValidationError(f"不能早于 {self.earliest:%Y-%m-%d}，此前的评分已发布")
        return chosen


class RejectionForm(forms.Form):
    """Why a version is turned down."""

    remark = forms.CharField(label="驳回原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
