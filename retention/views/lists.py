"""What the lists around a case share: neighbours of a page, ready views, an export that asks what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from office.http import Request
from office.paging import Page
from retention.churn_sheet import XLSX
from retention.forms.closures import PurposeForm
from retention.library_sheets import Sheet, workbook
from retention.operations.exports import record_export

PER_PAGE = 50
MOST_ROWS = 50_000


def posted(request: Request) -> QueryDict | None:
    """Return what a form was sent with, None if it is only shown; sent empty it is a form with mistakes."""
    return request.POST if request.method == "POST" else None


def neighbours(request: Request, page: Page[Any]) -> dict[str, str]:
    """Return the addresses of the pages beside this one, and the filters without a page."""
    return {
        "next_url": _at(request, page.next),
        "previous_url": _at(request, page.previous),
        "query": query_of(request),
    }


def query_of(request: Request) -> str:
    """Return the filters of an address without its page."""
    asked = request.GET.copy()
    asked.pop("after", None)
    return asked.urlencode()


def part_views(request: Request, parts: dict[str, str], present: str) -> list[dict[str, Any]]:
    """Return the parts of a list as views; the other filters stay."""
    asked = request.GET.copy()
    asked.pop("after", None)
    views = []
    for key, label in parts.items():
        asked["part"] = key
        views.append({"label": label, "url": f"?{asked.urlencode()}", "current": key == present, "count": None})
    return views


def _at(request: Request, cursor: str) -> str:
    if not cursor:
        return ""
    turned = request.GET.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"


@dataclass(frozen=True)
class Export:
    """What one export takes out: its name and file, how many rows, the rows themselves, and the way back."""

    title: str
    file: str
    count: int
    sheet: Callable[[], Sheet]
    back: str
    words: str = "姓名已掩码，手机与证件号码不在其中"


def export(request: Request, wanted: Export) -> HttpResponse:
    """Ask what the export is for; then hand it out, and write down who took how many rows for what."""
    form = PurposeForm(posted(request))
    if not form.is_valid():
        context = {
            "title": f"导出{wanted.title}",
            "text": f"导出当前条件下的全部 {min(wanted.count, MOST_ROWS):,} 行，{wanted.words}",
            "verb": "导出 Excel",
            "form": form,
            "cancel_href": f"{reverse(wanted.back)}?{request.GET.urlencode()}",
            "menu": wanted.back,
        }
        return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
    content, count = workbook(wanted.sheet())
    record_export(wanted.title, count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(content, content_type=XLSX)
    name = f"{wanted.file}-{timezone.localdate():%Y%m%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
