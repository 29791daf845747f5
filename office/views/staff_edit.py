"""Editing an employee, and what happens when two people do so at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from office.conflict import conflict_lines, opened_with, settled, typed
from office.forms import EmployeeForm, shown
from office.http import Request, needs
from office.models import Employee
from office.operations.staff import EDITABLE, edit_employee
from office.queries.audit import last_entry
from office.views.staff import seen


@require_http_methods(["GET", "POST"])
@needs("office.edit_staff")
def staff_edit(request: Request, pk: int) -> HttpResponse:
    """Edit the record of an employee; who saved in between is not overwritten."""
    held = seen(request, pk)
    assert held.branch is not None
    present = EmployeeForm(branch=held.branch, instance=held)
    data = settled(request.POST, EDITABLE, lambda name: present[name].value()) if request.method == "POST" else None
    form = EmployeeForm(data, branch=held.branch, instance=seen(request, pk))
    if data is not None and form.is_valid():
        if form.cleaned_data["version"] != held.version:
            return _conflict(request, held, form, data)
        edit_employee(held, form.cleaned_data, version=held.version, by=request.user)
        messages.success(request, f"{form.cleaned_data['name']} 的资料已保存")
        return redirect("office:staff_detail", pk=pk)
    context = {"form": form, "employee": held}
    return render(request, "office/staff_edit.html", context, status=422 if form.is_bound else 200)


def _conflict(request: Request, held: Employee, form: EmployeeForm, data: QueryDict) -> HttpResponse:
    """Show what was there, what the other one saved and what was typed here, to be decided field by field."""
    labels = {name: str(form.fields[name].label) for name in EDITABLE}
    context = {
        "title": "编辑资料",
        "subject": held.name,
        "back": reverse("office:staff_detail", args=[held.pk]),
        "again": reverse("office:staff_edit", args=[held.pk]),
        "lines": conflict_lines(labels, opened_with(data.get("original", "")), shown(held), shown(form.instance)),
        "typed": typed(data, EDITABLE),
        "version": held.version,
        "original": data.get("original", ""),
        "last": last_entry(held, "office.employee_edited"),
    }
    return render(request, "conflict.html", context, status=409)
