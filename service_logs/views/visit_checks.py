"""Head office's spot checks: the list with denied relations in force, the draw, one check, what it found."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.models import Branch
from service_logs.forms.visits import LARGEST_SEED, CheckForm, FindingForm
from service_logs.models import ReturnVisit, SpotCheck
from service_logs.operations.spot_checks import draw_check, record_finding, refuse_subject
from service_logs.queries.spot_checks import checks, confirmed_relations, denied_in_force, visit_checked
from service_logs.queries.visits import visit_rows
from service_logs.views.visits import seen, tabs

MOST_LINES = 100


@require_GET
@needs("service_logs.view_visit")
def list_checks(request: Request) -> HttpResponse:
    context = {
        "tabs": tabs(request, "visit_checks"), "checks": list(checks(request.user)[:MOST_LINES]),
        "denied": list(denied_in_force(request.user)[:MOST_LINES]), "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "service_logs/visit_checks.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.spot_check")
def check_draw(request: Request) -> HttpResponse:
    branch = get_object_or_404(Branch, pk=request.user.branch_id)
    form = CheckForm(request.POST or None, initial={"seed": secrets.randbelow(LARGEST_SEED) + 1})
    if form.is_valid():
        check = draw_check(branch, **form.cleaned_data, by=request.user, today=timezone.localdate())
        messages.success(request, f"已随机抽取 {check.size} 条开发关系")
        return redirect(check)
    context = {
        "title": "抽取回访抽查", "verb": "随机抽取", "form": form,
        "text": f"从 {confirmed_relations(branch).count():,} 条已确认的开发关系中随机抽取，逐一重新回访并核对录音",
        "cancel_href": reverse("service_logs:visit_checks"),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("service_logs.view_visit")
def check_detail(request: Request, pk: int) -> HttpResponse:
    check = get_object_or_404(SpotCheck.objects.visible_to(request.user).select_related("made_by"), pk=pk)
    rows = list(visit_rows(request.user).filter(check_of=check).select_related("responsible").order_by("pk"))
    earlier = ReturnVisit.objects.filter(
        relation__in=[row.relation_id for row in rows], state="done", check_of=None
    ).exclude(recognised="")
    settled = {row.relation_id: row for row in earlier.select_related("caller").order_by("done_on", "pk")}
    context = {
        "check": check, "today": timezone.localdate(),
        "rows": [(row, settled.get(row.relation_id), row.may_be_read_by(request.user)) for row in rows],
    }  # fmt: skip
    return render(request, "service_logs/visit_check.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.spot_check")
def check_finding(request: Request, pk: int) -> HttpResponse:
    visit, today = seen(request, pk), timezone.localdate()
    check = get_object_or_404(SpotCheck.objects.visible_to(request.user), pk=visit.check_of_id)
    refuse_subject(visit, request.user, today)
    form = FindingForm(request.POST or None, visit=visit)
    if form.is_valid():
        record_finding(visit, **form.cleaned_data, by=request.user, today=today)
        messages.success(request, f"{visit.client} 的抽查结论已登记")
        return redirect(check)
    before = visit_checked(visit)
    heard = f"原回访 {before.done_on}，录音 {before.recording_ref or '无'}" if before else "此前没有认定关系的回访"
    context = {
        "title": f"抽查结论 {visit.client}", "text": heard, "verb": "登记结论", "form": form,
        "cancel_href": check.get_absolute_url(),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
