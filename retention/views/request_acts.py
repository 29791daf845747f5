"""What is done to a request: held up by the law, freed, done, withdrawn by the client."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from office.http import Request, needs
from retention.forms.closures import HoldForm, Versioned, WithdrawForm
from retention.models import ClosureRequest
from retention.operations.closures import complete, free, hold_up, withdraw
from retention.queries.requests import seen_requests

ASKS: dict[str, dict[str, Any]] = {
    "hold": {
        "title": "登记法定事由",
        "text": "登记后仍须在事由解除后尽快办结；法定时限不会因此改变，其他任何原因都不得暂缓。",
        "verb": "登记事由",
    },
    "free": {"title": "解除法定事由", "text": "从现在起两个交易日内办结，不早于原时限。", "verb": "登记解除"},
    "complete": {"title": "办结申请", "text": "确认柜台系统已为客户办完。", "verb": "办结"},
    "withdraw": {"title": "客户撤回申请", "text": "只有客户本人可以撤回，请按客户的原话填写。", "verb": "登记撤回"},
}


@require_http_methods(["GET", "POST"])
@needs("retention.serve_request")
def request_hold(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = HoldForm(request.POST or None, initial={"version": found.version})
    if not form.is_valid():
        return _ask(request, found, form, "hold")
    said = form.cleaned_data
    hold_up(found, said["block"], said["evidence"], by=request.user, version=said["version"])
    return _told(request, found, f"{found.request_no} 已登记「{found.get_block_display()}」，解除后请及时登记")


@require_http_methods(["GET", "POST"])
@needs("retention.serve_request")
def request_free(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = Versioned(request.POST or None, initial={"version": found.version})
    if not form.is_valid():
        return _ask(request, found, form, "free")
    free(found, by=request.user, version=form.cleaned_data["version"])
    return _told(request, found, f"{found.request_no} 已解除事由，请在时限内办结")


@require_http_methods(["GET", "POST"])
@needs("retention.serve_request")
def request_complete(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = Versioned(request.POST or None, initial={"version": found.version})
    if not form.is_valid():
        return _ask(request, found, form, "complete")
    complete(found, by=request.user, version=form.cleaned_data["version"])
    return _told(request, found, f"{found.request_no} 已办结")


@require_http_methods(["GET", "POST"])
@needs("retention.serve_request")
def request_withdraw(request: Request, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = WithdrawForm(request.POST or None, initial={"version": found.version})
    if not form.is_valid():
        return _ask(request, found, form, "withdraw")
    withdraw(found, note=form.cleaned_data["note"], by=request.user, version=form.cleaned_data["version"])
    return _told(request, found, f"{found.request_no} 已按客户意愿撤回")


def _seen(request: Request, pk: int) -> ClosureRequest:
    return get_object_or_404(seen_requests(request.user).select_related("branch"), pk=pk)


def _ask(request: Request, found: ClosureRequest, form: forms.Form, act: str) -> HttpResponse:
    told = ASKS[act] | {"form": form, "cancel_href": found.get_absolute_url()}
    told["title"] = f"{told['title']} {found.request_no}"
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


def _told(request: Request, found: ClosureRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect(found)
