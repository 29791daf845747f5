"""流失风险: who may leave and why, ranked by what is at risk; one client's reasons; the back-test."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clients.models import Client
from office.http import Request, needs, part
from office.menu import link
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood
from retention.churn_sheet import XLSX, churn_workbook
from retention.forms.churn import PurposeForm
from retention.forms.churn_filter import ChurnFilter, chips
from retention.models import ChurnStanding
from retention.operations.exports import record_export
from retention.queries import backtest as past
from retention.queries import churn as reading
from retention.queries.cases import open_case_of, open_cases_of
from retention.queries.discretion import lines
from retention.scoring.signals import SIGNS

PAGE_SIZE = 50
HISTORY = timedelta(days=10)  # of scores shown of one client


@require_GET
@needs("retention.view_churn")
def churn_list(request: Request) -> HttpResponse:
    form = ChurnFilter(request.GET, user=request.user)
    seen = ChurnStanding.objects.visible_to(request.user)
    rows = form.narrow(seen)
    order = reading.order_of(request.GET.get("sort", reading.DEFAULT_SORT))
    page = keyset_page(reading.listed(rows), order, request.GET.get("after", ""), PAGE_SIZE)
    told = reading.summary(seen)
    told_lines = form.kept(lines(page, request.user))
    context = {
        "page": page,
        "lines": told_lines,
        "cases": open_cases_of([line.row.client_id for line in told_lines], request.user),
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "summary": told,
        "run": reading.latest_run(request.user.branch),
        "page_label": f"本页 {len(page)} 位",
        "next_url": _at(request.GET, page.next),
        "previous_url": _at(request.GET, page.previous),
        "query": request.GET.urlencode(),
        "export_form": PurposeForm(),
        "night_url": link("night_list"),
    }
    return render(request, part(request, "retention/churn_list.html", "table"), context)


@require_POST
@needs("clients.export_client")
def churn_export(request: Request) -> HttpResponse:
    form = PurposeForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "query": request.GET.urlencode(), "back": reverse("retention:list")}
        return render(request, "retention/export.html", context, status=422)
    narrowing = ChurnFilter(request.GET, user=request.user)
    understood(narrowing)
    rows = narrowing.narrow(ChurnStanding.objects.visible_to(request.user))
    order = reading.order_of(request.GET.get("sort", reading.DEFAULT_SORT))
    told = narrowing.kept(lines(reading.listed(rows).order_by(*order), request.user))
    content, count = churn_workbook(told)
    record_export("流失风险", count, request.GET.urlencode(), reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="churn-{timezone.localdate():%Y%m%d}.xlsx"'
    return response


@require_GET
@needs("retention.view_churn")
def client_panel(request: Request, pk: int) -> HttpResponse:
    rows = Client.objects.visible_to(request.user).select_related("standing", "branch")
    client = get_object_or_404(rows, pk=pk)
    standing = reading.standing_of(client)
    line = lines([standing], request.user)[0] if standing else None
    run = standing.run if standing else reading.latest_run(client.branch)
    scores = reading.history(client, run.as_of - HISTORY) if run else []
    context = {
        "client": client,
        "line": line,
        "run": run,
        "scores": scores[::-1] if line and line.is_whole else [],
        "may_open": request.user.has_perm("retention.work_case") and client.status != Client.Status.CLOSED,
        "open_case": open_case_of(client, request.user),
        "menu": "retention:list",
    }
    return render(request, part(request, "retention/client_panel.html", "panel"), context)


@require_GET
@needs("retention.view_pointset")
def backtest(request: Request) -> HttpResponse:
    branch = request.user.branch
    context = {
        "found": past.backtest(branch) if branch else None,
        "horizon": past.HORIZON,
        "run": reading.latest_run(branch),
        "waiting": [sign for sign in SIGNS if sign.waits],
        "caveats": [sign for sign in SIGNS if sign.caveat],
        "held": sum(not sign.waits for sign in SIGNS),
        "night_url": link("night_list"),
        "menu": "retention:backtest",
    }
    return render(request, "retention/backtest.html", context)


def _at(query: QueryDict, cursor: str) -> str:
    if not cursor:
        return ""
    turned = query.copy()
    turned["after"] = cursor
    return f"?{turned.urlencode()}"
