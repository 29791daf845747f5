"""Trying a version of the weights without writing, and proposing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from office.http import Request, needs, part
from segmentation.forms.weights import WeightsForm
from segmentation.models import WeightSet
from segmentation.operations.trial import Trial, try_weights
from segmentation.operations.weights import propose_weights, submit_weights
from segmentation.queries.versions import Weighing, weighings
from segmentation.views.effects import told
from segmentation.views.weights import present_of, weights_context


@require_POST
@needs("segmentation.edit_weights")
def weights_try(request: Request) -> HttpResponse:
    present = _needed(request)
    form = WeightsForm(request.POST, present=present)
    context = weights_context(request, present, form)
    if form.is_valid():
        trial = try_weights(present.branch, form.proposal(), reestimate=form.cleaned_data["reestimate"])
        context.update(told(trial, request.user), weighings=_weighings(form, trial), weighings_hint="试算版本")
    template = part(request, "segmentation/weights.html", "effects")
    return render(request, template, context, status=200 if form.is_valid() else 422)


@require_POST
@needs("segmentation.edit_weights")
def weights_propose(request: Request) -> HttpResponse:
    present = _needed(request)
    form = WeightsForm(request.POST, present=present, needs_note=True)
    if not form.is_valid():
        return render(request, "segmentation/weights.html", weights_context(request, present, form), status=422)
    made = propose_weights(present.branch, form.proposal(), by=request.user)
    if "submit" in request.POST:
        submit_weights(made, by=request.user)
    messages.success(request, f"第 {made.version} 版已{'提交批准' if 'submit' in request.POST else '存为草稿'}")
    return redirect(made)


def _weighings(form: WeightsForm, trial: Trial) -> list[Weighing]:
    a, b, c = (float(form.cleaned_data[name]) for name in "abc")
    return weighings((a, b, c), trial.after.effective_weights)


def _needed(request: Request) -> WeightSet:
    present = present_of(request)
    if present is None:
        raise Http404("no version yet")
    return present
