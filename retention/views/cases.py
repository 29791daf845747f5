"""挽留个案: the board of all cases, one case with why, what to say and what was done, the export."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs, part
from office.paging import count_beside, count_label, keyset_page
from office.queries.audit import audit_of
from office.understanding import understood
from retention.case_sheet import case_sheet
from retention.filters import chips
from retention.forms.case_filter import CaseFilter
from retention.models import RetentionCase
from retention.queries import cases as reading
from retention.queries.card import card
from retention.queries.case_facts import suitability
from retention.rules.offers import bears, unknown_suitability
from retention.views.lists import MOST_ROWS, PER_PAGE, Export, export, neighbours, part_views

MENU = "retention:case_board"


@require_GET
@needs("retention.view_case")
def case_board(request: Request) -> HttpResponse:
    form, shown = CaseFilter(request.GET, user=request.user), _part(request)
    form.is_valid()  # what cannot be read is left out and shown with its reason
    rows = reading.case_list(request.user, {**form.cleaned_data, "part": shown})
    page = keyset_page(rows, reading.order_of(_sort(request)), request.GET.get("after", ""), PER_PAGE)
    counts = reading.board_counts(request.user)
    views = part_views(request, reading.BOARD, shown)
    for view, key in zip(views, reading.BOARD, strict=True):
        view["count"] = counts[key]
    context = {
        "page": page,
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "counts": counts,
        "views": views,
        "part": shown,
        "now": timezone.now(),
        **neighbours(request, page),
    }
    return render(request, part(request, "retention/case_board.html", "table"), context)


@require_http_methods(["GET", "POST"])
@needs("clients.export_client")
def case_export(request: Request) -> HttpResponse:
    form, shown = CaseFilter(request.GET, user=request.user), _part(request)
    rows = reading.case_list(request.user, {**understood(form), "part": shown})
    chosen = rows.order_by(*reading.order_of(_sort(request)))[:MOST_ROWS]
    wanted = Export("挽留个案", "cases", chosen.count(), lambda: case_sheet(chosen), MENU, "姓名已掩码，不含谈话内容")
    return export(request, wanted)


@require_GET
@needs("retention.view_case")
def case_detail(request: Request, pk: int) -> HttpResponse:
    found, now = seen_case(request, pk), timezone.now()
    known, today = suitability(found.client), timezone.localdate(now)
    talked = reading.is_talked(found)
    may_work = request.user.has_perm("retention.work_case")
    context = {
        "found": found,
        "entries": audit_of(found),
        "reasons": reading.told_reasons(found, request.user),
        "signs": reading.worded_signs(found),
        "script": reading.script_of(found, request.user),
        "talks": reading.talks_of(found),
        "offers": reading.offers_of(found),
        "is_talked": talked,
        "longest": reading.setting_of(found.branch_id).talk_minutes,
        "card": card(found.client, request.user, now) if found.is_open else None,
        "known": known,
        "no_offer": unknown_suitability(known, today),
        "bears": bears(known.risk_level),
        "may_work": may_work and found.is_open,
        "may_learn": may_work and not found.is_open,
        "now": now,
        "menu": MENU,
    }
    return render(request, "retention/case_detail.html", context)


def seen_case(request: Request, pk: int) -> RetentionCase:
    """Return the case if the person may know of it, with what a page shows; 404 else."""
    rows = reading.seen_cases(request.user).select_related(
        *reading.SHOWN, "client__branch", "branch", "opened_by", "closed_by"
    )
    return get_object_or_404(rows, pk=pk)


def _part(request: Request) -> str:
    shown = request.GET.get("part", "open")
    return shown if shown in reading.BOARD else "open"


def _sort(request: Request) -> str:
    return request.GET.get("sort", reading.DEFAULT_SORT)
