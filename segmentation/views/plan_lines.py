"""What becomes of chosen lines of a plan: approved, rejected with a reason, undone."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from office.http import Request, needs
from segmentation.forms.plans import LinesForm
from segmentation.models import AllocationPlan, PlanLine
from segmentation.operations import planning
from segmentation.queries.plans import chosen_lines, decidable
from segmentation.views.plans import seen

FILTERS = ("state", "reason", "manager")


@require_POST
@needs("segmentation.approve_plan")
def plan_decide(request: Request, pk: int) -> HttpResponse:
    plan, decision = seen(request, pk), request.POST.get("decision", "")
    form, approve, filtered = LinesForm(request.POST), decision.startswith("approve"), decision.endswith("_filtered")
    valid = form.is_valid() or (filtered and "remark" not in form.errors)
    if not valid or not (approve or form.cleaned_data["remark"].strip()):
        return _asked_again(request, plan, form, filtered=filtered)
    all_lines = PlanLine.objects.visible_to(request.user).filter(plan=plan)
    lines = (
        chosen_lines(all_lines, request.POST).filter(decidable(approve=approve))
        if filtered
        else all_lines.filter(pk__in=form.cleaned_data["ids"])
    )
    count = planning.decide_lines(plan, lines, approve=approve, remark=form.cleaned_data["remark"], by=request.user)
    messages.success(request, f"已{'批准' if approve else '驳回'} {count} 条")
    kept = urlencode({name: request.POST[name] for name in FILTERS if request.POST.get(name)})
    return redirect(f"{plan.get_absolute_url()}?{kept}" if kept else plan.get_absolute_url())


@require_POST
@needs("segmentation.apply_plan")
def plan_undo_lines(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    form = LinesForm(request.POST)
    if not form.is_valid():
        return _asked_again(request, plan, form)
    moved = planning.undo_plan(plan, on=timezone.localdate(), by=request.user, only=form.cleaned_data["ids"])
    messages.success(request, f"{moved} 位客户回到原经理")
    return redirect(plan)


def _asked_again(request: Request, plan: AllocationPlan, form: LinesForm, *, filtered: bool = False) -> HttpResponse:
    """Ask for what is missing: lines, or the reason for turning them down; what was chosen stays chosen."""
    chosen = form.cleaned_data.get("ids", []) if form.is_bound and hasattr(form, "cleaned_data") else []
    lines = PlanLine.objects.visible_to(request.user).filter(plan=plan)
    found = chosen_lines(lines, request.POST).filter(decidable(approve=False)).count() if filtered else len(chosen)
    context = {
        "plan": plan,
        "form": form,
        "chosen": [] if filtered else chosen,
        "count": found,
        "decision": "reject_filtered" if filtered else "reject",
        "kept": [(name, request.POST[name]) for name in FILTERS if request.POST.get(name)],
    }
    return render(request, "segmentation/plan_reject_lines.html", context, status=422)
