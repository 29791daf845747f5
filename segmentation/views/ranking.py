"""价值排行: who is worth what, who rose and who fell."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clients.models import ClientStanding
from office.http import Request, needs, part
from office.menu import link
from office.paging import capped_count, count_label, keyset_page
from segmentation.exporting import RANKING_HEADS, ranking_rows, workbook
from segmentation.filters import RankingFilter
from segmentation.forms.value import PurposeForm
from segmentation.operations.exports import record_export
from segmentation.queries.grid import population
from segmentation.queries.ranking import BIG_MOVE, DEFAULT_SORT, WITHOUT_INDEX, movers, order_of, ranked, summary
from segmentation.views.listing import at, chips, workbook_response

PAGE_SIZE = 50


@require_GET
@needs("segmentation.view_score")
def ranking(request: Request) -> HttpResponse:
    found = _filtered(request)
    sort = request.GET.get("sort", DEFAULT_SORT)
    wide = sort.removeprefix("-") in WITHOUT_INDEX
    page = keyset_page(ranked(found.qs), order_of(sort), request.GET.get("after", ""), PAGE_SIZE, keys_first=wide)
    big = max(population(request.user.branch) * BIG_MOVE, 1) if request.user.branch else 1
    context = {
        "page": page,
        "filter": found,
        "chips": chips(found.form, request.GET),
        "count": count_label(capped_count(found.qs.filter(rank__isnull=False, is_closed=False))),
        "wrong": [(found.form.fields[name].label, errors[0]) for name, errors in found.form.errors.items()],
        "big_move": big,
        "big_drop": -big,
        "page_label": f"本页 {len(page)} 位",
        "next_url": at(request.GET, page.next),
        "previous_url": at(request.GET, page.previous),
        "query": request.GET.urlencode(),
        "export_form": PurposeForm(),
        "night_url": link("night_list"),
    }
    template = part(request, "segmentation/ranking.html", "table")
    if "#" not in template:  # the table alone tells nothing of all clients
        context.update(_of_everybody(request))
    return render(request, template, context, status=422 if context["wrong"] else 200)


def _of_everybody(request: Request) -> dict[str, Any]:
    seen = ClientStanding.objects.visible_to(request.user)
    told = summary(seen)
    risen, fallen = movers(seen, told)
    return {"summary": told, "risen": risen, "fallen": fallen}


@require_POST
@needs("clients.export_client")
def ranking_export(request: Request) -> HttpResponse:
    form = PurposeForm(request.POST)
    if not form.is_valid():
        context = {
            "form": form,
            "query": request.GET.urlencode(),
            "title": "导出价值排行",
            "back": reverse("segmentation:ranking"),
        }
        return render(request, "segmentation/export.html", context, status=422)
    found = _filtered(request).understood()
    rows = ranking_rows(ranked(found).order_by(*order_of(request.GET.get("sort", DEFAULT_SORT))))
    record_export("价值排行", len(rows), request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return workbook_response(workbook([("价值排行", RANKING_HEADS, rows)]), "ranking")


def _filtered(request: Request) -> RankingFilter:
    return RankingFilter(request.GET, queryset=ClientStanding.objects.visible_to(request.user), user=request.user)
