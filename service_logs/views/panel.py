"""What the page of one client shows of service: the panel with the timeline, and the next step."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clients.models import Client
from office.http import Request, part
from service_logs.queries.contacts import owed_tasks, timeline
from service_logs.queries.visits import owed_visits


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def client_panel(request: Request, pk: int) -> HttpResponse:
    client = _client(request, pk)
    context = {
        "client": client,
        "standing": client.standing,
        "today": timezone.localdate(),
        "tasks": owed_tasks(request.user, client),
        "visits": owed_visits(request.user, client),
        "entries": timeline(request.user, client),
        "log_href": _log(client),
    }
    return render(request, part(request, "service_logs/panel.html", "panel"), context)


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def client_next(request: Request, pk: int) -> HttpResponse:
    """The one thing to do next for the client: the owed task that leads, and what fits into the same call."""
    client = _client(request, pk)
    lead, *rest = [*owed_tasks(request.user, client)[:4], None]
    context = {
        "client": client,
        "today": timezone.localdate(),
        "task": lead,
        "rest": [task for task in rest if task is not None],
        "log_href": _log(client),
    }
    return render(request, part(request, "service_logs/next.html", "step"), context)


def _client(request: Request, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("standing"), pk=pk)


def _log(client: Client) -> str:
    return f"{reverse('service_logs:contact_create')}?client={client.pk}"
