"""The page of one client: who he is, what he holds, who serves him; figures from above come as panels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.forms import UnmaskForm
from clients.models import Client
from clients.operations.archive import unmask
from clients.queries import page as reading
from clients.rules import age_on, entry_hint
from office.http import Request, needs
from office.menu import link

TABS = {
    "overview": "概览",
    "holdings": "持仓与产品",
    "value": "价值与等级",
    "service": "服务记录",
    "accounts": "账户与归属",
    "archive": "画像",
}

EXPIRY_DAYS = 60  # before its end, an assessment or an identity document is amber

# What apps above put on this page; a name that does not resolve leaves its panel out.
PANELS = {
    "value": "segmentation:client_panel",
    "history": "segmentation:client_history",
    "service": "service_logs:client_panel",
    "next_step": "service_logs:client_next",
    "complaints": "complaints:client_panel",
    "churn": "retention:client_panel",
    "requests": "retention:client_requests",
    "wallet": "retention:wallet_panel",
    "grievances": "retention:grievance_panel",
}
CHANGES = "segmentation:client_changes"  # which the present manager does not see


@require_GET
@needs("clients.view_client")
def client_detail(request: Request, pk: int) -> HttpResponse:
    client = seen(request, pk)
    tab = request.GET.get("tab", "overview")
    tab = tab if tab in TABS else "overview"
    context: dict[str, Any] = {
        "client": client,
        "standing": client.standing,
        "today": timezone.localdate(),
        "expiry_soon": timezone.localdate() + timedelta(days=EXPIRY_DAYS),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?tab={key}", "current": key == tab, "count": None} for key, label in TABS.items()
        ],
        "managers": reading.managers(client),
        "consents": reading.consent_by_channel(client),
        "age": age_on(client.birth_date, timezone.localdate()) if client.birth_date else None,
        "entry_hint": entry_hint(client.first_market_entry_on or client.opened_on, timezone.localdate()),
        "routes": {**{key: link(route, client.pk) for key, route in PANELS.items()}, "contact": _contact_url(client)},
        "changes": link(CHANGES, client.pk) if request.user.has_perm("segmentation.view_manager_change") else "",
        **_unmask_urls(request, client),
    }
    if tab in ("overview", "holdings"):
        context["portfolio"] = reading.portfolio(client)
    if tab == "holdings":
        context.update(purchases=reading.purchases(client), trades=reading.trades(client))
    if tab == "accounts":
        context.update(
            accounts=reading.accounts(client), entitlements=reading.entitlements(client), events=reading.events(client)
        )
    return render(request, "clients/client_detail.html", context)


@require_POST
@needs("clients.unmask_client")
def client_unmask(request: Request, pk: int) -> HttpResponse:
    client = seen(request, pk)
    form = UnmaskForm(request.POST if "field" in request.POST else request.GET)
    if not form.is_valid():
        return HttpResponse("请选择要查看的字段", status=422)
    shown = unmask(client, form.cleaned_data["field"], by=request.user, address=request.META.get("REMOTE_ADDR"))
    template = "clients/_unmasked.html" if request.htmx else "clients/unmasked.html"
    response = render(request, template, {"client": client, "shown": shown, "label": form.words})
    response["Cache-Control"] = "no-store"
    return response


def _contact_url(client: Client) -> str:
    create = link("service_logs:contact_create")
    return f"{create}?client={client.pk}" if create else ""


def _unmask_urls(request: Request, client: Client) -> dict[str, str]:
    if not request.user.has_perm("clients.unmask_client"):
        return {}
    url = reverse("clients:unmask", args=[client.pk])
    fields = {"phone": "phone", "id": "id_no", "email": "email", "address": "address"}
    return {f"unmask_{key}": f"{url}?field={field}" for key, field in fields.items()}


def seen(request: Request, pk: int) -> Client:
    """Return a client the user may know of; anybody else is unknown (404)."""
    seen = Client.objects.visible_to(request.user).select_related(
        "standing__manager", "branch", "development__employee"
    )
    return get_object_or_404(seen, pk=pk)
