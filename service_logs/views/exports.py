"""The lists of service as workbooks: asked for with a purpose, written into the audit book."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from office.http import Request, needs
from office.understanding import understood
from service_logs.exporting import contact_workbook, task_workbook
from service_logs.filters import ContactFilter, task_filter
from service_logs.forms.tasks import ExportForm
from service_logs.operations.exports import record_export
from service_logs.queries.contacts import contact_list
from service_logs.queries.tasks import order_of, task_list
from service_logs.views import lists

MOST_ROWS = 50_000


@require_http_methods(["GET", "POST"])
@needs("clients.export_client")
def task_export(request: Request) -> HttpResponse:
    wanted = task_filter(request.GET, request.user.branch_id)
    rows = task_list(request.user, understood(wanted), timezone.localdate())
    form = ExportForm(request.POST or None)
    if not form.is_valid():
        return _ask(request, form, "导出任务", rows[:MOST_ROWS].count(), "service_logs:task_list")
    found = rows.order_by(*order_of(request.GET.get("sort", "")))[:MOST_ROWS]
    content, count = task_workbook(found.iterator(chunk_size=2000))
    record_export("tasks", count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return lists.workbook_answer(content, f"tasks-{timezone.localdate():%Y%m%d}")


@require_http_methods(["GET", "POST"])
@needs("clients.export_client")
def contact_export(request: Request) -> HttpResponse:
    wanted = ContactFilter(request.GET, branch_id=request.user.branch_id)
    rows = contact_list(request.user, understood(wanted))
    form = ExportForm(request.POST or None)
    if not form.is_valid():
        return _ask(request, form, "导出服务日志", rows[:MOST_ROWS].count(), "service_logs:contact_list")
    found = rows.order_by("-at", "-pk")[:MOST_ROWS]
    content, count = contact_workbook(found.iterator(chunk_size=2000))
    record_export("contacts", count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return lists.workbook_answer(content, f"contacts-{timezone.localdate():%Y%m%d}")


def _ask(request: Request, form: ExportForm, title: str, count: int, back: str) -> HttpResponse:
    context = {
        "title": title,
        "text": f"导出当前条件下的全部 {count:,} 条，手机与证件号码不在其中",
        "verb": "导出 Excel",
        "form": form,
        "cancel_href": f"{reverse(back)}?{request.GET.urlencode()}",
    }
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
