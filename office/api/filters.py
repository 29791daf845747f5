"""Filters of lists that refuse what they do not understand; a filter passed over would answer another question."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

YES_OR_NO = [("true", "是"), ("false", "否")]


@extend_schema_field(OpenApiTypes.BOOL)
class Flag(django_filters.TypedChoiceFilter):  # type: ignore[misc]  # the library has no types
    """`true` or `false`, as JSON writes them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_OR_NO, coerce=lambda word: word == "true", **kwargs)


class MomentField(IsoDateTimeField):  # type: ignore[misc]  # the library has no types
    """A moment with its zone, brought to UTC: the database knows no zone beyond sixteen hours."""

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        try:
            return found.astimezone(UTC) if found else None
        except (OverflowError, ValueError):
            raise ValidationError("日期超出范围") from None


class Moment(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # the library has no types
    """A moment."""

    field_class = MomentField
