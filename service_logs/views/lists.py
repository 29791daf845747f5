"""What every list of this app shares: addresses of pages, filters in words, saved views, workbooks as answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, QueryDict

from office.http import Request
from office.menu import link
from office.models import SavedView

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def at(query: QueryDict, cursor: str) -> str:
    """Return the address of the same list at another page, "" without a cursor."""
    if not cursor:
        return ""
    turned = query.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"


def chips(form: forms.Form, query: QueryDict) -> list[dict[str, str]]:
    """Return the active filters in words, each with the address of the list without it."""
    found = []
    for name, field in form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if name == "q" or not values:
            continue
        rest = query.copy()
        del rest[name]
        rest.pop("after", None)
        found.append({"key": str(field.label), "value": in_words(field, values), "href": f"?{rest.urlencode()}"})
    return found


def in_words(field: Any, values: list[str]) -> str:
    """Return the choices of a field that were asked for in words."""
    labels = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    return "、".join(labels.get(value, value) for value in values)


def views(request: Request, page: str, ready: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the ready-made views (label, query) and the user's own; the one that is asked for is current."""
    asked = request.GET.copy()
    for passing in ("after", "sort"):
        asked.pop(passing, None)
    own = SavedView.objects.filter(employee=request.user, page=page).order_by("name").values_list("name", "query")
    return [
        {"label": label, "url": f"?{query}", "current": QueryDict(query) == asked, "count": None}
        for label, query in [*ready, *own]
    ]


def save_href(request: Request, page: str) -> str:
    """Return the address that asks for a name of the present view."""
    return f"{link('office:view_save')}?{urlencode({'page': page, 'query': request.GET.urlencode()})}"


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """Return a workbook as a download; `name` is ASCII without the ending."""
    response = HttpResponse(content, content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
