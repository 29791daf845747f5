"""How cases begin: by hand for a client, for a request; and what the branch decides about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clients.models import Client
from office.http import Request, needs
from retention.forms.cases import OpeningForm, SettingForm
from retention.models import RetentionCase
from retention.operations.case_settings import in_figures, set_retention
from retention.operations.opening import open_by_hand, open_from_request
from retention.queries.cases import seen_cases, setting_of
from retention.queries.requests import seen_requests
from retention.views.cases import MENU
from retention.views.lists import posted

OPENED = "{} 由 {} 负责；谈不谈由客户决定"


@require_http_methods(["GET", "POST"])
@needs("retention.work_case")
def case_open_client(request: Request, pk: int) -> HttpResponse:
    """Open a case for a client; if there is one already, show it."""
    rows = Client.objects.visible_to(request.user).select_related("branch", "standing__manager__team__leader")
    client = get_object_or_404(rows, pk=pk)
    held = seen_cases(request.user).filter(client=client, state=RetentionCase.State.OPEN).first()
    if held is not None:
        return redirect(held)
    form = OpeningForm(posted(request))
    if form.is_valid():
        return _opened(request, open_by_hand(client, form.cleaned_data["concern"], by=request.user).pk)
    told = {
        "title": f"为 {client.name} 开挽留个案",
        "text": "由客户经理、团队长或市场总监负责。只谈一次，客户可以不谈；不影响他的任何申请。",
        "verb": "开案",
        "form": form,
        "cancel_href": client.get_absolute_url(),
        "menu": MENU,
    }
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("retention.work_case")
def case_open(request: Request, pk: int) -> HttpResponse:
    """Open the case of a request, or show the one it has."""
    rows = seen_requests(request.user).select_related("branch", "client__branch")
    asked = get_object_or_404(rows, pk=pk)
    held = seen_cases(request.user).filter(request=asked).first()
    if held is not None:
        return redirect(held)
    if request.method == "GET":
        told = {
            "title": f"为申请 {asked.request_no} 开挽留个案",
            "text": "客户愿意再谈一次时才谈；申请照常办理，法定时限不因个案改变。",
            "verb": "开案",
            "cancel_href": asked.get_absolute_url(),
            "menu": MENU,
        }
        return render(request, "confirm.html", told)
    return _opened(request, open_from_request(asked, by=request.user).pk)


def _opened(request: Request, pk: int) -> HttpResponse:
    case = seen_cases(request.user).filter(pk=pk).first()
    if case is None:
        messages.success(request, "已开案，由营业部安排负责人")
        return redirect(MENU)
    messages.success(request, OPENED.format(case.case_no, case.owner.name))
    return redirect(case)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_case_setting")
def case_settings(request: Request) -> HttpResponse:
    branch = request.user.branch
    if branch is None:
        raise Http404
    stands = in_figures(setting_of(branch.pk))
    given = stands | {f"seen_{name}": value for name, value in stands.items()}
    form = SettingForm(posted(request), initial=given)
    if form.is_valid():
        set_retention(branch, by=request.user, seen=form.seen, **form.said)
        messages.success(request, "已改挽留设置，当晚起生效")
        return redirect(MENU)
    context = {"form": form, "menu": MENU}
    return render(request, "retention/case_settings.html", context, status=422 if form.is_bound else 200)
