"""How figures of plans are written. Filters format; they neither query nor decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from office import formats
from segmentation.models import PlanLine
from segmentation.plan_sheet import shortened

register = template.Library()
register.filter("shortened", shortened)


@register.filter
def of(table: Mapping[Any, Any], key: Any) -> Any:
    """Return what `table` holds for `key`, None without it."""
    return table.get(key)


@register.filter
def gain(share: float) -> str:
    """Write a share as a signed percentage: +3.8%."""
    return f"{formats.number(100 * share, 1, plus=True)}%"


@register.filter
def basis(ten_thousandths: str) -> str:
    """Write ten thousandths as a percentage with two decimals: 60 → 0.60%."""
    return f"{int(ten_thousandths or 0) / 100:.2f}%"


@register.filter
def proven(metrics: Mapping[str, float]) -> str:
    """Write how far at most the matching is from the best there is, as a percentage."""
    cost, bound = metrics.get("cost") or 0.0, metrics.get("lower_bound") or 0.0
    return f"{100 * max(cost - bound, 0.0) / max(abs(bound), 1.0):.3f}%"


@register.filter
def rise(line: PlanLine) -> str:
    """Write by how many points the fit rises, — where one of the two is unknown."""
    if line.fit_before is None or line.fit_after is None:
        return formats.NONE
    return formats.number(round(line.fit_after) - round(line.fit_before), plus=True)


@register.filter
def heat(level: int) -> str:
    """Return the class of a skill's level 1 to 5 in the heat table; 0 is empty."""
    return f"lv-{level}" if level else "na"
