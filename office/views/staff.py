"""Employees: the list, one of them, and how he comes and goes."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.forms import DepartureForm, HireForm, StaffFilter
from office.http import Request, needs, part
from office.menu import link
from office.models import SERVING_ROLES, Branch, Employee
from office.operations import staff as operations
from office.queries import staff as queries

STAFF_PER_PAGE = 50


@require_GET
@needs("office.view_staff")
def staff_list(request: Request) -> HttpResponse:
    """List the employees of the branch."""
    form = StaffFilter(request.GET, branch=request.user.branch)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.staff_list(request.user, timezone.localdate(), wanted, request.GET.get("sort", "name"))
    page = Paginator(rows, STAFF_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "is_filtered": any(wanted.values())}
    return render(request, part(request, "office/staff_list.html", "table"), context)


@require_GET
def staff_detail(request: Request, pk: int) -> HttpResponse:
    """Show one employee: to himself, and to posts that may see staff."""
    employee = seen(request, pk)
    if employee.pk != request.user.pk and not request.user.has_perm("office.view_staff"):
        raise PermissionDenied("同事的资料由团队长、总监、合规和系统管理员查看")
    today = timezone.localdate()
    context = {
        "employee": employee,
        "skills": employee.skills.order_by("-level", "skill"),
        "capacities": employee.capacities.order_by("-valid_from"),
        "leaves": employee.leaves.filter(ends_on__gte=today).select_related("substitute").order_by("starts_on"),
        "past_leaves": employee.leaves.filter(ends_on__lt=today).count(),
        "is_serving": employee.has_role(*SERVING_ROLES),
        "registration_ends_soon": _ends_soon(employee),
        "today": today,
        **owned(employee),
    }
    return render(request, "office/staff_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_create(request: Request) -> HttpResponse:
    """Take an employee on and show the first password once."""
    form = HireForm(request.POST or None, branch=home(request))
    if form.is_valid():
        employee, password = operations.hire(form.cleaned_data["staff_no"], form.cleaned_data, by=request.user)
        return _issued(request, employee, password, f"{employee.name} 的账号已建立")
    return render(request, "office/staff_edit.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_deactivate(request: Request, pk: int) -> HttpResponse:
    """Close the account of who leaves; clients and tasks wait for a plan."""
    employee = seen(request, pk)
    is_serving = employee.has_role(*SERVING_ROLES)
    form = DepartureForm(request.POST or None, initial={"left_on": timezone.localdate()}, is_serving=is_serving)
    if form.is_valid():
        operations.deactivate(employee, form.cleaned_data["left_on"], form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{employee.name} 的账号已停用")
        return redirect("office:staff_detail", pk=pk)
    context = {"employee": employee, "form": form, "is_serving": is_serving, **owned(employee)}
    return render(request, "office/staff_deactivate.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_reactivate(request: Request, pk: int) -> HttpResponse:
    """Open the account of a returner again."""
    employee = seen(request, pk)
    if request.method == "POST":
        operations.reactivate(employee, by=request.user)
        messages.success(request, f"{employee.name} 可以登录了")
        return redirect("office:staff_detail", pk=pk)
    text = "账号恢复后即可登录，并可再次接手客户。离职前的客户不会自动转回"
    return render(request, "confirm.html", _question(employee, f"恢复 {employee.name} 的账号", text, "恢复账号"))


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_password(request: Request, pk: int) -> HttpResponse:
    """Issue a new password, shown once, and lift the lock."""
    employee = seen(request, pk)
    if request.method == "POST":
        password = operations.issue_password(employee, by=request.user)
        return _issued(request, employee, password, f"{employee.name} 的密码已重置")
    text = "会生成一个新密码并解除锁定，原密码立即失效。新密码只显示一次"
    return render(request, "confirm.html", _question(employee, f"重置 {employee.name} 的密码", text, "重置密码"))


def seen(request: Request, pk: int) -> Employee:
    """Return an employee of the own branch; anybody else is unknown (404)."""
    return get_object_or_404(queries.employee(request.user, pk))


def owned(employee: Employee) -> dict[str, object]:
    """Return where apps above show what an employee has in hand, and where a departure is planned."""
    panels = [("名下客户", "clients:owner_panel"), ("未办任务", "service_logs:owner_panel")]
    found = [(title, link(route, employee.pk)) for title, route in panels]
    return {"panels": [panel for panel in found if panel[1]], "plan_href": link("segmentation:plan_list")}


def home(request: Request) -> Branch:
    """Return the branch of who asks; a superuser without one takes nobody on."""
    if request.user.branch is None:
        raise PermissionDenied("您的账号不属于任何营业部，请先在后台设定")
    return request.user.branch


def _issued(request: Request, employee: Employee, password: str, title: str) -> HttpResponse:
    """Show a new password once: not in a redirect, a message or the session."""
    context = {"employee": employee, "password": password, "title": title}
    response = render(request, "office/password_issued.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _question(employee: Employee, title: str, text: str, verb: str) -> dict[str, object]:
    back = reverse("office:staff_detail", args=[employee.pk])
    return {"title": title, "text": text, "verb": verb, "cancel_href": back}


def _ends_soon(employee: Employee) -> bool:
    valid_to = employee.registration_valid_to
    return valid_to is not None and (valid_to - timezone.localdate()).days <= 60
