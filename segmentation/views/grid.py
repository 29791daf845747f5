"""分层网格: value high, middle, low, crossed with the value type."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clients.models import ClientStanding, ValueType
from office.http import Request, needs
from office.menu import link
from segmentation.queries.grid import CLASS_HINTS, CLASSES, grid, population, together
from segmentation.views.reports import tabs


@require_GET
@needs("segmentation.view_score")
def grid_page(request: Request) -> HttpResponse:
    branch = request.user.branch
    ranked = population(branch) if branch else 0
    cells = grid(ClientStanding.objects.visible_to(request.user), branch) if branch and ranked else []
    rows = [
        {"key": line[0].value_class, "label": CLASSES[line[0].value_class], "hint": CLASS_HINTS[line[0].value_class],
         "cells": line, "sum": together(line)}
        for line in cells
    ]  # fmt: skip
    columns = [together([line[place] for line in cells]) for place in range(len(ValueType.values))] if cells else []
    context = {
        "rows": rows,
        "types": ValueType.choices,
        "sums": columns,
        "total": together(columns),
        "ranked": ranked,
        "top": max((cell for line in cells for cell in line), key=lambda cell: cell.share, default=None),
        "tables": tabs("grid"),
        "night_url": link("night_list"),
    }
    return render(request, "segmentation/grid.html", context)
