"""What lists of this app share: the active filters in words, and addresses of neighbouring pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone

from segmentation.exporting import XLSX


def at(query: QueryDict, cursor: str) -> str:
    """Return the address of the page that `cursor` names, "" for none."""
    if not cursor:
        return ""
    turned = query.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"


def chips(form: Any, query: QueryDict, skip: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Return the active filters in words but those to `skip`, each with the address of the list without it."""
    found = []
    for name, field in form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if not values or name in skip:
            continue
        rest = query.copy()
        del rest[name]
        rest.pop("after", None)
        found.append({"key": str(field.label), "value": _in_words(field, values), "href": f"?{rest.urlencode()}"})
    return found


def workbook_response(content: bytes, name: str) -> HttpResponse:
    """Return a workbook as a download named after what it holds and the day."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y%m%d}.xlsx"'
    return response


def _in_words(field: Any, values: list[str]) -> str:
    choices = getattr(field, "choices", None) or getattr(field.widget, "choices", [])
    words = {str(value): str(label) for value, label in choices}
    return "、".join(words.get(value, value) for value in values)
