"""更换经理: what clients ask for at the counter, and what the director decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.models import Client
from clients.queries.desk import desk_clients
from office.http import Request, needs, part
from office.paging import keyset_page
from segmentation.forms.changes import ChangeForm, GrantForm, NoteForm
from segmentation.models import ManagerChangeRequest
from segmentation.operations.changes import ask_for_change, grant_change, refuse_change, withdraw_change
from segmentation.queries.changes import ORDER, candidates, changes_of, seen_changes, state_counts
from segmentation.views.listing import at

PER_PAGE = 50


@require_GET
@needs("segmentation.view_manager_change")
def change_list(request: Request) -> HttpResponse:
    states = dict(ManagerChangeRequest.State.choices)
    shown = request.GET.get("state", "open")
    shown = shown if shown in states else "open"
    rows = seen_changes(request.user).filter(state=shown)
    page, counts = keyset_page(rows, ORDER, request.GET.get("after", ""), PER_PAGE), state_counts(request.user)
    context = {
        "page": page,
        "counts": counts,
        "views": [
            {"url": f"?state={key}", "label": label, "count": counts[key], "current": key == shown}
            for key, label in states.items()
        ],
        "next_url": at(request.GET, page.next),
        "previous_url": at(request.GET, page.previous),
    }
    return render(request, part(request, "segmentation/change_list.html", "list"), context)


@require_GET
@needs("segmentation.view_manager_change")
def change_detail(request: Request, pk: int) -> HttpResponse:
    return render(request, "segmentation/change_detail.html", _page(request, _seen(request, pk)))


@require_http_methods(["GET", "POST"])
@needs("segmentation.ask_manager_change")
def change_create(request: Request, pk: int) -> HttpResponse:
    client = get_object_or_404(desk_clients(request.user), pk=pk)
    people = candidates(client.branch, timezone.localdate(), but=client.standing.manager_id)
    form = ChangeForm(request.POST or None, people=people)
    if form.is_valid():
        change = ask_for_change(client, by=request.user, **form.cleaned_data)
        messages.success(request, "已登记，市场总监决定后告知客户；现客户经理看不到这份申请")
        return redirect(change)
    context = {"client": client, "form": form}
    return render(request, "segmentation/change_create.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("segmentation.decide_manager_change")
def change_grant(request: Request, pk: int) -> HttpResponse:
    change = _seen(request, pk)
    form = _grant_form(request, change)
    if not form.is_valid():
        return _again(request, change, grant_form=form)
    said = form.cleaned_data
    grant_change(change, said["to"], by=request.user, version=said["version"], note=said["note"])
    messages.success(request, f"{change.client.name} 自今日起由 {said['to'].name} 服务，交接档案已建立")
    return redirect(change)


@require_POST
@needs("segmentation.decide_manager_change")
def change_refuse(request: Request, pk: int) -> HttpResponse:
    change, form = _seen(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return _again(request, change, refuse_form=form)
    refuse_change(change, note=form.cleaned_data["note"], by=request.user, version=form.cleaned_data["version"])
    messages.success(request, "已登记不同意，请由柜台告知客户原因")
    return redirect(change)


@require_http_methods(["GET", "POST"])
@needs("segmentation.ask_manager_change")
def change_withdraw(request: Request, pk: int) -> HttpResponse:
    change = _seen(request, pk)
    form = NoteForm(request.POST or None, initial={"version": change.version})
    form.fields["note"].label = "客户如何表示撤回"
    if form.is_valid():
        withdraw_change(change, note=form.cleaned_data["note"], by=request.user, version=form.cleaned_data["version"])
        messages.success(request, "已按客户意愿撤回")
        return redirect(change)
    told = {
        "title": "客户撤回更换经理的申请",
        "text": "只有客户本人可以撤回，请按客户的原话填写。",
        "verb": "登记撤回",
        "form": form,
        "cancel_href": change.get_absolute_url(),
    }
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


@require_GET
@needs("segmentation.view_manager_change")
def client_changes(request: Request, pk: int) -> HttpResponse:
    """Show what one client asked for; the page of the client composes it."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    context = {"client": client, "rows": changes_of(client, request.user)[:5]}
    template = "segmentation/_client_changes.html" if request.htmx else "segmentation/client_changes.html"
    return render(request, template, context)


def _seen(request: Request, pk: int) -> ManagerChangeRequest:
    return get_object_or_404(seen_changes(request.user).select_related("branch"), pk=pk)


def _grant_form(request: Request, change: ManagerChangeRequest) -> GrantForm:
    people = candidates(change.branch, timezone.localdate(), but=change.client.standing.manager_id)
    posted = request.POST if request.method == "POST" and "to" in request.POST else None
    return GrantForm(posted, people=people, initial={"version": change.version, "to": change.wished_id})


def _page(request: Request, change: ManagerChangeRequest) -> dict[str, Any]:
    is_open = change.state == ManagerChangeRequest.State.OPEN
    context: dict[str, Any] = {"change": change, "is_open": is_open}
    if is_open and request.user.has_perm("segmentation.decide_manager_change"):
        context["grant_form"] = _grant_form(request, change)
        context["refuse_form"] = NoteForm(initial={"version": change.version}, auto_id="refuse_%s")
        context["refuse_form"].fields["note"].label = "不同意的原因"
    return context


def _again(request: Request, change: ManagerChangeRequest, **forms: Any) -> HttpResponse:
    return render(request, "segmentation/change_detail.html", _page(request, change) | forms, status=422)
