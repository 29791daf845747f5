"""The list of clients: filters, search, order, columns, saved views, export and bulk marking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.exporting import client_workbook
from clients.filters import ClientFilter
from clients.forms import ExportForm, ImportanceForm
from clients.models import Client, ClientStanding
from clients.operations import archive
from clients.queries.listing import COLUMNS, chosen_columns, listed, order_of
from clients.queries.search import suggestions
from office.http import Request, needs, part
from office.menu import link
from office.paging import capped_count, count_label, keyset_page

PAGE_SIZE = 50
PAGE = "clients:list"
QUICK = ("tier", "value_type", "risk", "contact")  # filters with a chip of their own
DUE_SOON_DAYS = 2  # from here to the day the rhythm ends, the last contact is amber


@require_GET
@needs("clients.view_client")
def client_list(request: Request) -> HttpResponse:
    today = timezone.localdate()
    found = _filtered(request, today)
    sort = request.GET.get("sort", "-value")
    page = keyset_page(listed(found.qs, sort), order_of(sort), request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "page": page,
        "today": today,
        "filter": found,
        "quick": [(found.form[name], *_said(found, request.GET, name)) for name in QUICK],
        "more": [field for field in found.form.visible_fields() if field.name not in {*QUICK, "q"}],
        "chips": _chips(found, request.GET),
        "is_filtered": any(request.GET.getlist(name) for name in found.form.fields),
        "soon": today + timedelta(days=DUE_SOON_DAYS),
        "count": count_label(capped_count(found.qs)),
        "columns": chosen_columns(request.GET.getlist("cols")),
        "column_names": COLUMNS,
        "next_url": _at(request.GET, page.next),
        "previous_url": _at(request.GET, page.previous),
        "views": _views(request),
        "export_form": ExportForm(),
        "importance_form": ImportanceForm(),
        "query": request.GET.urlencode(),
        "cols_asked": request.GET.getlist("cols"),
        "count_words": f"本页 {len(page)} 位",
        "save_href": f"{link('office:view_save')}?{urlencode({'page': PAGE, 'query': request.GET.urlencode()})}",
    }
    return render(request, part(request, "clients/client_list.html", "table"), context)


@require_GET
@needs("clients.view_client")
def client_suggest(request: Request) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    rows = suggestions(request.user, text) if text else ClientStanding.objects.none()
    return render(request, "clients/_suggestions.html", {"rows": rows, "text": text})


@require_POST
@needs("clients.export_client")
def client_export(request: Request) -> HttpResponse:
    form = ExportForm(request.POST)
    if not form.is_valid():
        return render(request, "clients/export.html", {"form": form, "query": request.GET.urlencode()}, status=422)
    columns = chosen_columns(request.GET.getlist("cols"))
    rows = listed(_filtered(request, timezone.localdate()).qs, "value").order_by(*order_of(request.GET.get("sort", "")))
    workbook, count = client_workbook(rows, columns)
    archive.record_export(count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(workbook, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f'attachment; filename="clients-{timezone.localdate():%Y%m%d}.xlsx"'
    return response


@require_POST
@needs("clients.edit_client")
def mark_importance(request: Request) -> HttpResponse:
    form = ImportanceForm(request.POST)
    if form.is_valid():
        chosen = ClientStanding.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["ids"])
        if form.cleaned_data["everything"]:
            chosen = _filtered(request, timezone.localdate()).qs
        count = archive.mark_importance(chosen, form.cleaned_data["importance"], by=request.user)
        messages.success(
            request, f"已将 {count} 位客户改为「{Client.Importance(form.cleaned_data['importance']).label}」"
        )
    return redirect(f"{reverse(PAGE)}?{request.GET.urlencode()}")


def _filtered(request: Request, today: date) -> ClientFilter:
    rows = ClientStanding.objects.visible_to(request.user)
    return ClientFilter(request.GET, queryset=rows, user=request.user, today=today)


def _at(query: QueryDict, cursor: str) -> str:
    if not cursor:
        return ""
    turned = query.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"


def _chips(found: ClientFilter, query: QueryDict) -> list[dict[str, str]]:
    """Return the active filters that have no chip of their own in words, each with the list without it."""
    chips = []
    for name, field in found.form.fields.items():
        said, href = _said(found, query, name)
        if said and name not in {*QUICK, "q"}:
            chips.append({"key": str(field.label), "value": said, "href": href})
    return chips


def _said(found: ClientFilter, query: QueryDict, name: str) -> tuple[str, str]:
    """Return what a filter is set to in words, "" if it is not, and the address of the list without it."""
    if not any(query.getlist(name)):
        return "", ""
    rest = query.copy()
    del rest[name]
    rest.pop("after", None)
    return _in_words(found.form.fields[name], query.getlist(name)), f"?{rest.urlencode()}"


def _in_words(field: Any, values: list[str]) -> str:
    choices = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    return "、".join(choices.get(value, value) for value in values if value)


def _views(request: Request) -> list[dict[str, Any]]:
    """Return the ready-made views and the user's own; the one whose query is asked for is current."""
    asked = request.GET.copy()
    for passing in ("after", "sort", "cols"):
        asked.pop(passing, None)
    ready = [
        ("全部客户", ""),
        ("应联系", "contact=due"),
        ("核心客户", "flag=core"),
        ("测评将到期", "flag=risk_due"),
        ("7 日内生日", "flag=birthday"),
        ("无客户经理", "flag=unassigned"),
    ]
    own = [(view.name, view.query) for view in request.user.saved_views.filter(page=PAGE).order_by("name")]
    return [
        {"label": label, "url": f"?{query}", "current": QueryDict(query) == asked, "count": None}
        for label, query in [*ready, *own]
    ]
