"""分配方案: all plans, one plan with its figures and lines, on paper and as a workbook."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.models import ClientStanding
from office import queries as office
from office.audit import record
from office.http import Request, needs, part
from office.models import Branch, Employee
from office.paging import keyset_page
from segmentation.exporting import workbook
from segmentation.forms.plans import LineFilter
from segmentation.forms.value import PurposeForm
from segmentation.models import AllocationPlan, PlanLine
from segmentation.operations import proposing, wishes
from segmentation.operations.exports import record_export
from segmentation.plan_sheet import LINE_HEADS, line_rows
from segmentation.queries import plans as queries
from segmentation.queries.handover import plan_measures
from segmentation.queries.plan_effect import plan_effect
from segmentation.tasks import propose
from segmentation.views.listing import at, chips, workbook_response

PLANS_PER_PAGE, LINES_PER_PAGE = 25, 50


def seen(request: Request, pk: int) -> AllocationPlan:
    """Return the plan if the user may know of it, else 404."""
    plans = AllocationPlan.objects.visible_to(request.user).select_related("branch", "made_by", "approved_by")
    return get_object_or_404(plans.select_related("applied_by", "undone_by"), pk=pk)


@require_GET
@needs("segmentation.view_plan")
def plan_list(request: Request) -> HttpResponse:
    branch = request.user.branch
    page = Paginator(queries.plan_list(request.user), PLANS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "gains": {plan.pk: queries.gain_share(plan) for plan in page},
        "making": queries.making(branch) if branch else None,
        "leavers": queries.leavers(branch) if branch and request.user.has_perm("segmentation.make_plan") else [],
        "today": timezone.localdate(),
    }
    return render(request, part(request, "segmentation/plan_list.html", "plans"), context)


@require_POST
@needs("segmentation.make_plan")
def plan_create(request: Request) -> HttpResponse:
    branch = get_object_or_404(Branch, pk=request.user.branch_id)
    run = wishes.ask_for_plan(branch, branch.data_as_of or timezone.localdate(), by=request.user)
    propose.delay_on_commit(branch.pk, run.as_of.isoformat(), run.edition, request.user.pk)
    return redirect("segmentation:plan_list")


@require_POST
@needs("segmentation.make_plan")
def plan_departure(request: Request, pk: int) -> HttpResponse:
    leaver = get_object_or_404(Employee, pk=pk, branch_id=request.user.branch_id or 0)
    plan = proposing.plan_departure(leaver, timezone.localdate(), by=request.user)
    messages.success(request, f"已生成 {leaver.name} 的离岗交接方案，共 {plan.lines.count()} 位客户")
    return redirect(plan)


@require_GET
@needs("segmentation.view_plan")
def plan_detail(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    lines = queries.chosen_lines(queries.plan_lines(plan, request.user), request.GET)
    filter_form = LineFilter(request.GET, managers=queries.line_managers(plan))
    page = keyset_page(lines, queries.LINE_ORDER, request.GET.get("after", ""), LINES_PER_PAGE)
    sheet = figures(request, plan)
    decides = plan.state == plan.State.PUBLISHED and request.user.has_perm("segmentation.approve_plan")
    context = {
        **sheet,
        "ticks": decides or (sheet["may_undo"] and request.user.has_perm("segmentation.apply_plan")),
        "effect": plan_effect(plan, timezone.localdate()),
        "measures": plan_measures(plan, timezone.localdate()),
        "page": page,
        "known": known(request, page.rows),
        "states": queries.line_tabs(plan, request.GET),
        "form": filter_form,
        "chips": chips(filter_form, request.GET, skip=("state",)),
        "found": queries.found_counts(lines),
        "page_label": f"本页 {len(page)} 条",
        "next_url": at(request.GET, page.next),
        "previous_url": at(request.GET, page.previous),
        "query": request.GET.urlencode(),
        "export_form": PurposeForm(),
    }
    return render(request, part(request, "segmentation/plan_detail.html", "lines"), context)


@require_GET
@needs("segmentation.view_plan")
def plan_print(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    rows = list(queries.plan_lines(plan, request.user))
    record("segmentation.plan_printed", plan, by=request.user, after={"lines": len(rows)})
    context = {**figures(request, plan), "rows": rows, "known": known(request, rows), "now": timezone.localtime()}
    return render(request, "segmentation/plan_print.html", context)


@require_POST
@needs("clients.export_client")
def plan_export(request: Request, pk: int) -> HttpResponse:
    plan = seen(request, pk)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "query": "", "title": f"导出方案 {plan.plan_no}", "back": plan.get_absolute_url()}
        return render(request, "segmentation/export.html", context, status=422)
    rows = list(queries.plan_lines(plan, request.user))
    record_export(f"分配方案 {plan.plan_no}", len(rows), "", reason=form.cleaned_data["reason"], by=request.user)
    table = (plan.plan_no, LINE_HEADS, line_rows(rows, known(request, rows)))
    return workbook_response(workbook([table]), plan.plan_no)


def figures(request: Request, plan: AllocationPlan) -> dict[str, Any]:
    """Return what every sheet of a plan shows above its lines."""
    loads = queries.plan_loads(plan)
    today = timezone.localdate()
    trading = office.calendar(plan.branch.calendar)
    last = plan.undo_until if plan.state == plan.State.APPLIED else None
    may_undo = last is not None and today <= last
    return {
        "plan": plan,
        "today": today,
        "points": queries.points_of(plan),
        "gain": queries.gain_share(plan),
        "comparisons": queries.comparisons(plan),
        "counts": queries.state_counts(plan),
        "loads": loads,
        "load_data": queries.load_rows(loads),
        "effective_on": plan.effective_on or trading.next_trading(today),
        "undo_left": trading.trading_days_between(today, last) if last and may_undo else 0,
        "may_undo": may_undo,
        "back": reverse("segmentation:plan_list"),
    }


def known(request: Request, lines: list[PlanLine]) -> set[int]:
    """Return the clients of these lines whom the user may open; the names of the others are cut."""
    clients = [line.client_id for line in lines]
    return set(ClientStanding.objects.visible_to(request.user).filter(pk__in=clients).values_list("pk", flat=True))
