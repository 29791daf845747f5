"""离开客户: who left and agreed to be reached, on which channels; nobody else (RET-08, DNI-07)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from clients.models import Client
from office.http import Request, needs
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood
from retention.filters import chips
from retention.forms.library_filter import WinbackFilter
from retention.library_sheets import winback_sheet
from retention.queries import winback as reading
from retention.views.lists import MOST_ROWS, PER_PAGE, Export, export, neighbours

MENU = "retention:winback_list"
BATCH = 500


@require_GET
@needs("retention.view_winback")
def winback_list(request: Request) -> HttpResponse:
    form = WinbackFilter(request.GET)
    form.is_valid()
    rows = reading.winback_list(request.user, form.cleaned_data)
    page = keyset_page(rows, reading.ORDER, request.GET.get("after", ""), PER_PAGE)
    context = {
        "page": page,
        "gone": list(zip(page.rows, reading.told(page.rows), strict=True)),
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "long_ago": reading.LONG_AGO,
        **neighbours(request, page),
    }
    return render(request, "retention/winback_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("retention.export_winback")
def winback_export(request: Request) -> HttpResponse:
    form = WinbackFilter(request.GET)
    rows = reading.winback_list(request.user, understood(form)).order_by(*reading.ORDER)[:MOST_ROWS]
    wanted = Export(
        "可联系的离开客户", "winback", rows.count(), lambda: winback_sheet(_gone(rows)), MENU,
        "只含同意联系的客户，姓名已掩码，手机与证件号码不在其中",
    )  # fmt: skip
    return export(request, wanted)


def _gone(rows: QuerySet[Client]) -> Iterator[tuple[date, reading.Gone]]:
    found = list(rows)
    for first in range(0, len(found), BATCH):
        some = found[first : first + BATCH]
        yield from ((client.left_on, gone) for client, gone in zip(some, reading.told(some), strict=True))  # type: ignore[attr-defined]  # told by the query
