"""The library of scripts (话术): by scene, version by version, approved by a second person."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.http import Request, needs, part
from service_logs.forms.scripts import ApproveForm, ScriptForm
from service_logs.forms.tasks import ReasonForm
from service_logs.models import Script
from service_logs.operations.scripts import approve_script, retire_script, write_script
from service_logs.queries.scripts import Group, in_force, library, versions

DRAFT = Script.State.DRAFT


@require_GET
@permission_required("service_logs.view_script", raise_exception=True)
def script_list(request: Request) -> HttpResponse:
    text, scene, show = (request.GET.get(name, "").strip() for name in ("q", "scene", "show"))
    groups = library(request.user, text=text, show=show)
    context = {
        "groups": [group for group in groups if scene in ("", group.scene)],
        "tabs": _tabs(groups, scene, {"q": text, "show": show}),
        "q": text,
        "show": show,
        "scene": scene,
        "waiting": sum(line.draft is not None for group in library(request.user) for line in group.lines),
    }
    return render(request, part(request, "service_logs/script_list.html", "table"), context)


@require_GET
@permission_required("service_logs.view_script", raise_exception=True)
def script_detail(request: Request, key: str) -> HttpResponse:
    rows = _versions(request, key)
    held, draft = in_force(rows), _draft(rows)
    may_approve = request.user.has_perm("service_logs.approve_script")
    context = {
        "script": held or rows[0],
        "held": held,
        "draft": draft,
        "rows": rows,
        "may_approve": draft is not None and may_approve and draft.author_id != request.user.pk,
        "may_retire": held is not None and may_approve,
    }
    return render(request, "service_logs/script_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.edit_script")
def script_edit(request: Request, key: str) -> HttpResponse:
    rows = _versions(request, key)
    draft = _draft(rows)
    shown = draft or in_force(rows) or rows[0]
    form = ScriptForm(request.POST or None, script=shown, revision=draft.revision if draft else 0)
    if form.is_valid():
        written = write_script(key, form.words(), by=request.user, revision=form.cleaned_data["revision"])
        messages.success(request, f"「{written.title}」第 {written.version} 版已保存，等合规或负责人审核后启用")
        return redirect(written)
    context = {"form": form, "script": shown, "draft": draft}
    return render(request, "service_logs/script_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("service_logs.approve_script")
def script_approve(request: Request, key: str) -> HttpResponse:
    rows, form = _versions(request, key), ApproveForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请从话术页面审核", status=422)
    own = Script.objects.visible_to(request.user).filter(key=rows[0].key, branch=request.user.branch)
    draft = get_object_or_404(own, pk=form.cleaned_data["draft"])
    approved = approve_script(draft, revision=form.cleaned_data["revision"], by=request.user)
    messages.success(request, f"「{approved.title}」第 {approved.version} 版已启用")
    return redirect(approved)


@require_http_methods(["GET", "POST"])
@needs("service_logs.approve_script")
def script_retire(request: Request, key: str) -> HttpResponse:
    held = in_force(_versions(request, key))
    if held is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        retire_script(held, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"「{held.title}」已停用，工作台与日志不再显示")
        return redirect(held)
    context: dict[str, Any] = {
        "title": f"停用「{held.title}」", "text": "停用后这一场景没有话术，直到新的一版审核通过", "verb": "停用话术",
        "cancel_href": held.get_absolute_url(), "form": form, "crit": True,
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _versions(request: Request, key: str) -> list[Script]:
    rows = versions(request.user, key)
    if not rows:
        raise Http404
    return rows


def _draft(rows: list[Script]) -> Script | None:
    return next((row for row in rows if row.state == DRAFT), None)


def _tabs(groups: list[Group], scene: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    rest = {name: value for name, value in kept.items() if value}
    counts = {group.scene: len(group.lines) for group in groups}
    choices = [("", "全部", sum(counts.values())), *((s.value, s.label, counts.get(s.value, 0)) for s in Script.Scene)]
    return [
        {"label": label, "url": f"?{urlencode({**rest, **({'scene': value} if value else {})})}", "count": count,
         "current": value == scene}
        for value, label, count in choices
    ]  # fmt: skip
