"""人工定级: a tier against the figures, by those who may, for a time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from office.formats import day
from office.http import Request, needs
from segmentation.forms.tiers import OverrideEndForm, OverrideForm
from segmentation.operations.tiers import end_override, override_tier
from segmentation.queries.explanation import open_override
from segmentation.views.client_value import seen_client


@require_http_methods(["GET", "POST"])
@needs("segmentation.override_tier")
def tier_override(request: Request, pk: int) -> HttpResponse:
    client, today = seen_client(request, pk), timezone.localdate()
    form = OverrideForm(request.POST if request.method == "POST" else None, present=client.standing.tier, today=today)
    if form.is_valid():
        chosen = form.cleaned_data
        made = override_tier(
            client,
            chosen["tier"],
            reason=chosen["reason"],
            until=chosen["until"],
            on=client.branch.data_as_of or today,
            by=request.user,
        )
        messages.success(request, f"{client.name} 定为{made.get_to_tier_display()}，至 {day(made.until, today)}")
        return redirect("segmentation:client_value", pk=client.pk)
    return _page(request, client, form=form, status=422 if form.is_bound else 200)


@require_POST
@needs("segmentation.override_tier")
def tier_override_end(request: Request, pk: int) -> HttpResponse:
    client, today = seen_client(request, pk), timezone.localdate()
    form = OverrideEndForm(request.POST)
    if not form.is_valid():
        return _page(request, client, end_form=form, status=422)
    end_override(client, reason=form.cleaned_data["reason"], on=client.branch.data_as_of or today, by=request.user)
    messages.success(request, f"{client.name} 的人工定级已结束，下一次夜间作业按数字评定")
    return redirect("segmentation:client_value", pk=client.pk)


def _page(request: Request, client: Client, *, status: int, **forms: Any) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "client": client,
        "standing": client.standing,
        "present": open_override(client, client.branch.data_as_of or today),
        "form": OverrideForm(present=client.standing.tier, today=today),
        "end_form": OverrideEndForm(),
        **forms,
        "menu": "segmentation:ranking",
    }
    return render(request, "segmentation/tier_override.html", context, status=status)
