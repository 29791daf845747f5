"""权重与试算: how the branch weighs at present, and the form in which another version is tried."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clients.models import Tier
from office.http import Request, needs
from office.menu import link
from segmentation.forms.weights import WeightsForm
from segmentation.models import ScoringRun, WeightSet
from segmentation.queries import versions
from segmentation.queries.runs import published_run


@require_GET
@needs("segmentation.view_weights")
def weights_page(request: Request) -> HttpResponse:
    present = present_of(request)
    if present is None:
        return render(request, "segmentation/weights.html", {"present": None, "night_url": link("night_list")})
    return render(request, "segmentation/weights.html", weights_context(request, present, WeightsForm(present=present)))


def present_of(request: Request) -> WeightSet | None:
    """Return the version in use at the user's branch, None before the first night."""
    branch = request.user.branch
    return versions.present_version(branch, branch.data_as_of or timezone.localdate()) if branch else None


def weights_context(request: Request, present: WeightSet, form: WeightsForm) -> dict[str, Any]:
    """Return what the page of weights shows around `form`."""
    run = published_run(present.branch)
    effective = run.metrics.get("effective_weights") if run else None
    return {
        "present": present,
        "form": form,
        "run": run,
        "ladder": _ladder(run) if run else [],
        "weighings": versions.weighings(present.nominal, effective) if effective else [],
        "waiting": versions.waiting_version(present.branch),
        "may_edit": request.user.has_perm("segmentation.edit_weights"),
        "weighings_hint": "现行版本，最近一次评分",
        "effects": None,
    }


def _ladder(run: ScoringRun) -> list[tuple[str, int, float]]:
    """Return the tiers of a published run, the highest first: how many clients, and which share of all."""
    counts = run.metrics.get("tier_counts") or {}
    total = sum(counts.values())
    return [(tier, counts[tier], counts[tier] / total) for tier in reversed(Tier.values) if counts.get(tier)]
