"""What becomes of chosen lines of a plan: approved, rejected with a reason, undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from office.http import Request, needs
from segmentation.forms.plans import LinesForm
from segmentation.models import AllocationPlan, PlanLine
from segmentation.operations import planning
from segmentation.views.plans import seen


@require_POST
@needs("segmentation.approve_plan")
def plan_decide(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    form, approve = LinesForm(request.POST), request.POST.get("decision") == "approve"
    if not form.is_valid() or not (approve or form.cleaned_data["remark"].strip()):
        return _asked_again(request, plan, form)
    lines = PlanLine.objects.visible_to(request.user).filter(plan=plan, pk__in=form.cleaned_data["ids"])
    count = planning.decide_lines(plan, lines, approve=approve, remark=form.cleaned_data["remark"], by=request.user)
    messages.success(request, f"已{'批准' if approve else '驳回'} {count} 条")
    return redirect(plan)


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


def _asked_again(request: Request, plan: AllocationPlan, form: LinesForm) -> HttpResponse:
    """Ask for what is missing: lines, or the reason for turning them down; what was ticked stays ticked."""
    chosen = form.cleaned_data.get("ids", []) if form.is_bound and hasattr(form, "cleaned_data") else []
    context = {"plan": plan, "form": form, "chosen": chosen, "count": len(chosen)}
    return render(request, "segmentation/plan_reject_lines.html", context, status=422)
