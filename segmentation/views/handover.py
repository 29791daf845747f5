"""交接档案: who was given to whom, what the new manager should know, and his word that he has read it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from office.audit import record
from office.http import Request, needs, part
from office.menu import link
from office.paging import keyset_page
from office.rights import Reach, reach
from segmentation.models import Handover
from segmentation.operations.handover import confirm_handover
from segmentation.queries import handover as queries
from segmentation.views.listing import at

PER_PAGE = 50

# What other apps know of the client; a name that does not resolve leaves its panel out.
PANELS = {
    "客户价值": "segmentation:client_panel",
    "服务记录": "service_logs:client_panel",
    "投诉": "complaints:client_panel",
    "挽留": "retention:client_panel",
}


@require_GET
@needs("segmentation.view_plan")
def handover_list(request: Request) -> HttpResponse:
    today, own = timezone.localdate(), reach(request.user) == Reach.OWN
    tab = request.GET.get("tab", "mine" if own else "open")
    rows = queries.handovers(request.user, tab, today)
    page = keyset_page(rows, queries.ORDER, request.GET.get("after", ""), PER_PAGE)
    counts = queries.tab_counts(request.user, today)
    context = {
        "page": page,
        "tabs": [
            {"url": f"?tab={key}", "label": label, "count": counts[key], "current": key == tab}
            for key, label in queries.TABS.items()
            if key != "mine" or own or counts["mine"]
        ],
        "counts": counts,
        "next_url": at(request.GET, page.next),
        "previous_url": at(request.GET, page.previous),
        "today": today,
    }
    return render(request, part(request, "segmentation/handover_list.html", "list"), context)


@require_GET
@needs("segmentation.view_plan")
def handover_detail(request: Request, pk: int) -> HttpResponse:
    handover = _seen(request, pk)
    panels = [(title, link(route, handover.client_id)) for title, route in PANELS.items()]
    context = {**_sheet(request, handover), "panels": panels, "may_confirm": handover.to_manager_id == request.user.pk}
    return render(request, "segmentation/handover_detail.html", context)


@require_GET
@needs("segmentation.view_plan")
def handover_print(request: Request, pk: int) -> HttpResponse:
    handover = _seen(request, pk)
    record("segmentation.handover_printed", handover, by=request.user, after={"client": handover.client.client_no})
    context = {**_sheet(request, handover), "now": timezone.localtime()}
    return render(request, "segmentation/handover_print.html", context)


@require_POST
@needs("segmentation.view_plan")
def handover_confirm(request: Request, pk: int) -> HttpResponse:
    handover = _seen(request, pk)
    confirm_handover(handover, by=request.user)
    messages.success(request, f"已确认阅读 {handover.client.name} 的交接档案；{handover.confirm_by:%m-%d} 前请致电客户")
    return redirect(handover)


def _seen(request: Request, pk: int) -> Handover:
    rows = Handover.objects.visible_to(request.user).select_related(
        "client__standing__manager", "client__branch", "from_manager", "to_manager", "plan"
    )
    return get_object_or_404(rows, pk=pk)


def _sheet(request: Request, handover: Handover) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "handover": handover,
        "client": handover.client,
        "standing": handover.client.standing,
        "file": queries.dossier(request.user, handover.client, today),
        "today": today,
    }
