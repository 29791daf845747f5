"""Fields of forms that refuse what no calendar of the house can reckon with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
WORDS = f"日期应在 {FIRST.year} 年至 {LAST.year} 年之间"


class DayField(forms.DateField):
    """A day of these centuries: the day after it, and a month of days around it, exist as well."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators += [MinValueValidator(FIRST, WORDS), MaxValueValidator(LAST, WORDS)]


class MomentField(forms.DateTimeField):
    """A moment of these centuries, in any zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (FIRST, LAST))
        self.validators += [MinValueValidator(first, WORDS), MaxValueValidator(last, WORDS)]
