"""夜间作业: whether this morning's figures can be trusted, and what to do if not."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branchcrm import operations
from branchcrm.forms import AcceptForm, DayForm, NightFilter
from branchcrm.queries import nights
from branchcrm.queries.changes import KINDS, changed_clients
from branchcrm.queries.cockpit_scope import Scope, people, scope_of
from branchcrm.tasks import night_by_hand
from office.http import Request, needs, part
from office.models import JobRun
from office.paging import capped_count, count_label, keyset_page

PAGE_SIZE = 25
PATIENCE = 30  # seconds after which a waiting page says that no worker took the night


@require_GET
@needs("office.view_night")
def night_list(request: Request) -> HttpResponse:
    """List the nights of the branch, and those still owed."""
    form = NightFilter(request.GET)
    found = nights.night_list(request.user, form.cleaned_data if form.is_valid() else {})
    page = keyset_page(found, nights.ORDER, request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "form": form,
        "rows": nights.with_tasks(page.rows),
        "count": count_label(capped_count(found)),
        "next_url": _at(request, page.next),
        "previous_url": _at(request, page.previous),
        "is_filtered": bool(request.GET),
        "owed": nights.owed_nights(request.user),
    }
    return render(request, part(request, "branchcrm/night_list.html", "table"), context)


@require_GET
@needs("office.view_night")
def night_detail(request: Request, pk: int) -> HttpResponse:
    """Show one night: steps, gates, files."""
    return _page(request, _run_or_404(request, pk))


@require_GET
@needs("office.view_night")
def night_live(request: Request, pk: int) -> HttpResponse:
    """Answer a page that waits: how far the night is, or where its result stands."""
    asked = _asked(request)
    run = nights.latest_run(request.user, _run_or_404(request, pk).as_of)
    assert run is not None  # the night asked about is one
    night = nights.night_detail(run)
    if not night.is_live and night.has_answered(asked):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("night_detail", args=[run.pk])
        return response
    context = {"night": night, "asked": asked, "is_late": time.time() - asked > PATIENCE}
    return render(request, "branchcrm/_night_live.html", context)


@require_POST
@needs("office.run_night")
def night_run(request: Request) -> HttpResponse:
    """Send a night to a worker because a person asked for it."""
    form = DayForm(request.POST)
    if not form.is_valid():
        return render(request, "branchcrm/night_ask.html", {"form": form}, status=422)
    run = operations.ask_for_night(form.cleaned_data["day"], by=request.user)
    return _send(request, run)


@require_http_methods(["GET", "POST"])
@needs("office.accept_gate")
def night_accept(request: Request, pk: int) -> HttpResponse:
    """Let closed gates pass, by name and with a reason, and run the night again."""
    run = _run_or_404(request, pk)
    form = AcceptForm(nights.NightRow(run).closed_gates, request.POST or None)
    if not form.is_valid():
        return _page(request, run, form, status=422 if form.is_bound else 200)
    accepted = operations.accept_gates(run.pk, form.cleaned_data["gates"], form.cleaned_data["reason"], by=request.user)
    return _send(request, accepted)


@require_GET
@needs("clients.view_client")
def night_changes(request: Request, pk: int) -> HttpResponse:
    """List whose tier, type or core membership a night changed."""
    run = get_object_or_404(JobRun.objects.visible_to(request.user), pk=pk, name="night")
    kind = request.GET.get("kind", "tier")
    if kind not in KINDS:
        raise Http404
    scope = _scope(request)
    found = changed_clients(request.user, run, kind)
    found = scope.of_clients(found) if scope else found
    page = keyset_page(found, ["rank", "client_id"], request.GET.get("after", ""), 50)
    context = {
        "run": run,
        "kind": kind,
        "kinds": [(key, label, _with(request, "kind", key)) for key, label in KINDS.items()],
        "scope": scope,
        "back": _back(request, run),
        "page": page,
        "count": count_label(capped_count(found)),
        "next_url": _at(request, page.next),
        "previous_url": _at(request, page.previous),
    }
    return render(request, "branchcrm/night_changes.html", context)


def _scope(request: Request) -> Scope | None:
    """Return whose clients the cockpit asked for, None for all the user may see."""
    if "who" not in request.GET:
        return None
    return scope_of(request.user, request.GET["who"], request.GET.get("key", ""), people(request.user))


def _back(request: Request, run: JobRun) -> tuple[str, str]:
    """Return name and address of the page the user came from, or may at least open; ("", "") if there is none."""
    if "who" in request.GET and request.user.has_perm("office.view_cockpit"):
        asked = {name: request.GET[name] for name in ("who", "key") if name in request.GET}
        return "驾驶舱", f"{reverse('cockpit')}?{urlencode(asked)}"
    if request.user.has_perm("office.view_night"):
        return "夜间作业", reverse("night_detail", args=[run.pk])
    return "", ""


def _run_or_404(request: Request, pk: int) -> JobRun:
    return get_object_or_404(JobRun.objects.visible_to(request.user).select_related("branch"), pk=pk, name="night")


def _page(request: Request, run: JobRun, form: AcceptForm | None = None, *, status: int = 200) -> HttpResponse:
    night, asked = nights.night_detail(run), _asked(request)
    earlier, later = nights.neighbours(run)
    recent = nights.night_list(request.user, {"until": run.as_of}).order_by(*nights.ORDER)[: nights.RECENT]
    context: dict[str, Any] = {
        "night": night,
        "run": run,
        "earlier": earlier,
        "later": later,
        "recent": nights.with_tasks(list(recent)),
        "accept_form": form or AcceptForm(night.closed_gates),
        "is_asking": form is not None,
        "waits": night.is_live or (asked and not night.has_answered(asked)),
        "asked": asked,
    }
    return render(request, "branchcrm/night_detail.html", context, status=status)


def _send(request: Request, run: JobRun) -> HttpResponse:
    """Send the night to a worker and go where its progress is shown."""
    assert run.branch is not None  # a night belongs to a branch
    night_by_hand.delay_on_commit(run.branch.code, run.as_of.isoformat())
    return redirect(f"{reverse('night_detail', args=[run.pk])}?{urlencode({'asked': int(time.time())})}")


def _asked(request: Request) -> int:
    """Return when a run was asked for, in seconds of the epoch; 0 if it was not."""
    text = request.GET.get("asked", "")
    return int(text) if text.isdecimal() and len(text) <= 12 else 0


def _at(request: Request, cursor: str) -> str:
    return _with(request, "after", cursor) if cursor else ""


def _with(request: Request, name: str, value: str) -> str:
    """Return the address of the same page with one thing asked for otherwise, from its beginning."""
    query = request.GET.copy()
    query.pop("after", None)
    query[name] = value
    return f"?{query.urlencode()}"
