"""客户不满: heard, given to somebody with a day, put right (RET-08)."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clients.models import Client
from office.http import Request, needs, part
from office.menu import link
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood
from retention.filters import chips
from retention.forms.closures import Versioned
from retention.forms.grievances import DoneForm, GiveForm, LogForm
from retention.forms.library_filter import GrievanceFilter
from retention.library_sheets import grievance_sheet
from retention.models import Grievance
from retention.operations.grievances import close_grievance, give_grievance, log_grievance
from retention.queries import grievances as reading
from retention.views.lists import MOST_ROWS, PER_PAGE, Export, export, neighbours, part_views, posted

MENU = "retention:grievance_list"


@require_GET
@needs("retention.view_grievance")
def grievance_list(request: Request) -> HttpResponse:
    today, form = timezone.localdate(), GrievanceFilter(request.GET)
    form.is_valid()
    shown = _part(request)
    rows = reading.grievance_list(request.user, {**form.cleaned_data, "part": shown}, today)
    page = keyset_page(rows, reading.order_of(shown), request.GET.get("after", ""), PER_PAGE)
    context = {
        "page": page,
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "views": part_views(request, reading.PARTS, shown),
        "part": shown,
        "late": reading.late_count(request.user, today),
        "today": today,
        **neighbours(request, page),
    }
    return render(request, "retention/grievance_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("clients.export_client")
def grievance_export(request: Request) -> HttpResponse:
    form, shown = GrievanceFilter(request.GET), _part(request)
    rows = reading.grievance_list(request.user, {**understood(form), "part": shown}, timezone.localdate())
    chosen = rows.order_by(*reading.order_of(shown))[:MOST_ROWS]
    wanted = Export("客户不满", "grievances", chosen.count(), lambda: grievance_sheet(chosen), MENU)
    return export(request, wanted)


@require_GET
@needs("retention.view_grievance")
def grievance_panel(request: Request, pk: int) -> HttpResponse:
    """Show what one client is unhappy with; his page composes it."""
    client = _client(request, pk)
    context = {
        "client": client,
        "rows": reading.grievances_of(client, request.user),
        "today": timezone.localdate(),
        "menu": MENU,
    }
    return render(request, part(request, "retention/grievance_panel.html", "panel"), context)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_grievance")
def grievance_log(request: Request, pk: int) -> HttpResponse:
    client = _client(request, pk)
    people = reading.may_own(client)
    form = LogForm(posted(request), initial={"owner": client.standing.manager or request.user}, people=people)
    if form.is_valid():
        said = form.cleaned_data
        made = log_grievance(
            client, kind=said["kind"], text=said["text"], owner=said["owner"], due_on=said["due_on"], by=request.user
        )
        messages.success(request, f"已登记，{made.owner.name} 在 {made.due_on:%Y-%m-%d} 前办结")
        return redirect("retention:grievance_panel", client.pk)
    context = {
        "form": form,
        "client": client,
        "complaint_url": link("complaints:create"),
        "menu": MENU,
    }
    return render(request, "retention/grievance_log.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_grievance")
def grievance_give(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    given = {"version": found.version, "owner": found.owner_id, "due_on": max(found.due_on, timezone.localdate())}
    form = GiveForm(posted(request), initial=given, people=reading.may_own(found.client))
    if form.is_valid():
        said = form.cleaned_data
        give_grievance(found, owner=said["owner"], due_on=said["due_on"], version=said["version"], by=request.user)
        messages.success(request, f"已交给 {found.owner.name}，{found.due_on:%Y-%m-%d} 前办结")
        return redirect("retention:grievance_panel", found.client_id)
    return _ask(request, found, form, "转交", "转交")


@require_http_methods(["GET", "POST"])
@needs("retention.edit_grievance")
def grievance_close(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = DoneForm(posted(request), initial={"version": found.version})
    if form.is_valid():
        said = form.cleaned_data
        close_grievance(found, action=said["action"], version=said["version"], by=request.user)
        messages.success(request, f"{found.client.name} 的不满已办结")
        return redirect("retention:grievance_panel", found.client_id)
    return _ask(request, found, form, "办结", "办结")


def _part(request: Request) -> str:
    shown = request.GET.get("part", "open")
    return shown if shown in reading.PARTS else "open"


def _client(request: Request, pk: int) -> Client:
    rows = Client.objects.visible_to(request.user).select_related("standing__manager", "branch")
    return get_object_or_404(rows, pk=pk)


def _seen(request: Request, pk: int) -> Grievance:
    return get_object_or_404(reading.seen_grievances(request.user), pk=pk)


def _ask(request: Request, found: Grievance, form: Versioned, title: str, verb: str) -> HttpResponse:
    told = {
        "title": f"{title} {found.client.name} 的不满",
        "text": f"{found.get_kind_display()}：{found.text}（{found.owner.name}，{_day(found.due_on)} 前）",
        "verb": verb,
        "form": form,
        "cancel_href": f"{link(MENU)}",
        "menu": MENU,
    }
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"
