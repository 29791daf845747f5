"""What becomes of a whole plan: submitted, approved, rejected, applied, undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from office import queries as office
from office.http import Request, needs
from segmentation.forms.plans import ReasonForm
from segmentation.operations import planning
from segmentation.views.plans import seen


@require_POST
@needs("segmentation.make_plan")
def plan_publish(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    planning.publish_plan(plan, by=request.user)
    messages.success(request, f"方案 {plan.plan_no} 已提交批准，客户经理现在可以查看")
    return redirect(plan)


@require_POST
@needs("segmentation.approve_plan")
def plan_approve(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    planning.approve_plan(plan, by=request.user)
    messages.success(request, f"方案 {plan.plan_no} 已批准，应用后客户才会变更")
    return redirect(plan)


@require_http_methods(["GET", "POST"])
@needs("segmentation.approve_plan")
def plan_reject(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        planning.reject_plan(plan, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"方案 {plan.plan_no} 已驳回，没有客户变更")
        return redirect(plan)
    context = {
        "form": form,
        "title": f"驳回方案 {plan.plan_no}",
        "text": "驳回后不会变更任何客户。原因会记入审计，方案制作人可以看到。",
        "verb": "驳回方案",
        "cancel_href": plan.get_absolute_url(),
        "crit": True,
    }
    return render(request, "confirm.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@needs("segmentation.apply_plan")
def plan_apply(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    effective = office.calendar(plan.branch.calendar).next_trading(timezone.localdate())
    if request.method == "POST":
        moved, passed = planning.apply_plan(plan, on=effective, by=request.user)
        left_out = f"，{passed} 位未应用，原因见明细" if passed else ""
        messages.success(request, f"已交接 {moved} 位客户，{effective.month}月{effective.day}日 生效{left_out}")
        return redirect(plan)
    context = {
        "title": f"应用方案 {plan.plan_no}",
        "text": f"已批准的客户将于 {effective.month}月{effective.day}日 换到新经理。每条应用前会再核对一次，"
        "情况有变的不动并写明原因。开发关系不变。",
        "verb": "应用方案",
        "cancel_href": plan.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@require_http_methods(["GET", "POST"])
@needs("segmentation.apply_plan")
def plan_undo(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    if request.method == "POST":
        moved = planning.undo_plan(plan, on=timezone.localdate(), by=request.user)
        messages.success(request, f"已撤销方案 {plan.plan_no}，{moved} 位客户回到原经理")
        return redirect(plan)
    context = {
        "title": f"撤销方案 {plan.plan_no}",
        "text": "仍在新经理名下的客户回到原经理；原经理已离岗的客户不动。",
        "verb": "撤销整个方案",
        "cancel_href": plan.get_absolute_url(),
        "crit": True,
    }
    return render(request, "confirm.html", context)
