"""The classification tables: 客户总体分类表, 客户等级分类表, 目标客户细分表, 交易特征, 资料完整度."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.models import ClientStanding, ValueType
from office.http import Request, needs
from segmentation.exporting import workbook
from segmentation.filters import NOBODY
from segmentation.forms.value import PurposeForm
from segmentation.operations.exports import record_export
from segmentation.queries import completeness, reports, trading
from segmentation.queries.overview import AGE, overview
from segmentation.queries.reports import DIMENSIONS, Crossing
from segmentation.views.listing import workbook_response
from segmentation.views.report_sheets import sheets

TABLES = {
    "total": "客户总体分类表",
    "tier": "客户等级分类表",
    "target": "目标客户细分表",
    "trading": "交易特征",
    "completeness": "资料完整度",
}
# dimension → how the client list is narrowed by it
FILTERS = {
    "tier": "tier",
    "grade": "grade",
    "type": "value_type",
    "importance": "importance",
    "mode": "mode",
    "risk": "risk",
}
# 客户分级流程: how a client comes to tier and grade
GRADING_STEPS = [
    ("取数", "20 日均资产、12 个月净佣金、近 20 日交易天数"),
    ("定等级", "满足资产或佣金任一门槛；升级须 20 日中 15 日达到门槛的 90%"),
    ("定级别", "金卡及以上为 VIP客户；交易频繁为活跃客户；其余为普通或潜在客户"),
    ("留痕", "每次变化记入等级历史，写明日期、原因和批次"),
]


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the way between the grid and the tables."""
    found = [("grid", "分层网格", reverse("segmentation:grid"))]
    found += [(key, label, reverse("segmentation:report", args=[key])) for key, label in TABLES.items()]
    return [{"label": label, "url": url, "current": key == current, "count": None} for key, label, url in found]


@require_GET
@needs("segmentation.view_score")
def report(request: Request, table: str) -> HttpResponse:
    context = {
        **_content(request, table),
        "title": TABLES[table],
        "tables": tabs(table),
        "table": table,
        "export_url": reverse("segmentation:report_export", args=[table]),
        "export_form": PurposeForm(),
        "menu": "segmentation:grid",
    }
    return render(request, f"segmentation/report_{table}.html", context)


@require_POST
@needs("clients.export_client")
def report_export(request: Request, table: str) -> HttpResponse:
    content = _content(request, table)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        context = {
            "form": form,
            "query": "",
            "title": f"导出{TABLES[table]}",
            "back": reverse("segmentation:report", args=[table]),
        }
        return render(request, "segmentation/export.html", context, status=422)
    written = sheets(table, content)
    lines = sum(len(rows) for _, _, rows in written)
    record_export(TABLES[table], lines, "", reason=form.cleaned_data["reason"], by=request.user)
    return workbook_response(workbook(written), table)


def _content(request: Request, table: str) -> dict[str, Any]:
    """Return what one table shows. Raises Http404 for an unknown one or somebody without a branch."""
    makers = {
        "total": _total,
        "tier": _tier,
        "target": _target,
        "trading": _trading,
        "completeness": _completeness,
    }
    if table not in makers or request.user.branch is None:
        raise Http404(table)
    return makers[table](request)


def _total(request: Request) -> dict[str, Any]:
    rows = ClientStanding.objects.visible_to(request.user)
    day = (request.user.branch.data_as_of if request.user.branch else None) or timezone.localdate()
    lines = overview(rows, day)
    found = [(label, FILTERS[key], lines[key]) for key, (label, _, _) in DIMENSIONS.items()]
    sections = [*found, ("年龄", "", lines[AGE]), ("客户经理", "manager", reports.by_manager(rows))]
    return {"sections": sections, "sum": reports.total_of(sections[0][2])}


def _linked(
    crossing: Crossing, down: str, across: str, to: str, nobody: tuple[str, str] = ("flag", "unassigned")
) -> dict[str, Any]:
    """Return a crossing whose counts open the list at `to`, narrowed by the two filters.

    `nobody` is how that list is asked for clients without a manager.
    """

    def href(*pairs: tuple[str, Any]) -> str:
        if ("segment", "unscored") in pairs:  # no ranking shows them
            return ""
        asked = [nobody if (name, value) == ("manager", "") else (name, value) for name, value in pairs]
        return f"{to}?{urlencode(asked)}"

    rows = [
        {
            "label": label,
            "cells": [
                (count, href((down, key), (across, other)))
                for count, (other, _) in zip(counts, crossing.heads, strict=True)
            ],
            "sum": sum(counts),
            "href": href((down, key)),
        }
        for key, label, counts in crossing.rows
    ]
    return {
        "heads": [label for _, label in crossing.heads],
        "rows": rows,
        "sums": crossing.sums,
        "total": crossing.total,
    }


def _tier(request: Request) -> dict[str, Any]:
    rows = ClientStanding.objects.visible_to(request.user)
    managers = reports.by_manager(rows)
    tables = {
        "by_grade": ("tier", "grade", reports.crossing(rows, "tier", "grade")),
        "by_type": ("tier", "value_type", reports.crossing(rows, "tier", "type")),
        "by_manager": ("manager", "tier", reports.by_manager_and(rows, "tier", managers)),
    }
    to = reverse("clients:list")
    return {
        **{name: crossing for name, (_, _, crossing) in tables.items()},
        "linked": {name: _linked(crossing, down, across, to) for name, (down, across, crossing) in tables.items()},
        "steps": GRADING_STEPS,
    }


def _target(request: Request) -> dict[str, Any]:
    rows, branch = ClientStanding.objects.visible_to(request.user), request.user.branch
    assert branch is not None  # _content saw to it
    managers = reports.by_manager(rows)
    lines = reports.by_segment(rows, branch)
    crossing = reports.segments_of_managers(rows, branch, managers)
    return {
        "lines": lines,
        "told": [(line, reports.SEGMENT_SERVICE[line.key]) for line in lines],
        "sum": reports.total_of(lines),
        "services": reports.SEGMENT_SERVICE,
        "by_manager": crossing,
        "linked": {
            "by_manager": _linked(crossing, "segment", "manager", reverse("segmentation:ranking"), ("manager", NOBODY))
        },
    }


def _trading(request: Request) -> dict[str, Any]:
    rows, branch = ClientStanding.objects.visible_to(request.user), request.user.branch
    assert branch is not None  # _content saw to it
    lines = trading.styles(rows)
    return {
        "lines": [(line, trading.STYLES[line.style], trading.STYLE_HINTS[line.style]) for line in lines],
        "types": ValueType.choices,
        "sum": sum(line.clients for line in lines),
        "products": trading.product_buyers(rows, branch, branch.data_as_of) if branch.data_as_of else [],
    }


def _completeness(request: Request) -> dict[str, Any]:
    lines = completeness.completeness(ClientStanding.objects.visible_to(request.user))
    return {"lines": lines, "sum": completeness.together(lines), "fields": completeness.FIELDS}
