"""Why clients leave, year by year, and what the branch answers to each reason (RET-03, RET-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.understanding import unclear
from retention.errors import NotAtThisPoint
from retention.forms.responses import ResponseForm
from retention.library_sheets import reason_sheet
from retention.models import Reason, ResponseNote
from retention.operations.responses import write_response
from retention.queries import reasons as reading
from retention.views.lists import Export, export, posted, query_of
from service_logs.queries.scripts import script_for, scripts_for

FIRST_YEAR = 2004  # of the calendar
REASONS, RESPONSES = "retention:reasons", "retention:responses"


@require_GET
@needs("retention.view_reason")
def reason_report(request: Request) -> HttpResponse:
    last = _last_year(request)
    years = reading.reason_years(last)
    lines = reading.reasons_by_year(request.user, years)
    this_year = timezone.localdate().year
    context = {
        "years": years,
        "lines": lines,
        "chart": reading.columns(lines, years),
        "earlier": f"?year={years[0] - 1}" if years[0] > FIRST_YEAR else "",
        "later": f"?year={min(years[-1] + reading.YEARS, this_year)}" if years[-1] < this_year else "",
        "fewest": reading.FEWEST,
        "query": query_of(request),
        "now": timezone.localtime(),
    }
    return render(request, "retention/reasons.html", context)


@require_http_methods(["GET", "POST"])
@needs("retention.export_reason")
def reason_export(request: Request) -> HttpResponse:
    last = _last_year(request)
    if request.GET.get("year") and request.GET["year"] != str(last.year):
        raise unclear("年份")
    years = reading.reason_years(last)
    lines = reading.reasons_by_year(request.user, years)
    wanted = Export(
        "流失原因", "reasons", len(lines), lambda: reason_sheet(lines, years), REASONS, "只有各原因的件数，没有客户资料"
    )
    return export(request, wanted)


@require_GET
@needs("retention.view_reason")
def response_list(request: Request) -> HttpResponse:
    """Show what to say and what to do for every reason: the library that all who talk read."""
    text = request.GET.get("q", "").strip()
    responses = reading.latest_responses(request.user.branch)
    scripts = scripts_for([f"retention.{code}" for code in Reason.values], request.user.branch)
    entries = [
        {
            "code": code, "label": str(label), "response": responses.get(code),
            "script": scripts.get(f"retention.{code}"),
        }
        for code, label in Reason.choices
    ]  # fmt: skip
    shown = [entry for entry in entries if text in _words(entry)]
    context = {"entries": shown, "q": text, "missing": sum(entry["response"] is None for entry in entries)}
    return render(request, "retention/responses.html", context)


@require_GET
@needs("retention.view_reason")
def response_detail(request: Request, reason: str) -> HttpResponse:
    return render(request, "retention/response_detail.html", _context(request, _known(reason)))


@require_http_methods(["GET", "POST"])
@needs("retention.write_response")
def response_write(request: Request, reason: str) -> HttpResponse:
    if request.user.branch is None:
        raise Http404
    known = _known(reason)
    latest = reading.latest_responses(request.user.branch).get(reason)
    form = ResponseForm(posted(request), initial=_written(latest))
    status, theirs = 422 if form.is_bound else 200, None
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = write_response(request.user.branch, reason, by=request.user, **said)
        except NotAtThisPoint:
            theirs = reading.latest_responses(request.user.branch).get(reason)
            assert theirs is not None
            form = ResponseForm({**said, "version": theirs.version})  # the text is kept, now upon their version
            status = 409
        else:
            messages.success(request, f"「{known.label}」的应对已写到第 {made.version} 版")
            return redirect("retention:response_detail", reason)
    context = {
        "form": form,
        "theirs": theirs,
        "latest": latest,
        "reason": reason,
        "label": known.label,
        "menu": RESPONSES,
    }
    return render(request, "retention/response_write.html", context, status=status)


def _known(reason: str) -> Reason:
    if reason not in Reason.values:
        raise Http404
    return Reason(reason)


def _last_year(request: Request) -> date:
    """Return the last day of the year the report ends with: the one asked for, at most this one."""
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today.year
    return date(max(FIRST_YEAR + reading.YEARS, min(year, today.year)), 12, 31)


def _words(entry: dict[str, Any]) -> str:
    said = entry["response"]
    script = entry["script"]
    return "\n".join(
        [entry["label"], *([said.text, said.worked] if said else []), *([script.title, script.text] if script else [])]
    )


def _written(latest: ResponseNote | None) -> dict[str, Any]:
    if latest is None:
        return {"version": 0}
    return {"version": latest.version, "text": latest.text, "worked": latest.worked}


def _context(request: Request, reason: Reason) -> dict[str, Any]:
    measured = reading.measured(request.user, reason)
    return {
        "reason": str(reason),
        "label": reason.label,
        "measured": measured,
        "response": measured[0].note if measured else None,
        "lessons": reading.lessons_of(request.user, reason),
        "script": script_for(f"retention.{reason}", request.user.branch),
        "fewest": reading.FEWEST,
        "menu": RESPONSES,
    }
