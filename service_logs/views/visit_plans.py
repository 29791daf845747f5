"""The year's plan of return visits: how far it has come, made after a preview, added to, given out again."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.http import Request, needs
from office.models import Branch
from service_logs.forms.visits import LARGEST_SEED, PlanForm
from service_logs.models import VisitPlan
from service_logs.operations.visit_plans import add_mandatory, give_out_again, make_plan
from service_logs.queries.visit_progress import plan_of, preview, progress
from service_logs.rules.visits import MINIMUM_RATIO, RATIO_CERTAINTY, RATIO_SOURCE
from service_logs.views.visits import tabs


@require_GET
@needs("service_logs.view_visit")
def visit_plan(request: Request) -> HttpResponse:
    today = timezone.localdate()
    plan = plan_of(request.user, today.year)
    context = {
        "tabs": tabs(request, "visit_plan"), "today": today, "year": today.year, "plan": plan,
        "progress": progress(plan, today) if plan else None,
        "next_year": today.year + 1 if today.month == 12 else None,
    }  # fmt: skip
    return render(request, "service_logs/visit_plan.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.plan_visits")
def visit_plan_make(request: Request) -> HttpResponse:
    """Show what would be drawn; a POST with the same figures draws it."""
    today, branch = timezone.localdate(), _branch(request)
    year = today.year + 1 if request.GET.get("year") == str(today.year + 1) else today.year
    first = {"ratio": f"{MINIMUM_RATIO * 100:.0f}", "seed": str(secrets.randbelow(LARGEST_SEED) + 1)}
    asked = request.POST if request.method == "POST" else {**first, **request.GET.dict()}
    form = PlanForm(asked)
    if form.is_valid() and request.method == "POST" and "preview" not in request.POST:
        plan = make_plan(
            branch, year=year, ratio=form.share, seed=form.cleaned_data["seed"], by=request.user, today=today
        )
        messages.success(request, f"{plan}：抽样 {plan.target:,} 位")
        return redirect("service_logs:visit_plan")
    found = preview(branch, year, float(form.share), form.cleaned_data["seed"], today) if form.is_valid() else None
    context = {
        "form": form, "year": year, "preview": found, "certainty": VisitPlan.Certainty(RATIO_CERTAINTY).label,
        "grade": RATIO_CERTAINTY, "source": RATIO_SOURCE, "plan": plan_of(request.user, year),
    }  # fmt: skip
    status = 200 if form.is_valid() else 422
    return render(request, "service_logs/visit_plan_make.html", context, status=status)


@require_POST
@needs("service_logs.plan_visits")
def visit_plan_add(request: Request, pk: int) -> HttpResponse:
    plan = get_object_or_404(VisitPlan.objects.visible_to(request.user).select_related("branch"), pk=pk)
    added = add_mandatory(plan, by=request.user, today=timezone.localdate()).changed
    messages.success(request, f"补充必访客户 {added:,} 位" if added else "没有新的必访客户")
    return redirect("service_logs:visit_plan")


@require_POST
@needs("service_logs.plan_visits")
def visit_give_out(request: Request) -> HttpResponse:
    given = give_out_again(_branch(request), by=request.user, today=timezone.localdate())
    left = given.skipped["没有独立的回访人"]
    words = f"已分派 {given.changed:,} 件" if given.changed else "没有可分派的回访"
    messages.success(request, f"{words}，{left:,} 件仍没有独立的回访人" if left else words)
    return redirect("service_logs:visit_plan")


def _branch(request: Request) -> Branch:
    return get_object_or_404(Branch, pk=request.user.branch_id)
