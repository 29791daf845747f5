"""Fields of bodies that refuse in words what the library falls over."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class MomentField(serializers.DateTimeField):
    """A moment; one so near the ends of the calendar that it has no UTC is refused, not answered 500."""

    def enforce_timezone(self, value: Any) -> Any:
        try:
            return super().enforce_timezone(value)
        except OverflowError:  # a moment without a zone: the library looks at this for the others only
            self.fail("overflow")
