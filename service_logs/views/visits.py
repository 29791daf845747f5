"""Return visits: one's own calls, the list, its export, and one visit."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs, part
from office.paging import capped_count, count_label, keyset_page
from office.understanding import understood
from service_logs.exporting import visit_workbook
from service_logs.filters import VisitFilter
from service_logs.forms.tasks import ExportForm
from service_logs.models import ReturnVisit
from service_logs.operations.exports import record_export
from service_logs.queries.visits import default_sort, order_of, own_calls, visit_list, visit_rows
from service_logs.rules.visits import EXPECTED, TOPICS
from service_logs.views import lists

PAGE, PAGE_SIZE, MOST_ROWS = "service_logs:visit_list", 50, 50_000
CALLS = 100  # lines of one's own calls
READY = (
    ("待回访", "state=open"),
    ("七日内到期", "state=soon"),
    ("已逾期", "state=late"),
    ("已回访", "state=done"),
    ("有意见", "opinion=on"),
)
TABS = (
    ("年度计划", "visit_plan", "view_visit"),
    ("我的回访", "visit_calls", "make_visit"),
    ("全部回访", "visit_list", "view_visit"),
    ("抽查", "visit_checks", "view_visit"),
)


def tabs(request: Request, current: str) -> list[dict[str, Any]]:
    """Return the pages of return visits that `request.user` may open."""
    return [
        {"label": label, "url": reverse(f"service_logs:{route}"), "current": route == current, "count": None}
        for label, route, right in TABS
        if request.user.has_perm(f"service_logs.{right}")
    ]


@require_GET
@needs("service_logs.make_visit")
def visit_calls(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = own_calls(request.user)
    found = list(rows[: CALLS + 1])
    context = {
        "tabs": tabs(request, "visit_calls"), "rows": found[:CALLS], "more": len(found) > CALLS, "today": today,
        "count": len(found) if len(found) <= CALLS else rows.count(),
        "late": sum(row.due_on < today for row in found),
    }  # fmt: skip
    return render(request, "service_logs/visit_calls.html", context)


@require_GET
@needs("service_logs.view_visit")
def list_visits(request: Request) -> HttpResponse:
    form, today = _filter(request), timezone.localdate()
    rows = visit_list(request.user, form.cleaned_data, today)
    sort = default_sort(form.cleaned_data.get("state", ""))
    order = order_of(request.GET.get("sort", sort))
    page = keyset_page(rows, order, request.GET.get("after", ""), PAGE_SIZE, keys_first=True)
    for row in page.rows:
        row.is_read = row.may_be_read_by(request.user)  # type: ignore[attr-defined]  # read by the template
    context = {
        "tabs": tabs(request, "visit_list"), "page": page, "today": today, "form": form, "sort": sort,
        "chips": lists.chips(form, request.GET), "count": count_label(capped_count(rows)),
        "count_words": f"本页 {len(page)} 件", "next_url": lists.at(request.GET, page.next),
        "previous_url": lists.at(request.GET, page.previous), "views": lists.views(request, PAGE, READY),
        "save_href": lists.save_href(request, PAGE), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, part(request, "service_logs/visit_list.html", "table"), context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.export_visit")
def visit_export(request: Request) -> HttpResponse:
    wanted, today = _filter(request), timezone.localdate()
    rows = visit_list(request.user, understood(wanted), today)
    form = ExportForm(request.POST or None)
    if not form.is_valid():
        context = {
            "title": "导出回访",
            "text": f"导出当前条件下的全部 {rows[:MOST_ROWS].count():,} 件，手机与证件号码不在其中",
            "verb": "导出 Excel", "form": form, "cancel_href": f"{reverse(PAGE)}?{request.GET.urlencode()}",
        }  # fmt: skip
        return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
    order = order_of(request.GET.get("sort", default_sort(wanted.cleaned_data.get("state", ""))))
    content, count = visit_workbook(rows.order_by(*order)[:MOST_ROWS].iterator(chunk_size=2000), request.user)
    record_export("visits", count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    return lists.workbook_answer(content, f"visits-{today:%Y%m%d}")


@require_GET
@needs("service_logs.view_visit")
def visit_detail(request: Request, pk: int) -> HttpResponse:
    visit = seen(request, pk)
    user = request.user
    context = {
        "visit": visit, "client": visit.client, "today": timezone.localdate(), "said": said_lines(visit),
        "is_read": visit.may_be_read_by(user),
        "may_record": visit.state == ReturnVisit.State.OPEN and visit.caller_id == user.pk,
        "may_assign": visit.state == ReturnVisit.State.OPEN and user.has_perm("service_logs.plan_visits"),
        "may_add_recording": visit.state == ReturnVisit.State.DONE and not visit.recording_ref,
    }  # fmt: skip
    return render(request, "service_logs/visit_detail.html", context)


def seen(request: Request, pk: int) -> ReturnVisit:
    """Return the visit if `request.user` may know of it, else answer 404."""
    rows = visit_rows(request.user).select_related(
        "client__standing", "manager", "caller", "relation__employee", "relation__client", "responsible", "script",
        "branch", "check_of",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def said_lines(visit: ReturnVisit) -> list[tuple[str, str, str, bool]]:
    """Return what was said as (question, answer in words, note, whether it is as it should be)."""
    words = {topic.key: dict(topic.choices) for topic in TOPICS}
    return [
        (question, words[key].get(row["said"], ""), row["note"], row["said"] == EXPECTED)
        for key, question in visit.questions
        if (row := visit.answers.get(key))
    ]


def _filter(request: Request) -> VisitFilter:
    form = VisitFilter(request.GET, branch_id=request.user.branch_id)
    form.is_valid()  # what cannot be read is left out and shown with its reason
    return form
