"""Rules about people that need no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date


def role_conflict(roles: Collection[str], non_marketing: Collection[str], serving: Collection[str]) -> bool:
    """Whether one person would both sell and watch: a non-marketing post beside one that owns clients (DNI-06)."""
    return not set(roles).isdisjoint(non_marketing) and not set(roles).isdisjoint(serving)


def overlapping(starts_on: date, ends_on: date, others: Iterable[tuple[date, date]]) -> tuple[date, date] | None:
    """Return the first of `others` that shares a day with the span, both ends included, or None."""
    return next((span for span in others if span[0] <= ends_on and span[1] >= starts_on), None)
