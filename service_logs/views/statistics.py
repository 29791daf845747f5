"""How much of what was owed was done, by whom."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from office.http import Request
from service_logs.filters import PeriodFilter
from service_logs.queries.rates import completion, initiative
from service_logs.queries.scope import BRANCH, OWN, scope_names, scope_of
from service_logs.queries.statistics import PersonRate, person_rates, span, summed


@require_GET
@permission_required("service_logs.view_task", raise_exception=True)
def statistics(request: Request) -> HttpResponse:
    branch, day = request.user.branch, timezone.localdate()
    names = scope_names(request.user)
    if branch is None or not names:
        raise Http404
    form = PeriodFilter(request.GET)
    form.is_valid()  # dates that cannot be read are left out
    wanted = form.cleaned_data
    period = wanted.get("period") or "week"
    since, until = span(period, day)
    since, until = wanted.get("since") or since, wanted.get("until") or until
    scope = scope_of(request.user, names[-1] if BRANCH in names else names[0], day)
    own = request.user if scope.name == OWN else None
    rows = person_rates(branch, scope.ids, since, until)
    context: dict[str, Any] = {
        "since": since,
        "until": until,
        "form": form,
        "tabs": _tabs(period, is_chosen=bool(wanted.get("since") or wanted.get("until"))),
        "whole": completion(branch, since, until, own) if scope.name in (OWN, BRANCH) else None,
        "begun": initiative(branch, since, until, own) if scope.name in (OWN, BRANCH) else None,
        "rows": rows,
        "cols": _columns(rows),
        "total": summed(rows),
        "is_own": scope.name == OWN,
        "today": day,
    }
    return render(request, "service_logs/statistics.html", context)


def _tabs(period: str, *, is_chosen: bool) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": f"?period={name}", "count": None, "current": name == period and not is_chosen}
        for name, label in PeriodFilter.PERIODS
    ]


def _columns(rows: list[PersonRate]) -> dict[str, bool]:
    """Return which of the columns beside the duties say anything; the others are left out."""
    return {
        "team": any(row.team for row in rows),
        "reached": any(row.duties.reached for row in rows),
        "aims": any(row.aims for row in rows),
        "optional": any(row.optional_done for row in rows),
        "staff": any(row.begun.by_staff for row in rows),
        "client": any(row.begun.by_client for row in rows),
    }
