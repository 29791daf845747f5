"""Findings: what was said by topic, the list and board, one finding from measure to figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from complaints.forms.finding import (
    FindingFilter,
    FindingForm,
    MeasureForm,
    RemeasureForm,
    ResultForm,
    SpanForm,
    WhyForm,
)
from complaints.models import Finding
from complaints.operations.findings import Found, drop, find, finish, plan_measure, remeasure, reopen
from complaints.queries import findings as queries
from complaints.rules import findings as rules
from office.http import Request, needs
from office.paging import keyset_page

PER_COLUMN = 30
COLUMNS = (rules.OPEN, rules.PLANNED, rules.DONE, rules.REMEASURED)


@require_GET
@needs("complaints.view_finding")
def finding_list(request: Request) -> HttpResponse:
    form, today = FindingFilter(request.GET), timezone.localdate()
    form.is_valid()  # what cannot be read is left out
    wanted = form.cleaned_data
    rows = queries.finding_list(request.user, wanted, today)
    counts = queries.state_counts(request.user, today)
    context: dict[str, Any] = {
        "form": form, "wanted": wanted, "today": today, "tabs": _tabs(wanted, counts), "overdue": counts["overdue"],
        "page": keyset_page(rows, ["-made_at", "-pk"], request.GET.get("after", "")),
    }  # fmt: skip
    return render(request, "complaints/finding_list.html", context)


@require_GET
@needs("complaints.view_finding")
def finding_board(request: Request) -> HttpResponse:
    today = timezone.localdate()
    counts = queries.state_counts(request.user, today)
    labels = dict(Finding.State.choices)
    columns = []
    for state in COLUMNS:
        rows = queries.finding_list(request.user, {"state": state}, today)
        order = ("due_on", "pk") if state == rules.PLANNED else ("-made_at", "-pk")
        found = rows.order_by(*order)[:PER_COLUMN]
        label = labels[Finding.State(state)]
        columns.append({"state": state, "label": label, "count": counts.get(state, 0), "rows": found})
    return render(request, "complaints/finding_board.html", {"columns": columns, "today": today, "most": PER_COLUMN})


@require_GET
@needs("complaints.edit_finding")
def finding_analysis(request: Request) -> HttpResponse:
    since, until = SpanForm(request.GET).span(timezone.localdate())
    lines = queries.analysis(request.user, since, until)
    topic = request.GET.get("topic", "")
    shown = next((line for line in lines if line.topic == topic), None)
    context = {
        "since": since, "until": until, "shown": shown,
        "groups": [
            (label, [line for line in lines if line.kind == kind]) for kind, label in Finding.Kind.choices
        ],
        "sheets": queries.item_sheets(request.user, shown.sheet_ids) if shown else [],
        "complaints": queries.item_complaints(request.user, shown.complaint_ids) if shown else [],
    }  # fmt: skip
    return render(request, "complaints/finding_analysis.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_finding")
def finding_create(request: Request) -> HttpResponse:
    """Put a finding on the list: of a topic of a period, of one sheet, of one complaint, or by hand."""
    source = _source(request)
    form = FindingForm(request.POST or None, by=request.user, initial=source["initial"])
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "client_no"}
        finding = find(Found(**values, **source["items"]), by=request.user)
        messages.success(request, "改进事项已登记，请确定措施")
        return redirect(finding)
    context = {"form": form, **source}
    return render(request, "complaints/finding_create.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("complaints.view_finding")
def finding_detail(request: Request, pk: int) -> HttpResponse:
    finding, user, today = _finding(request, pk), request.user, timezone.localdate()
    leads, items = user.has_perm("complaints.edit_finding"), list(finding.items.all())
    context = {
        "finding": finding, "today": today, "is_overdue": finding.is_overdue(today),
        "sees_figures": queries.sees_figures(user),
        "sheets": queries.item_sheets(user, [item.sheet_id for item in items if item.sheet_id]),
        "complaints": queries.item_complaints(
            user, [item.complaint_id for item in items if item.complaint_id]
        ),
        "may": {act for act in rules.MOVES if rules.next_state(act, finding.state) and leads}
        | ({"finish"} if finding.state == rules.PLANNED and queries.may_act_on(finding, user) else set()),
    }  # fmt: skip
    return render(request, "complaints/finding_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_finding")
def finding_plan(request: Request, pk: int) -> HttpResponse:
    finding = _finding(request, pk)
    form = MeasureForm(request.POST or None, finding=finding, by=request.user, today=timezone.localdate())
    text = f"建议：{finding.proposal[1]}"
    return _act(request, finding, form, "确定措施", text, partial(plan_measure, finding, by=request.user))


@require_http_methods(["GET", "POST"])
@needs("complaints.view_finding")
def finding_finish(request: Request, pk: int) -> HttpResponse:
    finding = _finding(request, pk)
    form = ResultForm(request.POST or None, finding=finding, today=timezone.localdate())
    return _act(request, finding, form, "填写结果", finding.measure, partial(finish, finding, by=request.user))


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_finding")
def finding_remeasure(request: Request, pk: int) -> HttpResponse:
    finding = _finding(request, pk)
    form = RemeasureForm(request.POST or None, finding=finding, by=request.user)
    text = "比较整改前的调查与完成之后开始、已经结束的一次调查。"
    return _act(request, finding, form, "复测", text, partial(remeasure, finding, by=request.user))


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_finding")
def finding_drop(request: Request, pk: int) -> HttpResponse:
    finding = _finding(request, pk)
    form = WhyForm(request.POST or None, finding=finding)
    return _act(request, finding, form, "不处理", "", partial(drop, finding, by=request.user))


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_finding")
def finding_reopen(request: Request, pk: int) -> HttpResponse:
    finding = _finding(request, pk)
    form = WhyForm(request.POST or None, finding=finding)
    return _act(request, finding, form, "重新处理", "", partial(reopen, finding, by=request.user))


def _finding(request: Request, pk: int) -> Finding:
    rows = Finding.objects.visible_to(request.user).select_related(
        "owner", "client", "about", "made_by", "base_run", "later_run"
    )
    return get_object_or_404(rows, pk=pk)


def _act(
    request: Request, finding: Finding, form: Any, verb: str, text: str, does: Callable[..., Finding]
) -> HttpResponse:
    if form.is_valid():
        moved = does(**form.cleaned_data)
        messages.success(request, f"{verb}：已保存")
        return redirect(moved)
    context = {
        "title": f"{verb}：{finding.title}", "text": text, "verb": verb, "form": form,
        "cancel_href": finding.get_absolute_url(),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _source(request: Request) -> dict[str, Any]:
    """Return what a new finding is drawn from: the sheet, the complaint or the topic that the address names."""
    user, asked = request.user, request.GET
    since, until = SpanForm(asked).span(timezone.localdate())
    sheets = queries.item_sheets(user, _numbers(asked.get("sheet")))
    complaints = queries.item_complaints(user, _numbers(asked.get("complaint")))
    if sheets or complaints:
        return _of_one(sheets, complaints)
    line = next((line for line in queries.analysis(user, since, until) if line.topic == asked.get("topic")), None)
    if line is None:
        return {"initial": {"kind": rules.COMMON}, "items": {}}
    return _of_topic(user, line)


def _of_topic(user: Any, line: queries.TopicCount) -> dict[str, Any]:
    sheets, complaints = queries.item_sheets(user, line.sheet_ids), queries.item_complaints(user, line.complaint_ids)
    counted = {"clients_count": line.clients, "answered_count": line.answered}
    runs = [sheet.invitation.run_id for sheet in sheets if hasattr(sheet, "invitation")]
    title = f"{line.label}：{line.clients} 位客户反映"
    initial: dict[str, Any] = {"topic": line.topic, "kind": line.kind, "title": title}
    initial |= {"base_run": runs[0]} if runs else {}
    about = line.about_ids - {None}
    initial |= {"about": about.pop()} if len(about) == 1 and not complaints else {}
    return {"initial": initial, "items": {"sheets": sheets, "complaints": complaints, **counted}}


def _of_one(sheets: list[Any], complaints: list[Any]) -> dict[str, Any]:
    one = (sheets or complaints)[0]
    if sheets:
        topic = min(one.topics, key=one.topics.get, default="other")
        about, run = one.about_id, one.invitation.run_id if hasattr(one, "invitation") else None
    else:
        topic, about, run = rules.topic_of_complaint(one.cause_code, one.category) or "other", None, None
    initial = {
        "topic": topic, "kind": rules.INDIVIDUAL, "client_no": one.client.client_no if one.client else "",
        "about": about, "base_run": run,
    }  # fmt: skip
    return {"initial": initial, "items": {"sheets": sheets, "complaints": complaints, "clients_count": 1}}


def _numbers(text: str | None) -> list[int]:
    return [int(text)] if text and text.isascii() and text.isdigit() and len(text) < 18 else []


def _tabs(wanted: dict[str, Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    rest = {name: wanted[name] for name in ("kind", "topic") if wanted.get(name)}
    whole = sum(count for state, count in counts.items() if state != "overdue")
    choices = [("", "全部", whole), *((state, label, counts.get(state, 0)) for state, label in Finding.State.choices)]
    tabs = [
        {"label": label, "url": f"?{urlencode({**rest, 'state': state} if state else rest)}", "count": count,
         "current": state == (wanted.get("state") or "") and not wanted.get("show")}
        for state, label, count in choices
    ]  # fmt: skip
    is_late = wanted.get("show") == "overdue"
    return [*tabs, {"label": "已逾期", "url": "?show=overdue", "count": counts["overdue"], "current": is_late}]
