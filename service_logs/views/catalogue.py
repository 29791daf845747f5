"""The MOT catalogue: what the night looks for, and what the branch sets differently."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from service_logs.forms.settings import RuleForm
from service_logs.operations.settings import edit_rule
from service_logs.queries.catalogue import rule_in_force
from service_logs.queries.rules import RuleLine, rule_lines

SIEVES = {
    "": "全部",
    "active": "启用",
    "off": "停用",
    "waiting": "等待数据",
    "mandatory": "必做",
    "optional": "选做",
}


@require_GET
@permission_required("service_logs.view_rule", raise_exception=True)
def rule_list(request: Request) -> HttpResponse:
    branch = request.user.branch
    lines = rule_lines(branch, timezone.localdate()) if branch else []
    wanted = request.GET.get("show", "")
    context = {
        "lines": sorted((line for line in lines if _passes(line, wanted)), key=lambda line: not line.rule.can_run),
        "total": len(lines),
        "active": sum(line.held.is_active for line in lines),
        "waiting": sum(not line.rule.can_run for line in lines),
        "tabs": _tabs(lines, wanted),
    }
    return render(request, "service_logs/rule_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.edit_rule")
def rule_edit(request: Request, number: int) -> HttpResponse:
    held = rule_in_force(request.user.branch, number) if request.user.branch else None
    if held is None:
        raise Http404
    form = RuleForm(request.POST or None, held=held)
    if form.is_valid():
        edit_rule(held.rule, form.changes(), version=form.cleaned_data["version"], by=request.user)
        messages.success(request, f"「{held.rule.name}」的设置已保存，今晚起生效")
        return redirect("service_logs:rule_list")
    context = {"held": held, "rule": held.rule, "form": form}
    return render(request, "service_logs/rule_edit.html", context, status=422 if form.is_bound else 200)


def _passes(line: RuleLine, wanted: str) -> bool:
    tests = {
        "active": line.held.is_active,
        "off": line.rule.can_run and not line.held.is_active,
        "waiting": not line.rule.can_run,
        "mandatory": line.rule.kind == "mandatory" or bool(line.rule.mandatory_from),
        "optional": line.rule.kind == "optional",
    }
    return tests.get(wanted, True)


def _tabs(lines: list[RuleLine], wanted: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?show={name}" if name else "?",
            "count": sum(_passes(line, name) for line in lines),
            "current": name == wanted,
        }
        for name, label in SIEVES.items()
    ]
