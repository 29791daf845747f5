"""What the pages of churn ask for: the purpose of an export, a version of the points, why one is turned down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField

from office.errors import DomainError
from retention.models import PointSet
from retention.operations.points import Proposal, check_proposal
from retention.scoring.signals import SIGNS, Sign

HUNDRED = 100
BANDS = ("watch", "warn", "alarm")
BAND_LABELS = {"watch": "关注", "warn": "预警", "alarm": "警报"}
FACTORS = ("quiet", *BANDS)


class PurposeForm(forms.Form):
    """Why rows of clients leave the system; the answer stands in the audit book."""

    reason = forms.CharField(label="用途", max_length=100, help_text="导出将记入审计，请写明用途，例如「9月挽留例会」")


class RejectionForm(forms.Form):
    """Why a version is turned down."""

    remark = forms.CharField(label="驳回原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


def _whole(label: str, low: int, high: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "num", "inputmode": "numeric", "min": str(low), "max": str(high)})
    return forms.IntegerField(label=label, min_value=low, max_value=high, widget=widget)


class PointsForm(forms.Form):
    """What a new version would say; `present` is the version it is compared with."""

    half_life_days = _whole("半衰期，交易日", 1, 250)
    note = forms.CharField(label="调整原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, present: PointSet, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(present)
        super().__init__(*args, **kwargs)
        for sign in SIGNS:
            self.fields[f"points_{sign.code}"] = _whole(f"{sign.label}分值", 0, HUNDRED)
        for code in BANDS:
            self.fields[f"limit_{code}"] = _whole(f"{BAND_LABELS[code]}线，分", 1, HUNDRED)
        for code in FACTORS:
            self.fields[f"factor_{code}"] = _whole(f"{BAND_LABELS.get(code, '平稳')}系数，%", 0, HUNDRED)

    def clean(self) -> dict[str, Any]:
        """Check the version as a whole by the rule that proposing it keeps."""
        clean = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_proposal(self.proposal())
            except DomainError as error:
                raise forms.ValidationError(error.message) from error
        return clean

    def proposal(self) -> Proposal:
        """Return the version as the operations take it."""
        clean = self.cleaned_data
        return Proposal(
            points={sign.code: clean[f"points_{sign.code}"] for sign in SIGNS},
            half_life_days=clean["half_life_days"],
            limits=tuple(clean[f"limit_{code}"] for code in BANDS),
            factors=tuple(clean[f"factor_{code}"] / HUNDRED for code in FACTORS),
            note=clean["note"],
        )

    def signs(self) -> Iterator[tuple[Sign, BoundField]]:
        """Yield every sign with its field."""
        for sign in SIGNS:
            yield sign, self[f"points_{sign.code}"]

    def lines(self) -> list[BoundField]:
        """Return the fields of half-life, limits and factors."""
        names = ["half_life_days", *(f"limit_{code}" for code in BANDS), *(f"factor_{code}" for code in FACTORS)]
        return [self[name] for name in names]


def _initial(present: PointSet) -> dict[str, Any]:
    return {
        "half_life_days": present.half_life_days,
        **{f"points_{sign.code}": present.points.get(sign.code, 0) for sign in SIGNS},
        **{f"limit_{code}": limit for code, limit in zip(BANDS, present.limits, strict=True)},
        **{f"factor_{code}": round(part * HUNDRED) for code, part in zip(FACTORS, present.factors, strict=True)},
    }
