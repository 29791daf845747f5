"""柜台受理: who stands here, what may be seen of him, and his request, in one form."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clients.feed.refusal import masked
from clients.queries.desk import desk_clients
from office.audit import record
from office.http import Request, needs, part
from office.menu import link
from retention.forms.closures import DeskSearch, RegisterForm
from retention.models import ClosureRequest
from retention.operations.closures import register_request
from retention.operations.desk import look_up, open_card
from retention.operations.opening import open_beside
from retention.queries.card import card
from retention.queries.desk import HITS
from retention.queries.requests import seen_requests
from service_logs.queries.scripts import script_for

ANY_REASON = "other"  # the script for who gives no reason


@require_GET
@needs("retention.register_request")
def desk(request: Request) -> HttpResponse:
    form = DeskSearch(request.GET if request.GET.get("q") else None)
    context: dict[str, Any] = {"form": form, "asked": False}
    if form.is_valid():
        found = look_up(form.cleaned_data["q"], by=request.user, now=timezone.now())
        hits = [{"client": client, "name": masked(client.name)} for client in found[:HITS]]
        context |= {"asked": True, "hits": hits, "is_more": len(found) > HITS, "limit": HITS}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, part(request, "retention/desk.html", "hits"), context, status=status)


@require_http_methods(["GET", "POST"])
@needs("retention.register_request")
def desk_client(request: Request, pk: int) -> HttpResponse:
    client = get_object_or_404(desk_clients(request.user), pk=pk)
    form = RegisterForm(request.POST or None, client=client, by=request.user)
    if form.is_valid():
        made = register_request(client, by=request.user, **form.cleaned_data)
        open_beside(made, by=request.user)
        return redirect("retention:request_registered", pk=made.pk)
    now = timezone.now()
    open_card(client, by=request.user, now=now)  # the page shows it, whether or not something was typed wrongly
    context = {
        "form": form,
        "card": card(client, request.user, now),
        "client": client,
        "change_url": link("segmentation:change_create", client.pk),
    }
    return render(request, "retention/desk_client.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("retention.register_request")
def request_registered(request: Request, pk: int) -> HttpResponse:
    made = _seen(request, pk)
    told = {
        "made": made,
        "card": card(made.client, request.user, timezone.now(), kind=made.kind),
        "script": script_for(f"retention.{made.reason or ANY_REASON}", made.branch),
        "case_url": link("retention:case_open", made.pk),
    }
    return render(request, "retention/request_registered.html", told)


@require_GET
@needs("retention.register_request")
def request_slip(request: Request, pk: int) -> HttpResponse:
    made = _seen(request, pk)
    record("retention.slip_printed", made, by=request.user)
    context = {"made": made, "name": masked(made.client.name), "now": timezone.localtime()}
    return render(request, "retention/request_slip.html", context)


def _seen(request: Request, pk: int) -> ClosureRequest:
    rows = seen_requests(request.user).select_related("branch", "client__branch", "client__standing__manager")
    return get_object_or_404(rows, pk=pk)
