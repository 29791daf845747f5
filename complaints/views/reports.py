"""Complaints in figures: the register, the causes, the report of the year, and how long each step may take."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from complaints.errors import FactMissing
from complaints.filters import PeriodFilter
from complaints.forms.complaint_settings import LimitForm
from complaints.models import Category, Channel, Clock, Outcome, State
from complaints.operations import set_limit
from complaints.queries import analysis as tables
from complaints.queries import figures
from complaints.queries.limits import limits
from complaints.rules.clocks import DEFAULTS
from complaints.views.public import public_address
from office.http import Request, needs

MOST_LINES = 500  # of a register on one page; more go into a workbook
FIRST_YEAR = 2000


@require_GET
@needs("complaints.view_figures")
def register(request: Request) -> HttpResponse:
    """投诉台账 of a period, to be read and printed."""
    form, today = PeriodFilter(request.GET), timezone.localdate()
    since, until = form.span(today.replace(day=1), today)
    rows = tables.register_rows(figures.received(request.user, since, until))
    lines = list(rows[: MOST_LINES + 1])
    context = {
        "form": form, "since": since, "until": until, "lines": lines[:MOST_LINES],
        "more": len(lines) > MOST_LINES, "most": MOST_LINES, "now": timezone.now(),
    }  # fmt: skip
    return render(request, "complaints/register.html", context)


@require_GET
@needs("complaints.view_figures")
def analysis(request: Request) -> HttpResponse:
    """Category × cause × person × month, how timely, and whether complainants leave more often (CMP-14)."""
    form, today = PeriodFilter(request.GET), timezone.localdate()
    since, until = form.span(today - timedelta(days=364), today)
    user = request.user
    context = {
        "form": form,
        "since": since,
        "until": until,
        "table": tables.cause_table(user, since, until),
        "people": tables.person_lines(figures.causes(user, since, until)),
        "months": tables.month_table(user, since, until),
        "categories": Category.choices,
        "timeliness": _timeliness(figures.timeliness(user, since, until)),
        "leaving": figures.leaving(user, since, until),
    }
    return render(request, "complaints/analysis.html", context)


@require_GET
@needs("complaints.view_figures")
def yearly(request: Request) -> HttpResponse:
    """The report of one year, due by the end of April of the next."""
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = (
        int(asked) if asked.isdecimal() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= today.year else today.year
    )
    found = figures.yearly(request.user, year)
    context = {
        "year": year,
        "years": range(today.year, today.year - 5, -1),
        "found": found,
        "blocks": [
            ("按类别", _labelled(found["by_category"], Category.choices)),
            ("按渠道", _labelled(found["by_channel"], Channel.choices)),
            ("按状态", _labelled(found["by_state"], State.choices)),
            ("按处理结论", _labelled(found["by_outcome"], Outcome.choices)),
        ],
        "timeliness": _timeliness(found["timeliness"]),
        "is_due": today < date(today.year, 5, 1) and year == today.year - 1,
        "now": timezone.now(),
    }
    return render(request, "complaints/yearly.html", context)


@require_GET
@needs("complaints.view_figures")
def limit_list(request: Request) -> HttpResponse:
    """How long each step may take, where that is said, and how sure it is."""
    branch = request.user.branch
    held = limits(branch) if branch else {}
    rows = [held[one.step] for one in DEFAULTS if one.step in held]
    context = {"rows": rows, "branch": branch, "public_url": public_address(request) if branch else ""}
    return render(request, "complaints/limits.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_limit")
def limit_edit(request: Request, step: str) -> HttpResponse:
    branch = request.user.branch
    held = limits(branch).get(step) if branch else None
    if branch is None or held is None:
        raise Http404
    form = LimitForm(request.POST or None, initial={"amount": held.amount})
    if form.is_valid():
        try:
            row = set_limit(branch, step, form.cleaned_data["amount"], by=request.user)
        except FactMissing as error:
            form.add_error("amount", error.message)
        else:
            messages.success(request, f"{row.get_step_display()}时限改为 {row.amount} {row.get_unit_display()}")
            return redirect("complaints:limits")
    context = {
        "title": f"{held.get_step_display()}时限", "verb": "保存时限", "form": form,
        "text": f"单位：{held.get_unit_display()}。从现在起开始的计时按新时限，正在计时的不变",
        "cancel_href": reverse("complaints:limits"),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _labelled(counts: dict[str, int], choices: list[tuple[str, str]]) -> list[tuple[str, int]]:
    return [(str(label), counts.get(code, 0)) for code, label in choices]


def _timeliness(lines: list[figures.Timeliness]) -> list[tuple[str, figures.Timeliness]]:
    labels = dict(Clock.Measure.choices)
    return [(str(labels[line.step]), line) for line in lines]
