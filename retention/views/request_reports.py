"""Requests on paper: the breaches of a month for compliance, how long each step takes, lists as workbooks."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.understanding import unclear, understood
from retention.exporting import request_workbook
from retention.filters import PeriodFilter, RequestFilter, month_of
from retention.forms.closures import PurposeForm
from retention.models import ClosureRequest
from retention.operations.exports import record_export
from retention.queries.process import process_rows
from retention.queries.requests import ORDER, breaches_of, request_list

MOST_ROWS = 50_000
REPORT_DAYS = 90
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs("retention.view_breaches")
def breach_list(request: Request) -> HttpResponse:
    today = timezone.localdate()
    month = month_of(request.GET.get("month", ""), today)
    later = (month + timedelta(days=32)).replace(day=1)
    context = {
        "month": month,
        "rows": breaches_of(request.user, month),
        "earlier": f"?month={month - timedelta(days=1):%Y-%m}",
        "later": f"?month={later:%Y-%m}" if later <= today else "",
        "now": timezone.localtime(),
    }
    return render(request, "retention/breach_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("retention.view_breaches")
def breach_export(request: Request) -> HttpResponse:
    asked, today = request.GET.get("month", ""), timezone.localdate()
    month = month_of(asked, today)
    if asked and asked != f"{month:%Y-%m}":
        raise unclear("月份")
    rows, form = breaches_of(request.user, month), PurposeForm(request.POST or None)
    if not form.is_valid():
        return _ask(request, form, f"导出 {month:%Y-%m} 超时申请", rows.count(), "retention:breach_list")
    content, count = request_workbook("超时申请", rows)
    record_export("超时申请", count, f"month={month:%Y-%m}", reason=form.cleaned_data["reason"], by=request.user)
    return _workbook(content, f"breaches-{month:%Y%m}")


@require_http_methods(["GET", "POST"])
@needs("retention.export_request")
def request_export(request: Request) -> HttpResponse:
    wanted = RequestFilter(request.GET)
    rows = request_list(request.user, understood(wanted), timezone.now()).select_related("done_by")
    form = PurposeForm(request.POST or None)
    if not form.is_valid():
        return _ask(request, form, "导出申请", rows[:MOST_ROWS].count(), "retention:request_list")
    content, count = request_workbook("申请", rows.order_by(*ORDER)[:MOST_ROWS])
    record_export("销户与转户申请", count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return _workbook(content, f"requests-{timezone.localdate():%Y%m%d}")


@require_GET
@needs("retention.view_breaches")
def process_report(request: Request) -> HttpResponse:
    today, form = timezone.localdate(), PeriodFilter(request.GET)
    form.is_valid()
    until = form.cleaned_data.get("until") or today
    since = form.cleaned_data.get("since") or until - timedelta(days=REPORT_DAYS)
    rows = process_rows(request.user, since, until)
    labels = dict(ClosureRequest.Kind.choices)
    context = {
        "rows": [(labels[row.kind], row) for row in rows],
        "since": since,
        "until": until,
        "form": form if form.errors else PeriodFilter(initial={"since": since, "until": until}),
        "menu": "retention:breach_list",
    }
    return render(request, "retention/process_report.html", context)


def _ask(request: Request, form: PurposeForm, title: str, count: int, back: str) -> HttpResponse:
    context = {
        "title": title,
        "text": f"导出当前条件下的全部 {count:,} 件，姓名已掩码，手机与证件号码不在其中",
        "verb": "导出 Excel",
        "form": form,
        "cancel_href": f"{reverse(back)}?{request.GET.urlencode()}",
    }
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
