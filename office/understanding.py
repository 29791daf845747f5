"""Filters read strictly, where a list of what they mean leaves the house."""

from __future__ import annotations

from typing import Any

from django import forms

from office.errors import UnclearFilter


def understood(form: forms.Form) -> dict[str, Any]:
    """Return what a filter asks for, to take its rows out. Raises UnclearFilter: never more than was asked for."""
    if not form.is_valid():
        raise unclear("、".join(str(form.fields[name].label) for name in form.errors))
    return form.cleaned_data


def unclear(wrong: str) -> UnclearFilter:
    """Return the refusal of an export whose conditions named `wrong` cannot be read."""
    return UnclearFilter(f"{wrong}：条件有误，请先改正", title="没有导出")
