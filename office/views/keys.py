"""系统 → 接口: the keys of other systems."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.key_form import KeyForm, RevokeForm
from office.menu import link
from office.models import ServiceKey
from office.operations import keys as operations
from office.queries import keys as queries

CALLS_SHOWN = 50


@require_GET
@needs("office.view_servicekey")
def key_list(request: Request) -> HttpResponse:
    return render(
        request, "office/key_list.html", {"keys": queries.key_list(request.user), "api_doc_href": link("api_docs")}
    )


@require_GET
@needs("office.view_servicekey")
def key_detail(request: Request, pk: int) -> HttpResponse:
    key = _seen(request, pk)
    context = {
        "key": key,
        "branches": key.branches.order_by("code"),
        "calls": queries.latest_calls(key)[:CALLS_SHOWN],
        "example_url": request.build_absolute_uri(link("api:client_list")),
    }
    return render(request, "office/key_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("office.make_servicekey")
def key_create(request: Request) -> HttpResponse:
    form = KeyForm(request.POST or None, by=request.user)
    if form.is_valid():
        key, secret = operations.make_key(form.wish(), by=request.user)
        return _told(request, key, secret, f"密钥「{key.name}」已建立")
    context = {"form": form, "title": "新建接口密钥", "verb": "建立密钥", "cancel_href": reverse("office:key_list")}
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("office.make_servicekey")
def key_rotate(request: Request, pk: int) -> HttpResponse:
    key = _seen(request, pk)
    if request.method == "POST":
        return _told(request, key, operations.rotate_key(key, by=request.user), f"密钥「{key.name}」已更换")
    text = "会生成新的密钥。旧密钥还可用 24 小时，请在此期间改好对方系统的配置"
    context = {"title": f"更换「{key.name}」的密钥", "text": text, "verb": "更换密钥", "cancel_href": _home(key)}
    return render(request, "confirm.html", context)


@require_http_methods(["GET", "POST"])
@needs("office.revoke_servicekey")
def key_revoke(request: Request, pk: int) -> HttpResponse:
    key = _seen(request, pk)
    form = RevokeForm(request.POST or None)
    if form.is_valid():
        operations.revoke_key(key, form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"密钥「{key.name}」已停用")
        return redirect("office:key_detail", pk=pk)
    text = "从下一次调用起立即失效，且不能恢复。对方系统会停在原处，请先告知负责人"
    context = {
        "title": f"停用「{key.name}」", "text": text, "verb": "停用密钥", "crit": True, "form": form,
        "cancel_href": _home(key),
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _seen(request: Request, pk: int) -> ServiceKey:
    return get_object_or_404(queries.key_list(request.user), pk=pk)


def _home(key: ServiceKey) -> str:
    return reverse("office:key_detail", args=[key.pk])


def _told(request: Request, key: ServiceKey, secret: str, title: str) -> HttpResponse:
    """Show a secret once: not in a redirect, a message or the session."""
    response = render(request, "office/key_issued.html", {"key": key, "secret": secret, "title": title})
    response["Cache-Control"] = "no-store"
    return response
