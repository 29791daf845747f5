"""Satisfaction: of the branch, a team, oneself; by run, each with its interval."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from complaints.feedback_books import satisfaction_workbook, workbook_answer
from complaints.forms.survey import PurposeForm
from complaints.operations.surveys import record_satisfaction_export
from complaints.queries.satisfaction import Report, report
from complaints.rules.satisfaction import SMALLEST
from office.http import Request, needs
from office.understanding import unclear


@require_GET
@needs("complaints.view_satisfaction")
def satisfaction(request: Request) -> HttpResponse:
    found = report(request.user, timezone.localdate(), _chosen(request))
    context: dict[str, Any] = {"report": found, "smallest": SMALLEST, "chart": _chart(found), "tabs": _tabs(found)}
    return render(request, "complaints/satisfaction.html", context)


@require_http_methods(["GET", "POST"])
@needs("complaints.view_satisfaction")
def satisfaction_export(request: Request) -> HttpResponse:
    form = PurposeForm(request.POST or None)
    found = report(request.user, timezone.localdate(), _chosen(request))
    if request.GET.get("run") and found.run is None:
        raise unclear("调查")
    if not form.is_valid():
        text = f"导出页面上的 {len(found.managers)} 行，不含单份答卷；不足 {SMALLEST} 份的不提供给客户经理与团队长。"
        context = {
            "title": "导出满意度", "text": text, "verb": "导出 Excel", "form": form,
            "cancel_href": f"{reverse('complaints:satisfaction')}?{request.GET.urlencode()}",
        }  # fmt: skip
        return render(request, "confirm.html", context, status=422 if form.is_bound else 200)
    record_satisfaction_export(len(found.managers), reason=form.cleaned_data["reason"], by=request.user)
    return workbook_answer(satisfaction_workbook(found), f"satisfaction-{timezone.localdate():%Y%m%d}")


def _chosen(request: Request) -> int | None:
    text = request.GET.get("run", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _tabs(found: Report) -> list[dict[str, Any]]:
    chosen = found.run.pk if found.run else None
    everything = {"label": "全部", "url": "?", "count": None, "current": chosen is None}
    latest = list(reversed(found.trend))[:6]
    return [
        everything,
        *(
            {"label": line.run.title, "url": f"?run={line.run.pk}", "count": line.figure.count,
             "current": line.run.pk == chosen}
            for line in latest
        ),
    ]  # fmt: skip


def _chart(found: Report) -> dict[str, Any] | None:
    """Return the trend as the chart wants it; None for fewer than two runs."""
    if len(found.trend) < 2:
        return None
    names = [("均值", "--brand", "mean"), ("区间下限", "--c-0", "mean_low"), ("区间上限", "--c-0", "mean_high")]
    return {
        "kind": "line", "unit": "分", "percent": False,
        "steps": [f"{line.run.opens_on:%Y-%m}" for line in found.trend],
        "series": [
            {"name": name, "token": token, "values": [round(getattr(line.figure, key) or 0, 2) for line in found.trend]}
            for name, token, key in names
        ],
    }  # fmt: skip
