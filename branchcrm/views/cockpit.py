"""驾驶舱: where the branch needs its directors this week."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from branchcrm.queries import cockpit_book as book
from branchcrm.queries import cockpit_figures as figures
from branchcrm.queries import cockpit_work as work
from branchcrm.queries.cockpit_scope import PERIODS, TEAM, WHO, Period, Scope, people, period_of, scope_of, teams_of
from clients.models import Tier
from office.http import Request, needs
from office.menu import link
from office.models import Employee
from office.paging import capped_count, count_label, keyset_page
from office.rights import Reach, reach


@require_GET
@needs("office.view_cockpit")
def cockpit(request: Request) -> HttpResponse:
    """Show the branch, a team or a person in figures that each open a list."""
    scope, period, served_by = _asked(request)
    context = {
        "scope": scope,
        "period": period,
        "switches": _switches(request, scope, served_by),
        "periods": _links(request, "period", PERIODS, period.key),
        "clocks": link("retention:clock_panel") if request.user.has_perm("retention.view_request") else "",
        "complaints": link("complaints:standing_panel") if request.user.has_perm("complaints.view_figures") else "",
        **_book(scope, period),
        **_work(scope, period, timezone.now()),
    }
    return render(request, "branchcrm/cockpit.html", context)


@require_GET
@needs("office.view_cockpit")
def tier_moves(request: Request) -> HttpResponse:
    """The clients behind one band of the tier flow."""
    scope, period, _ = _asked(request)
    before, after = request.GET.get("from", ""), request.GET.get("to", "")
    run = book.base_run(scope, period)
    froms, tos = {"", book.NEW, book.UP, book.DOWN, *Tier.values}, {"", book.GONE, *Tier.values}
    if run is None or before not in froms or after not in tos or before == after:
        raise Http404
    found = book.moved_clients(scope, run, before, after)
    rows = found.select_related("client", "manager")
    page = keyset_page(rows, ["-value", "client_id"], request.GET.get("after", ""), 50)
    tiers = book.tiers_at(scope, run, [row.client_id for row in page.rows])
    for row in page.rows:
        row.tier_before = tiers.get(row.client_id, "")
    query = request.GET.copy()
    context = {
        "scope": scope,
        "run": run,
        "words": figures.move_words(before, after),
        "page": page,
        "count": count_label(capped_count(found)),
        "next_url": _with(query, "after", page.next),
        "previous_url": _with(query, "after", page.previous),
        "back": _without(request, "from", "to", "after"),
    }
    return render(request, "branchcrm/tier_moves.html", context)


def _asked(request: Request) -> tuple[Scope, Period, list[Employee]]:
    served_by = people(request.user)
    scope = scope_of(request.user, request.GET.get("who", ""), request.GET.get("key", ""), served_by)
    return scope, period_of(request.GET.get("period", "month"), _data_date(request.user)), served_by


def _data_date(user: Employee) -> date:
    as_of = user.branch.data_as_of if user.branch else None
    return as_of or timezone.localdate()


def _book(scope: Scope, period: Period) -> dict[str, Any]:
    present = book.book_of(scope)
    run = book.base_run(scope, period)
    flow = book.flow_of(scope, run)
    tonight = book.tonight_of(scope)
    night = tonight.run.as_of if tonight else None
    return {
        "book": present,
        "base_run": run,
        "cells": figures.book_cells(scope, present, book.base_of(scope, run), book.average_assets_fen(scope)),
        "pareto": figures.pareto(present, book.curve_of(scope, present)),
        "flow_totals": figures.flow_totals(scope, period, flow),
        "flow_rows": figures.flow_rows(scope, period, flow),
        "flow_data": figures.flow_data(scope, period, flow),
        "tier_rows": figures.part_rows(scope, present.tiers, present, "tier"),
        "type_rows": figures.part_rows(scope, present.types, present, "value_type"),
        "band_rows": figures.band_rows(scope, present.bands, present),
        "band_data": figures.band_data(scope, present.bands),
        "tonight": tonight,
        "tonight_rows": figures.tonight_rows(scope, tonight),
        "signals": figures.signal_rows(scope, night, work.signals_of(scope, night)) if night else [],
    }


def _work(scope: Scope, period: Period, now: datetime) -> dict[str, Any]:
    return {
        "work_cells": figures.work_cells(scope, period, work.rates_of(scope, period, now)),
        "coverage": figures.coverage_rows(period, work.coverage_of(scope, period, now)),
        "must_rows": figures.must_rows(scope, period, work.must_of(scope, period, now)),
        "states": figures.state_rows(scope, work.states_of(scope, timezone.localdate(now))),
        "tiers": [tier.value for tier in reversed(Tier)],
    }


def _switches(request: Request, scope: Scope, served_by: list[Employee]) -> dict[str, Any]:
    """The scopes to choose from, and within 团队 and 个人 which one."""
    far = reach(request.user)
    offered = WHO if far == Reach.BRANCH else {key: label for key, label in WHO.items() if key != "branch"}
    if not served_by:
        offered = {key: label for key, label in offered.items() if key == "branch"}
    choices = teams_of(served_by) if scope.who == TEAM else served_by
    return {
        "who": _links(request, "who", offered, scope.who, drop=("key",)),
        "choices": [(one.pk, one.name) for one in choices] if scope.key is not None else [],
    }


def _links(
    request: Request, name: str, labels: dict[str, str], current: str, drop: tuple[str, ...] = ()
) -> list[tuple[str, str, bool]]:
    query = request.GET.copy()
    for gone in drop:
        query.pop(gone, None)
    return [(_with(query, name, key), label, key == current) for key, label in labels.items()]


def _with(query: Any, name: str, value: str) -> str:
    if not value:
        return ""
    turned = query.copy()
    turned[name] = value
    return f"?{turned.urlencode()}"


def _without(request: Request, *names: str) -> str:
    return urlencode([(key, value) for key, value in request.GET.items() if key not in names])
