"""自我建议: which clients suit a manager in his own opinion, and whom he would have or give up (MGR-03)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from office.http import Request, needs
from segmentation.forms.suggestions import KindsForm, SuggestionForm
from segmentation.models import ClientSuggestion, SuitedKinds
from segmentation.operations import wishes
from segmentation.queries import suggestions as queries

KINDS_ID = "kinds_%s"  # both forms of the page have a note


@require_GET
@needs("segmentation.suggest_client")
def suggestions(request: Request) -> HttpResponse:
    return _page(request, None, None)


@require_POST
@needs("segmentation.suggest_client")
def kinds_state(request: Request) -> HttpResponse:
    form = KindsForm(request.POST, auto_id=KINDS_ID)
    if not form.is_valid():
        return _page(request, form, None)
    wishes.state_kinds(request.user, form.cleaned_data["kinds"], form.cleaned_data["note"])
    messages.success(request, "已保存，下一份方案的匹配度将计入")
    return redirect("segmentation:suggestions")


@require_POST
@needs("segmentation.suggest_client")
def suggestion_add(request: Request) -> HttpResponse:
    form = SuggestionForm(request.POST, branch_id=request.user.branch_id or 0)
    if not form.is_valid():
        return _page(request, None, form)
    data = form.cleaned_data
    wishes.suggest_client(data["client_no"], data["kind"], data["note"], on=timezone.localdate(), by=request.user)
    messages.success(request, "建议已登记，市场总监可以看到")
    return redirect("segmentation:suggestions")


@require_POST
@needs("segmentation.suggest_client")
def suggestion_remove(request: Request, pk: int) -> HttpResponse:
    said = get_object_or_404(ClientSuggestion.objects.visible_to(request.user), pk=pk)
    wishes.withdraw_suggestion(said, by=request.user)
    messages.success(request, "建议已撤回")
    return redirect("segmentation:suggestions")


def _page(request: Request, kinds: KindsForm | None, client: SuggestionForm | None) -> HttpResponse:
    stated = SuitedKinds.objects.filter(employee=request.user).first()
    start = {"kinds": stated.kinds, "note": stated.note} if stated else {}
    rows = list(queries.suggestions(request.user).filter(employee=request.user)[: queries.LATEST])
    context = {
        "kinds_form": kinds or KindsForm(initial=start, auto_id=KINDS_ID),
        "client_form": client or SuggestionForm(initial={"kind": "want"}, branch_id=request.user.branch_id or 0),
        "rows": rows,
        "known": queries.known_clients(request.user, rows),
    }
    return render(request, "segmentation/suggestions.html", context, status=422 if kinds or client else 200)
