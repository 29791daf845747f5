"""The versions of the weights: the list, one of them, and what is decided about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from office.http import Request, needs, part
from segmentation.forms.weights import PRODUCTS, STEPS, ApprovalForm, RejectionForm
from segmentation.models import TierRule, WeightSet
from segmentation.operations import weights as operations
from segmentation.operations.trial import try_weights
from segmentation.queries import versions
from segmentation.views.effects import proposal_of, told


@require_GET
@needs("segmentation.view_weights")
def weights_list(request: Request) -> HttpResponse:
    context = {"versions": versions.versions(request.user), "menu": "segmentation:weights"}
    return render(request, "segmentation/weights_list.html", context)


@require_GET
@needs("segmentation.view_weights")
def weights_detail(request: Request, pk: int) -> HttpResponse:
    return render(request, "segmentation/weights_detail.html", _context(request, _seen(request, pk)))


@require_GET
@needs("segmentation.view_weights")
def weights_effects(request: Request, pk: int) -> HttpResponse:
    """Show what a version that is not in use yet would do to the clients of the last run."""
    weights = _seen(request, pk)
    trial = try_weights(weights.branch, proposal_of(weights))
    weighed = versions.weighings(weights.nominal, trial.after.effective_weights)
    context = {"weights": weights, **told(trial, request.user), "weighings": weighed, "menu": "segmentation:weights"}
    return render(request, part(request, "segmentation/weights_effects.html", "effects"), context)


@require_POST
@needs("segmentation.edit_weights")
def weights_submit(request: Request, pk: int) -> HttpResponse:
    weights = _seen(request, pk)
    operations.submit_weights(weights, by=request.user)
    messages.success(request, f"第 {weights.version} 版已提交批准")
    return redirect(weights)


@require_POST
@needs("segmentation.approve_weights")
def weights_approve(request: Request, pk: int) -> HttpResponse:
    weights = _seen(request, pk)
    form = ApprovalForm(request.POST, earliest=operations.first_open_date(weights.branch))
    if not form.is_valid():
        context = {**_context(request, weights), "approval": form}
        return render(request, "segmentation/weights_detail.html", context, status=422)
    operations.approve_weights(weights, effective_on=form.cleaned_data["effective_on"], by=request.user)
    messages.success(request, f"第 {weights.version} 版已批准，{weights.effective_on:%Y-%m-%d} 起计分")
    return redirect(weights)


@require_POST
@needs("segmentation.approve_weights")
def weights_reject(request: Request, pk: int) -> HttpResponse:
    weights = _seen(request, pk)
    form = RejectionForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, weights), "rejection": form}
        return render(request, "segmentation/weights_detail.html", context, status=422)
    operations.reject_weights(weights, remark=form.cleaned_data["remark"], by=request.user)
    messages.success(request, f"第 {weights.version} 版已驳回")
    return redirect(weights)


def _seen(request: Request, pk: int) -> WeightSet:
    return get_object_or_404(versions.versions(request.user), pk=pk)


def _context(request: Request, weights: WeightSet) -> dict[str, Any]:
    run = versions.last_run_of(weights)
    effective = run.metrics.get("effective_weights") if run else None
    is_waiting = weights.state == WeightSet.State.SUBMITTED
    return {
        "weights": weights,
        "run": run,
        "weighings": versions.weighings(weights.nominal, effective) if effective else [],
        "ladders": _ladders(weights),
        "fees": [
            (label, weights.fee_rates.get(code, "0"), weights.trailing_rates.get(code, "0"))
            for code, label in PRODUCTS.items()
        ],
        "yardsticks": versions.yardsticks(weights),
        "may_decide": is_waiting
        and request.user.has_perm("segmentation.approve_weights")
        and weights.created_by_id != request.user.pk,
        "is_waiting": is_waiting,
        "is_open": weights.state in (WeightSet.State.DRAFT, WeightSet.State.SUBMITTED),
        "may_submit": weights.state == WeightSet.State.DRAFT and request.user.has_perm("segmentation.edit_weights"),
        "approval": ApprovalForm(earliest=operations.first_open_date(weights.branch)),
        "rejection": RejectionForm(),
        "menu": "segmentation:weights",
    }


def _ladders(weights: WeightSet) -> list[tuple[str, list[TierRule]]]:
    rules = {(rule.ladder, rule.tier): rule for rule in weights.tier_rules.all()}
    return [
        (str(label), [rules[ladder, tier] for tier, _ in STEPS if (ladder, tier) in rules])
        for ladder, label in TierRule.Ladder.choices
    ]
