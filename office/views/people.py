"""Skills, capacity and leave of one employee."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from office.forms import CapacityForm, LeaveForm, SkillsForm
from office.http import Request, needs
from office.models import Leave
from office.operations import people as operations
from office.views.staff import seen


@require_http_methods(["GET", "POST"])
@needs("office.edit_skill")
def staff_skills(request: Request, pk: int) -> HttpResponse:
    """Assess the skills of an employee, each with evidence."""
    employee = seen(request, pk)
    form = SkillsForm(request.POST or None, held=list(employee.skills.all()))
    if form.is_valid():
        count = operations.rate_skills(employee, form.ratings(), on=timezone.localdate(), by=request.user)
        messages.success(request, f"{employee.name} 的技能已保存，{count} 项有变化")
        return redirect("office:staff_detail", pk=pk)
    context = {"employee": employee, "form": form}
    return render(request, "office/staff_skills.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_capacity(request: Request, pk: int) -> HttpResponse:
    """Set the minutes of service a week from a day on."""
    employee = seen(request, pk)
    form = CapacityForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    if form.is_valid():
        operations.set_capacity(employee, **form.cleaned_data, by=request.user)
        messages.success(request, f"{employee.name} 的服务容量已保存")
        return redirect("office:staff_detail", pk=pk)
    context = {"title": f"{employee.name} 的服务容量", "text": "同一生效日再次保存会替换原来的数", "verb": "保存容量"}
    return _ask(request, form, pk, context)


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def leave_create(request: Request, pk: int) -> HttpResponse:
    """Note a leave and who stands in."""
    employee = seen(request, pk)
    form = LeaveForm(request.POST or None, employee=employee)
    if form.is_valid():
        operations.grant_leave(employee, **form.cleaned_data, by=request.user)
        messages.success(request, f"{employee.name} 的请假已登记")
        return redirect("office:staff_detail", pk=pk)
    return _ask(request, form, pk, {"title": f"登记 {employee.name} 的请假", "verb": "登记请假"})


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def leave_cancel(request: Request, pk: int) -> HttpResponse:
    """Take a leave back."""
    leave = get_object_or_404(
        Leave.objects.select_related("employee", "substitute"), pk=pk, employee__branch_id=request.user.branch_id or 0
    )
    if request.method == "POST":
        operations.cancel_leave(leave, by=request.user)
        messages.success(request, "请假已撤销")
        return redirect("office:staff_detail", pk=leave.employee_id)
    context = {"title": f"撤销 {leave.employee.name} {leave} 的请假", "verb": "撤销请假", "crit": True}
    return _ask(request, None, leave.employee_id, context)


def _ask(
    request: Request, form: CapacityForm | LeaveForm | None, pk: int, context: Mapping[str, object]
) -> HttpResponse:
    back = reverse("office:staff_detail", args=[pk])
    return render(
        request,
        "confirm.html",
        {**context, "form": form, "cancel_href": back},
        status=422 if form is not None and form.is_bound else 200,
    )
