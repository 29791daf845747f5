"""What a client says about managers: stay with this one, never that one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clients.models import Client
from office.http import Request, needs
from segmentation.forms.plans import WishForm
from segmentation.models import ManagerWish
from segmentation.operations.wishes import record_wish


@require_http_methods(["GET", "POST"])
@needs("clients.edit_client")
def wish(request: Request, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("standing"), pk=pk)
    start = {"employee": client.standing.manager_id, "said_on": timezone.localdate(), "kind": ManagerWish.Kind.STAY}
    form = WishForm(request.POST or None, initial=start, branch_id=client.branch_id)
    if form.is_valid():
        said = record_wish(client, form.instance, by=request.user)
        messages.success(request, f"已登记：{said.employee.name}，{said.get_kind_display()}")
        return redirect(client)
    wishes = ManagerWish.objects.visible_to(request.user).filter(client=client).select_related("employee")
    context = {"client": client, "form": form, "wishes": wishes.order_by("-said_on", "pk")}
    return render(request, "segmentation/wish.html", context, status=422 if form.is_bound else 200)
