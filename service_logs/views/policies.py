"""The service policy: how often whom one calls, what that costs, and what a change would do tonight."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from office.http import Request, needs
from office.models import AuditEntry, Branch
from office.queries.audit import audit_list, changes
from service_logs.forms.settings import PolicyForm
from service_logs.models import ServicePolicy, Way
from service_logs.operations.settings import edit_policy
from service_logs.queries.load import Load, groups, loads
from service_logs.queries.policies import policies, terms_of
from service_logs.queries.posts import WORKING_DAYS_A_WEEK, posts
from service_logs.queries.scope import serving_ids
from service_logs.rules.policy import Terms

HISTORY = 10  # changes shown


@require_GET
@permission_required("service_logs.view_rule", raise_exception=True)
def policy_list(request: Request) -> HttpResponse:
    branch, day = _branch(request), timezone.localdate()
    held = policies(branch)
    work = loads([terms_of(row) for row in held], groups(branch), day)
    minutes = round(sum(work[row.key].minutes_a_week for row in held))
    room = _room(branch, day)
    context = {
        "lines": [{"policy": row, "load": work[row.key]} for row in held],
        "total_clients": sum(work[row.key].clients for row in held if row.way == Way.TALK),
        "total_minutes": minutes,
        "capacity": room,
        "share": minutes / room if room else None,
        "history": _history(request),
        "today": day,
    }
    return render(request, "service_logs/policy_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.edit_policy")
def policy_edit(request: Request, pk: int) -> HttpResponse:
    branch = _branch(request)
    policy = get_object_or_404(ServicePolicy, pk__in=[row.pk for row in policies(branch)], pk=pk)
    form = PolicyForm(request.POST or None, policy=policy)
    context: dict[str, Any] = {"form": form, "policy": policy, "today": timezone.localdate()}
    if form.is_valid():
        if "look" in request.POST:
            return render(request, "service_logs/policy_edit.html", {**context, **_effect(branch, policy, form)})
        edit_policy(policy, form.changes(), version=form.cleaned_data["version"], by=request.user)
        messages.success(request, f"{policy.get_grade_display()}的服务策略已保存，今晚起按新策略排出")
        return redirect("service_logs:policy_list")
    return render(request, "service_logs/policy_edit.html", context, status=422 if form.is_bound else 200)


def _history(request: Request) -> list[AuditEntry]:
    rows = list(audit_list(request.user, {"action": "service_logs.policy_edited"})[:HISTORY])
    for row in rows:
        told = "；".join(f"{label} {before or '—'} → {after or '—'}" for label, before, after in changes(row))
        row.said = f"{row.subject_label}：{told}"
    return rows


def _effect(branch: Branch, policy: ServicePolicy, form: PolicyForm) -> dict[str, Any]:
    """Return the work of the row and of the whole policy, now and with what was typed."""
    day, found = timezone.localdate(), groups(branch)
    now = [terms_of(row) for row in policies(branch)]
    changed = {name: value for name, value in form.changes().items() if name in Terms.__dataclass_fields__}
    changed["qualifying"] = tuple(changed["qualifying"])
    then = [replace(row, **changed) if row.key == policy.key else row for row in now]
    before, after = loads(now, found, day), loads(then, found, day)
    return {
        "before": before[policy.key],
        "after": after[policy.key],
        "total_before": _total(before),
        "total_after": _total(after),
        "capacity": _room(branch, day),
    }


def _total(work: dict[tuple[str, str, str, str], Load]) -> float:
    return sum(load.minutes_a_week for load in work.values())


def _room(branch: Branch, day: date) -> int:
    """Return the minutes a week that those who serve clients have."""
    minutes = posts(branch, day).day_minutes
    return round(sum(minutes.get(pk, 0) for pk in serving_ids(branch)) * WORKING_DAYS_A_WEEK)


def _branch(request: Request) -> Branch:
    if request.user.branch is None:
        raise Http404
    return request.user.branch
