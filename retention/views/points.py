"""The versions of the points: the list, one of them with its effect, a new one, and what is decided about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clients.models import Client
from office.http import Request, needs, part
from office.models import Branch
from retention.forms.churn import PointsForm, RejectionForm
from retention.models import PointSet
from retention.operations import points as operations
from retention.operations.trial import try_points
from retention.queries import points as reading
from retention.queries.churn import latest_run

MENU = "retention:points"


@require_GET
@needs("retention.view_pointset")
def points_list(request: Request) -> HttpResponse:
    return render(request, "retention/points_list.html", {"versions": reading.versions(request.user), "menu": MENU})


@require_GET
@needs("retention.view_pointset")
def points_detail(request: Request, pk: int) -> HttpResponse:
    return render(request, "retention/points_detail.html", _context(request, _seen(request, pk)))


@require_GET
@needs("retention.view_pointset")
def points_effects(request: Request, pk: int) -> HttpResponse:
    """Show what a version that is not in force would make of the clients of the last night."""
    point_set = _seen(request, pk)
    present = _present(point_set.branch)
    trial = try_points(point_set, present)
    ids = [move.client_id for move in trial.moves]
    names = {client.pk: client for client in Client.objects.visible_to(request.user).filter(pk__in=ids)}
    moves = [(move, names[move.client_id]) for move in trial.moves if move.client_id in names]
    context = {"points": point_set, "present": present, "trial": trial, "moves": moves, "menu": MENU}
    return render(request, part(request, "retention/points_effects.html", "effects"), context)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_points")
def points_new(request: Request) -> HttpResponse:
    if request.user.branch is None:
        raise Http404
    present = _present(request.user.branch)
    form = PointsForm(request.POST if request.method == "POST" else None, present=present)
    if request.method == "POST" and form.is_valid():
        made = operations.propose_points(request.user.branch, form.proposal(), by=request.user)
        messages.success(request, f"第 {made.version} 版已提交，待他人批准")
        return redirect(made)
    context = {"form": form, "present": present, "menu": MENU}
    return render(request, "retention/points_new.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("retention.approve_points")
def points_approve(request: Request, pk: int) -> HttpResponse:
    point_set = _seen(request, pk)
    operations.approve_points(point_set, by=request.user)
    messages.success(request, f"第 {point_set.version} 版已批准，{point_set.effective_on:%Y-%m-%d} 起计分")
    return redirect(point_set)


@require_POST
@needs("retention.approve_points")
def points_reject(request: Request, pk: int) -> HttpResponse:
    point_set = _seen(request, pk)
    form = RejectionForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, point_set), "rejection": form}
        return render(request, "retention/points_detail.html", context, status=422)
    operations.reject_points(point_set, remark=form.cleaned_data["remark"], by=request.user)
    messages.success(request, f"第 {point_set.version} 版已驳回")
    return redirect(point_set)


def _seen(request: Request, pk: int) -> PointSet:
    return get_object_or_404(reading.versions(request.user), pk=pk)


def _present(branch: Branch) -> PointSet:
    """Return the version in force; a branch that no night has scored begins with that of the house."""
    run = latest_run(branch)
    return reading.present_points(branch) or operations.ensure_points(
        branch, run.as_of if run else timezone.localdate()
    )


def _context(request: Request, point_set: PointSet) -> dict[str, Any]:
    run = latest_run(point_set.branch)
    is_waiting = point_set.state == PointSet.State.SUBMITTED
    is_author = point_set.made_by_id == request.user.pk
    return {
        "points": point_set,
        "lines": reading.sign_lines(point_set, reading.present_points(point_set.branch), run.counts if run else {}),
        "bands": list(zip(("平稳", "关注", "预警", "警报"), (0, *point_set.limits), point_set.factors, strict=True)),
        "run": run,
        "is_waiting": is_waiting,
        "is_author": is_author,
        "may_decide": is_waiting and not is_author and request.user.has_perm("retention.approve_points"),
        "rejection": RejectionForm(),
        "menu": MENU,
    }
