"""Parts that pages of other apps compose."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clients.queries.page import owned_by
from office.http import Request, needs
from office.queries.staff import employee


@require_GET
@needs("office.view_staff")
def owner_panel(request: Request, pk: int) -> HttpResponse:
    """Show how many clients an employee of the own branch serves; the page of the employee composes it."""
    owner = get_object_or_404(employee(request.user, pk))
    template = "clients/_owned.html" if request.htmx else "clients/owned.html"
    return render(request, template, {"owner": owner, "owned": owned_by(owner)})
