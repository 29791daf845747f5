"""Requests to leave: the list, the clock board, one request, and its panels on other pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clients.models import Client
from office.http import Request, needs, part
from office.paging import capped_count, count_label, keyset_page
from office.queries.audit import audit_of
from retention.filters import RequestFilter, chips
from retention.queries.requests import (
    BOARD,
    CLOCK_ORDER,
    ORDER,
    board_counts,
    on_board,
    request_list,
    requests_of,
    seen_requests,
)

PER_PAGE = 50
PANEL_ROWS = 5
READY = (
    ("全部申请", ""),
    ("未办结", "clock=owed"),
    ("已超时", "clock=late"),
    ("依法待解除", "state=blocked"),
    ("已办结", "state=done"),
    ("曾超时", "clock=breached"),
)


@require_GET
@needs("retention.view_request")
def list_requests(request: Request) -> HttpResponse:
    now, form = timezone.now(), RequestFilter(request.GET)
    form.is_valid()  # what cannot be read is left out and shown with its reason
    rows = request_list(request.user, form.cleaned_data, now)
    page = keyset_page(rows, ORDER, request.GET.get("after", ""), PER_PAGE)
    asked = request.GET.copy()
    asked.pop("after", None)
    context = {
        "page": page,
        "now": now,
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(capped_count(rows)),
        "views": [
            {"label": label, "url": f"?{query}", "current": asked.urlencode() == query, "count": None}
            for label, query in READY
        ],
        "query": asked.urlencode(),
        **_neighbours(request, page),
    }
    return render(request, part(request, "retention/request_list.html", "table"), context)


@require_GET
@needs("retention.view_request")
def clock_board(request: Request) -> HttpResponse:
    now, shown = timezone.now(), request.GET.get("part", "owed")
    shown = shown if shown in BOARD else "owed"
    rows = on_board(seen_requests(request.user), shown, now)
    page = keyset_page(rows, CLOCK_ORDER, request.GET.get("after", ""), PER_PAGE)
    counts = board_counts(request.user, now)
    context = {
        "page": page,
        "now": now,
        "counts": counts,
        "part": shown,
        "views": [
            {"label": label, "url": f"?part={key}", "current": key == shown, "count": counts[key]}
            for key, label in BOARD.items()
        ],
        **_neighbours(request, page),
    }
    return render(request, part(request, "retention/clock_board.html", "table"), context)


@require_GET
@needs("retention.view_request")
def request_detail(request: Request, pk: int) -> HttpResponse:
    rows = seen_requests(request.user).select_related("branch", "done_by", "service_key")
    found = get_object_or_404(rows, pk=pk)
    may_serve = request.user.has_perm("retention.serve_request") and found.is_open
    context = {"found": found, "entries": audit_of(found), "now": timezone.now(), "may_serve": may_serve}
    return render(request, "retention/request_detail.html", context)


@require_GET
@needs("retention.view_request")
def client_requests(request: Request, pk: int) -> HttpResponse:
    """Show the requests of one client; the page of the client composes it."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    rows = requests_of(client, request.user)[:PANEL_ROWS]
    context = {"client": client, "rows": rows, "now": timezone.now()}
    template = "retention/_client_requests.html" if request.htmx else "retention/client_requests.html"
    return render(request, template, context)


@require_GET
@needs("retention.view_request")
def clock_panel(request: Request) -> HttpResponse:
    """Show what stands out among the requests; the cockpit composes it."""
    now = timezone.now()
    rows = on_board(seen_requests(request.user), "old", now).order_by(*CLOCK_ORDER)[:PANEL_ROWS]
    context = {"counts": board_counts(request.user, now), "rows": rows, "now": now}
    template = "retention/_clock_panel.html" if request.htmx else "retention/clock_panel.html"
    return render(request, template, context)


def _neighbours(request: Request, page: Any) -> dict[str, str]:
    return {"next_url": _at(request, page.next), "previous_url": _at(request, page.previous)}


def _at(request: Request, cursor: str) -> str:
    if not cursor:
        return ""
    turned = request.GET.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"
