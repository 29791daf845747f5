"""The list of clients: filters, search, order, columns, saved views, export and bulk marking."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
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
from clients.queries.listing import COLUMNS, DEFAULT_SORT, chosen_columns, listed, order_of
from clients.queries.search import suggestions
from office.http import Request, needs, part
from office.menu import link
from office.paging import count_beside, count_label, keyset_page

PAGE_SIZE = 50
PAGE = "clients:list"
QUICK = ("tier", "value_type", "risk", "contact")  # filters with a chip of their own
CHUNK = 2_000  # rows of an export in memory
READY = (
    ("全部客户", ""),
    ("应联系", "contact=due"),
    ("核心客户", "flag=core"),
    ("测评将到期", "flag=risk_due"),
    ("7 日内生日", "flag=birthday"),
    ("无客户经理", "flag=unassigned"),
)
DUE_SOON_DAYS = 2  # from here to the day the rhythm ends, the last contact is amber


@require_GET
@needs("clients.view_client")
def client_list(request: Request) -> HttpResponse:
    today = timezone.localdate()
    query = _plain(request.GET)
    found = _filtered(request, query, today)
    sort = query.get("sort", DEFAULT_SORT)
    page = keyset_page(listed(found.qs, sort), order_of(sort), request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "page": page,
        "today": today,
        "filter": found,
        "quick": [(found.form[name], *_said(found, query, name)) for name in QUICK],
        "more": [field for field in found.form.visible_fields() if field.name not in {*QUICK, "q"}],
        "chips": _chips(found, query),
        "is_filtered": any(name in query for name in found.form.fields),
        "wrong": [(found.form.fields[name].label, errors[0]) for name, errors in found.form.errors.items()],
        "by_value": order_of(sort) == order_of(DEFAULT_SORT),
        "soon": today + timedelta(days=DUE_SOON_DAYS),
        "count": count_label(count_beside(page, found.qs)),
        "columns": chosen_columns(query.getlist("cols")),
        "column_names": COLUMNS,
        "next_url": _at(query, page.next),
        "previous_url": _at(query, page.previous),
        "views": _views(request, query),
        "export_form": _unbound(ExportForm),
        "importance_form": _unbound(ImportanceForm),
        "query": query.urlencode(),
        "cols_asked": query.getlist("cols"),
        "count_words": f"本页 {len(page)} 位",
        "save_href": f"{link('office:view_save')}?{urlencode({'page': PAGE, 'query': query.urlencode()})}",
    }
    template = part(request, "clients/client_list.html", "table")
    return render(request, template, context, status=422 if context["wrong"] else 200)


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
    query = _plain(request.GET)
    rows, sort = _filtered(request, query, timezone.localdate()).understood(), query.get("sort", DEFAULT_SORT)
    shown = listed(rows, sort).order_by(*order_of(sort))
    workbook, count = client_workbook(shown.iterator(chunk_size=CHUNK), chosen_columns(query.getlist("cols")))
    archive.record_export(count, query.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(workbook, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f'attachment; filename="clients-{timezone.localdate():%Y%m%d}.xlsx"'
    return response


@require_POST
@needs("clients.edit_client")
def mark_importance(request: Request) -> HttpResponse:
    form, query = ImportanceForm(request.POST), _plain(request.GET)
    if form.is_valid():
        chosen = ClientStanding.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["ids"])
        if form.cleaned_data["everything"]:
            chosen = _filtered(request, query, timezone.localdate()).understood()
        count = archive.mark_importance(chosen, form.cleaned_data["importance"], by=request.user)
        label = Client.Importance(form.cleaned_data["importance"]).label
        messages.success(request, f"已将 {count} 位客户改为「{label}」")
    else:
        messages.error(request, "没有改动：请勾选客户，再选一个分类")
    return redirect(f"{reverse(PAGE)}?{query.urlencode()}")


@cache
def _unbound(form: type[Form]) -> Form:
    """Return the one empty form of its kind: to be drawn it is put together once."""
    return form()


def _plain(asked: QueryDict) -> QueryDict:
    """Return what is asked for without what was left empty and without the place in the list."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        said = [value for value in values if value]
        if said and name != "after":
            query.setlist(name, said)
    return query


def _filtered(request: Request, query: QueryDict, today: date) -> ClientFilter:
    rows = ClientStanding.objects.visible_to(request.user)
    return ClientFilter(query, queryset=rows, user=request.user, today=today)


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
    if name not in query:
        return "", ""
    rest = query.copy()
    del rest[name]
    return _in_words(found.form.fields[name], query.getlist(name)), f"?{rest.urlencode()}"


def _in_words(field: Any, values: list[str]) -> str:
    choices = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    return "、".join(choices.get(value, value) for value in values)


@cache
def _ready() -> list[tuple[str, QueryDict]]:
    return [(label, QueryDict(text)) for label, text in READY]


def _views(request: Request, query: QueryDict) -> list[dict[str, Any]]:
    """Return the ready-made views and the user's own; the one that is shown is current.

    A ready-made one is, in whatever order and columns; one of the user's own has these of its own.
    """
    own = [
        (view.name, _plain(QueryDict(view.query)))
        for view in request.user.saved_views.filter(page=PAGE).order_by("name")
    ]
    narrowing = query.copy()
    for passing in ("sort", "cols"):
        narrowing.pop(passing, None)
    at_own = any(wanted == query for _, wanted in own)
    told: list[tuple[str, QueryDict, QueryDict | None]]
    told = [(label, wanted, narrowing if not at_own else None) for label, wanted in _ready()]
    told += [(label, wanted, query) for label, wanted in own]
    return [
        {"label": label, "url": f"?{wanted.urlencode()}", "current": wanted == shown, "count": None}
        for label, wanted, shown in told
    ]
