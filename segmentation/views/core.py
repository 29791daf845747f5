"""核心客户: who brings 80 % of what the branch earns."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clients.models import ClientStanding
from office.formats import number
from office.http import Request, needs, part
from office.menu import link
from office.paging import keyset_page
from segmentation.exporting import RANKING_HEADS, ranking_rows, workbook
from segmentation.forms.value import PurposeForm
from segmentation.models import ScoringRun
from segmentation.operations.exports import record_export
from segmentation.queries import core
from segmentation.queries.runs import published_run
from segmentation.views.listing import at, workbook_response

PAGE_SIZE = 50


@require_GET
@needs("segmentation.view_score")
def core_page(request: Request) -> HttpResponse:
    run = published_run(request.user.branch) if request.user.branch else None
    if run is None:
        return render(request, "segmentation/core.html", {"run": None, "night_url": link("night_list")})
    seen = core.members(ClientStanding.objects.visible_to(request.user))
    sort = request.GET.get("sort", core.DEFAULT_SORT)
    page = keyset_page(seen, core.order_of(sort), request.GET.get("after", ""), PAGE_SIZE)
    figures = core.figures(run)
    context = {
        "run": run,
        "weights": run.weight_set,
        "figures": figures,
        "pareto": _pareto(run, figures),
        "lines": _lines(run, list(page)),
        "page": page,
        "count": seen.count(),
        "entered": core.entered(run, request.user) if run.previous_id else [],
        "left": core.left(run, request.user),
        "is_first": run.previous_id is None,
        "next_url": at(request.GET, page.next),
        "previous_url": at(request.GET, page.previous),
        "page_label": f"本页 {len(page)} 位",
        "query": request.GET.urlencode(),
        "export_form": PurposeForm(),
    }
    return render(request, part(request, "segmentation/core.html", "table"), context)


@require_POST
@needs("clients.export_client")
def core_export(request: Request) -> HttpResponse:
    form = PurposeForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "query": "", "title": "导出核心客户", "back": reverse("segmentation:core")}
        return render(request, "segmentation/export.html", context, status=422)
    seen = core.members(ClientStanding.objects.visible_to(request.user))
    rows = ranking_rows(seen.order_by(*core.order_of(request.GET.get("sort", ""))))
    record_export("核心客户", len(rows), request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return workbook_response(workbook([("核心客户", RANKING_HEADS, rows)]), "core")


def _pareto(run: ScoringRun, figures: core.CoreFigures) -> dict[str, Any]:
    return {
        "points": core.curve(run, figures.heads) if figures.heads else [],
        "at": [round(figures.base_head_share * 100, 1), round(figures.base_money_share * 100, 1)],
        "amount": f"{number(figures.base_fen / 1_000_000, 1)} 万元",
        "is_core": figures.is_usual,
        "line": round(float(run.weight_set.core_share) * 100, 1),
    }


def _lines(run: ScoringRun, rows: list[ClientStanding]) -> list[dict[str, Any]]:
    ids = [row.pk for row in rows]
    places, since = core.places(run, ids), core.entry_dates(ids)
    return [
        {
            "row": row,
            "cumulative": places.get(row.pk, (None, True))[0],
            "is_kept": not places.get(row.pk, (None, True))[1],
            "since": since.get(row.pk),
        }
        for row in rows
    ]
