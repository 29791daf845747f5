"""A task for every client of the filtered client list: asked once with count and spread, taken back the same day."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clients.filters import ClientFilter
from clients.models import ClientStanding
from clients.models.client import StandingQuerySet
from office.http import Request, needs
from service_logs.forms.tasks import BatchForm, ReasonForm
from service_logs.models import TaskBatch
from service_logs.operations.batches import add_batch, withdraw_batch
from service_logs.queries.batches import MOST, clients_of, servable, spread, states_of


@require_http_methods(["GET", "POST"])
@needs("service_logs.do_task")
def task_bulk(request: Request) -> HttpResponse:
    day, query = timezone.localdate(), _narrowing(request.GET)
    form = BatchForm(request.POST or None, by=request.user, today=day, token=uuid4())
    if form.is_valid() and (made := form.made_before()):
        return redirect(made)
    rows = _filtered(request, query)
    shares = spread(rows)
    count = sum(share.count for share in shares)
    if form.is_valid() and form.agrees_with(count):
        batch = add_batch(
            clients_of(request.user, rows), token=form.cleaned_data["token"], query=query.urlencode(),
            by=request.user, today=day, **form.values(),
        )  # fmt: skip
        messages.success(request, f"已为 {batch.made_count:,} 位客户各建一件「{batch.title}」")
        return redirect(batch)
    context = {
        "form": form, "count": count, "shares": shares, "most": MOST, "too_many": count > MOST,
        "query": query.urlencode(), "whole": not query,
    }  # fmt: skip
    return render(request, "service_logs/task_bulk.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET"])
@needs("service_logs.do_task")
def batch_detail(request: Request, pk: int) -> HttpResponse:
    batch = _seen(request, pk)
    made_on, day = timezone.localtime(batch.made_at).date(), timezone.localdate()
    may = batch.made_by_id == request.user.pk or request.user.has_perm("service_logs.assign_task")
    context = {
        "batch": batch,
        "states": states_of(batch, made_on),
        "today": day,
        "may_withdraw": may and batch.withdrawn_at is None and made_on == day,
        "tasks_href": f"{reverse('service_logs:task_list')}?{urlencode({'batch': batch.pk, 'made': made_on})}",
    }
    return render(request, "service_logs/batch_detail.html", context)


@require_http_methods(["GET", "POST"])
@needs("service_logs.do_task")
def batch_withdraw(request: Request, pk: int) -> HttpResponse:
    batch, form = _seen(request, pk), ReasonForm(request.POST or None)
    if form.is_valid():
        count = withdraw_batch(batch, reason=form.cleaned_data["reason"], by=request.user, today=timezone.localdate())
        messages.success(request, f"已撤回「{batch.title}」未完成的 {count:,} 件任务")
        return redirect(batch)
    context: dict[str, Any] = {
        "title": f"撤回「{batch.title}」", "text": "这一批中未完成的任务全部取消，已完成的保留", "verb": "整批撤回",
        "cancel_href": batch.get_absolute_url(), "form": form, "crit": True,
    }  # fmt: skip
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


def _seen(request: Request, pk: int) -> TaskBatch:
    rows = TaskBatch.objects.visible_to(request.user).select_related("branch", "made_by", "withdrawn_by")
    return get_object_or_404(rows, pk=pk)


def _narrowing(asked: QueryDict) -> QueryDict:
    """Return the conditions of the client list without what is empty and what only turns its pages."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        said = [value for value in values if value]
        if said and name not in ("after", "sort", "cols"):
            query.setlist(name, said)
    return query


def _filtered(request: Request, query: QueryDict) -> StandingQuerySet:
    rows = ClientStanding.objects.visible_to(request.user)
    found = ClientFilter(query, queryset=rows, user=request.user, today=timezone.localdate())
    return servable(found.understood())
