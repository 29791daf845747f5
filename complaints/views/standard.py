"""The service standard of the branch, as staff read it (QUA-05)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from complaints.forms.finding import StandardForm
from complaints.operations.findings import publish_standard
from complaints.queries.standards import standards
from office.http import Request, needs


@require_GET
def standard(request: Request) -> HttpResponse:
    rows = standards(request.user)
    return render(request, "complaints/standard.html", {"standard": rows[0] if rows else None, "rows": rows})


@require_http_methods(["GET", "POST"])
@needs("complaints.edit_standard")
def standard_edit(request: Request) -> HttpResponse:
    rows = standards(request.user)
    initial = {"slogan": rows[0].slogan, "promises": rows[0].promises} if rows else None
    form = StandardForm(request.POST or None, initial=initial)
    if form.is_valid():
        made = publish_standard(**form.cleaned_data, by=request.user)
        messages.success(request, f"服务标准第 {made.version} 版已发布，并通知全体员工")
        return redirect("complaints:standard")
    context = {"form": form, "latest": rows[0] if rows else None}
    return render(request, "complaints/standard_edit.html", context, status=422 if form.is_bound else 200)
