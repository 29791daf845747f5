"""The complaints as list, board and queue, and the list as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from complaints.exporting import register_workbook
from complaints.filters import ComplaintFilter
from complaints.forms.complaint_intake import RegisterExportForm
from complaints.models import Complaint, State
from complaints.operations.showing import record_export
from complaints.queries import lists
from complaints.queries.analysis import register_rows
from complaints.rules.states import ENDED, OPEN
from office import queries
from office.dates import TradingCalendar
from office.http import Request, needs, part
from office.menu import link
from office.models import SavedView
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood

PAGE = "complaints:list"
PAGE_SIZE = 50
MOST_ROWS = 50_000  # of a workbook
MOST_CARDS = 30  # of one column
PANEL_ROWS = 5
SHOWN_DAYS = 30  # since their end, on the board
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SORTS = {
    "due": ["due_at", "pk"], "-due": ["-due_at", "-pk"],
    "received": ["received_at", "pk"], "-received": ["-received_at", "-pk"],
}  # fmt: skip
READY = (
    ("办理中", ""),
    ("已逾期", "overdue=on"),
    ("不满意", "state=all&unsatisfied=on"),
    ("已结案", "state=closed"),
    ("全部投诉", "state=all"),
)


@dataclass(frozen=True)
class Column:
    """One state of the board."""

    label: str
    cards: list[Complaint]
    count: int
    href: str

    @property
    def rest(self) -> int:
        """How many more there are than cards."""
        return self.count - len(self.cards)


@require_GET
@needs("complaints.view_complaint")
def complaint_list(request: Request) -> HttpResponse:
    form = ComplaintFilter(request.GET, user=request.user)
    now = timezone.now()
    rows = lists.complaint_list(request.user, form.wanted, now)
    sort = _sort(request, form)
    if sort.endswith("due"):
        rows = rows.filter(due_at__isnull=False)
    page = keyset_page(rows, SORTS[sort], request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "page": page,
        "form": form,
        "chips": chips(form, request.GET),
        "sort": sort,
        "count": count_label(count_beside(page, rows)),
        "count_words": f"本页 {len(page)} 件",
        "counts": lists.counts(request.user, now),
        "next_url": _at(request.GET, page.next),
        "previous_url": _at(request.GET, page.previous),
        "views": _views(request),
        "save_href": f"{link('office:view_save')}?{urlencode({'page': PAGE, 'query': request.GET.urlencode()})}",
        "query": request.GET.urlencode(),
        **moment(request),
    }
    return render(request, part(request, "complaints/complaint_list.html", "table"), context)


@require_GET
@needs("complaints.view_complaint")
def board(request: Request) -> HttpResponse:
    now = timezone.now()
    counted = lists.counts(request.user, now)
    rows = lists.rows_for_lists(request.user)
    columns = [
        Column(
            state.label,
            list(rows.open().filter(state=state).order_by("due_at", "pk")[:MOST_CARDS]),
            counted.by_state[state],
            f"{reverse(PAGE)}?state={state}",
        )
        for state in map(State, OPEN)
    ]
    ended = rows.standing().filter(state__in=ENDED, ended_at__gte=now - timedelta(days=SHOWN_DAYS))
    over = list(ended.order_by("-ended_at", "-pk")[:MOST_CARDS])
    columns.append(Column(f"近 {SHOWN_DAYS} 天结束", over, len(over), f"{reverse(PAGE)}?state=all"))
    context = {"columns": columns, "counts": counted, **moment(request)}
    return render(request, "complaints/board.html", context)


@require_GET
@needs("complaints.view_complaint")
def queue(request: Request) -> HttpResponse:
    context = {
        "mine": lists.queue(request.user)[:PAGE_SIZE],
        "approvals": lists.to_approve(request.user)[:PAGE_SIZE],
        "asked": lists.asked_of(request.user)[:PAGE_SIZE],
        **moment(request),
    }
    return render(request, "complaints/queue.html", context)


@require_GET
@needs("complaints.view_figures")
def standing_panel(request: Request) -> HttpResponse:
    """Show how complaints stand now and which press; the cockpit composes it."""
    now = timezone.now()
    found = lists.standing(request.user, now)
    context = {
        "found": found,
        "states": [(state.value, state.label, found.by_state[state]) for state in map(State, OPEN)],
        "rows": lists.pressing(request.user, now + timedelta(days=1), PANEL_ROWS),
        **moment(request),
    }
    template = "complaints/_standing_panel.html" if request.htmx else "complaints/standing_panel.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@needs("complaints.export_complaint")
def export(request: Request) -> HttpResponse:
    """Hand the complaints of the present filters out as a workbook, once a purpose is named."""
    asked = ComplaintFilter(request.GET, user=request.user)
    understood(asked)
    wanted = asked.wanted
    rows = register_rows(lists.complaint_list(request.user, wanted, timezone.now()))[:MOST_ROWS]
    form = RegisterExportForm(request.POST or None)
    if not form.is_valid():
        context = {
            "title": "导出投诉台账", "form": form, "verb": "导出 Excel",
            "text": f"导出当前条件下的全部 {rows.count():,} 件，电话与账号以掩码列出",
            "cancel_href": f"{reverse(PAGE)}?{request.GET.urlencode()}",
        }  # fmt: skip
        return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
    content, count = register_workbook(rows.iterator(chunk_size=2000))
    record_export(count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(content, content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="complaints-{timezone.localdate():%Y%m%d}.xlsx"'
    return response


def moment(request: Request) -> dict[str, Any]:
    """Return what time left is told from: now, today and the calendar of the branch."""
    branch = request.user.branch
    days: TradingCalendar = queries.calendar(branch.calendar) if branch else queries.calendar()
    return {"now": timezone.now(), "today": timezone.localdate(), "days": days}


def chips(form: forms.Form, query: QueryDict) -> list[dict[str, str]]:
    """Return the active filters in words, each with the address of the list without it."""
    found = []
    for name, field in form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if name in ("q", "client") or not values:
            continue
        labels = {str(value): str(label) for value, label in getattr(field, "choices", [])}
        said = "是" if isinstance(field, forms.BooleanField) else "、".join(labels.get(one, one) for one in values)
        rest = query.copy()
        del rest[name]
        rest.pop("after", None)
        found.append({"key": str(field.label), "value": said, "href": f"?{rest.urlencode()}"})
    return found


def _sort(request: Request, form: ComplaintFilter) -> str:
    """Return the order asked for; what is over has no deadline, so the latest comes first there."""
    asked = request.GET.get("sort", "")
    by_due = form.wanted["state"] in ("open", *OPEN)
    return asked if asked in SORTS else "due" if by_due else "-received"


def _at(query: QueryDict, cursor: str) -> str:
    if not cursor:
        return ""
    turned = query.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"


def _views(request: Request) -> list[dict[str, Any]]:
    asked = request.GET.copy()
    for passing in ("after", "sort"):
        asked.pop(passing, None)
    own = SavedView.objects.filter(employee=request.user, page=PAGE).order_by("name").values_list("name", "query")
    return [
        {"label": label, "url": f"?{query}", "current": QueryDict(query) == asked, "count": None}
        for label, query in [*READY, *own]
    ]
