"""客户总体分类表: the listed clients by every dimension and by age, from two reads instead of one each (SEG-16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Q, Sum, Value, When

from segmentation.queries.reports import DIMENSIONS, Line, Rows, listed, shared

AGE = "age"
AGES = {"30 岁以下": (0, 30), "30–44 岁": (30, 45), "45–59 岁": (45, 60), "60 岁及以上": (60, 200)}  # from, below
UNKNOWN_AGE = "年龄未知或机构"
SUMMED = ("clients", "assets_fen", "commission_fen", "contribution_fen", "core", "value")

Groups = Sequence[dict[str, Any]]


def overview(rows: Rows, on: date) -> dict[str, list[Line]]:
    """Return the listed clients by each of `DIMENSIONS` and by AGE on that day (VAL-09), a line each value.

    What stands on the standing is read once, what stands in the wide archive once more: groups of few hundred lines,
    added up here.
    """
    fields = {key: field for key, (_, field, _) in DIMENSIONS.items()}
    archive = [field for field in fields.values() if field.startswith("client__")]
    own = _groups(listed(rows), [field for field in fields.values() if field not in archive])
    wide = _groups(listed(rows).annotate(**{AGE: _age_band(on)}), [*archive, AGE])
    found = {
        key: _lines(wide if field in archive else own, field, choices)
        for key, (_, field, choices) in DIMENSIONS.items()
    }
    return found | {AGE: _lines(wide, AGE, [(name, name) for name in (*AGES, UNKNOWN_AGE)])}


def _groups(rows: Rows, fields: list[str]) -> Groups:
    sums = {name: Sum(name) for name in SUMMED if name not in ("clients", "core")}
    counts = {"clients": Count("pk"), "core": Count("pk", filter=Q(is_core=True))}
    return [dict(group) for group in rows.values(*fields).annotate(**counts, **sums).order_by()]


def _lines(groups: Groups, field: str, choices: Sequence[tuple[str, str]]) -> list[Line]:
    sums: dict[str, dict[str, Any]] = {key: dict.fromkeys(SUMMED, 0) for key, _ in choices}
    for group in groups:
        for name in SUMMED if group[field] in sums else ():
            sums[group[field]][name] += group[name] or 0
    for line in sums.values():
        line["value"] = line["value"] / line["clients"] if line["clients"] else 0.0
    return shared([Line(key, label, **sums[key]) for key, label in choices])


def _age_band(on: date) -> Case:
    born = "client__birth_date"
    whens = [
        When(Q(**{f"{born}__gt": _years_before(on, below), f"{born}__lte": _years_before(on, since)}), then=Value(name))
        for name, (since, below) in AGES.items()
    ]
    return Case(*whens, default=Value(UNKNOWN_AGE), output_field=CharField())


def _years_before(on: date, years: int) -> date:
    """Return the birthday of who turns `years` that day; 28 February where there is no 29th."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)
