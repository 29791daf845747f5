"""What a client is worth and why: the panels of the client page, and the page with the whole calculation."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clients.models import Client
from office.formats import day
from office.http import Request, needs, part
from office.menu import link
from segmentation import reasons
from segmentation.models import ClientScore, Flag, ScoringRun
from segmentation.queries import explanation, trading
from segmentation.queries.explanation import Explained

TABLE_ROWS = 12  # of the history, newest first


@require_GET
@needs("segmentation.view_score")
def client_panel(request: Request, pk: int) -> HttpResponse:
    client = seen_client(request, pk)
    context = {"client": client, **_present(client, explanation.recent_runs(client.branch))}
    return render(request, part(request, "segmentation/client_panel.html", "panel"), context)


@require_GET
@needs("segmentation.view_score")
def client_history(request: Request, pk: int) -> HttpResponse:
    client = seen_client(request, pk)
    context = {"client": client, **_past(client, explanation.recent_runs(client.branch))}
    return render(request, part(request, "segmentation/client_history.html", "panel"), context)


@require_GET
@needs("segmentation.view_score")
def client_value(request: Request, pk: int) -> HttpResponse:
    client = seen_client(request, pk)
    runs = explanation.recent_runs(client.branch)
    present = _present(client, runs)
    told: Explained | None = present["told"]
    context = {
        "client": client,
        "standing": client.standing,
        **present,
        **_past(client, runs),
        "window": explanation.window_of(client),
        "stays": explanation.core_stays(client),
        "trading": trading.trading(client, told.run.as_of) if told else None,
        "buying": trading.buying(client, told.run.as_of) if told else None,
        "night_url": link("night_list"),
        "menu": "segmentation:ranking",
    }
    return render(request, "segmentation/client_value.html", context)


def seen_client(request: Request, pk: int) -> Client:
    """Return the client if the user may know of him. Raises Http404 otherwise."""
    rows = Client.objects.visible_to(request.user).select_related("standing__manager", "branch")
    return get_object_or_404(rows, pk=pk)


def _present(client: Client, runs: list[ScoringRun]) -> dict[str, Any]:
    """Return the present score in figures and in words."""
    told = explanation.explained(client, runs)
    if told is None:
        return {"told": None}
    score, weights = told.score, told.weight_set
    p = (score.commission_p, score.purchasing_p, score.assets_p)
    return {
        "told": told,
        "as_of": day(told.run.as_of, told.run.as_of),
        "compared_on": day(told.compared.as_of, told.run.as_of) if told.compared else "",
        "tier_reason": reasons.tier_reason(told.facts),
        "tier_waiting": reasons.waiting(told.facts),
        "next_tier": reasons.next_tier(told.facts),
        "type_reason": reasons.type_reason(score.type_no, p, score.type_margin),
        "type_waiting": reasons.type_waiting(score.rival_no, score.rival_runs),
        "grade_reason": reasons.grade_reason(score.grade, score.tier_no, score.trade_days_20),
        "core_reason": reasons.core_reason(
            score.is_core,
            score.in_base_set,
            score.cumulative_share,
            float(weights.core_share),
            float(weights.core_exit_share),
        ),
        "notes": _notes(score),
        "formulas": [(term, reasons.formula(weights.normaliser, term.raw, term.s, term.cap)) for term in told.terms],
    }


NOTES = {
    Flag.PROVISIONAL: "新客户，历史不足 60 个交易日，价值按年化暂定，不自动升到金卡以上",
    Flag.STALE: "近 20 日资产数据不足 10 日，资产沿用最近一次的数字",
    Flag.ONE_OFF: "有单日佣金异常高，计分时降到该日上限；贡献仍按实际金额",
    Flag.NEGATIVE: "有一项为负，计分时按 0 计",
    Flag.OVERRIDDEN: "等级由人工定级，到期后自动恢复按数字评定",
}


def _notes(score: ClientScore) -> list[str]:
    return [text for flag, text in NOTES.items() if flag in score.flags]


def _past(client: Client, runs: list[ScoringRun]) -> dict[str, Any]:
    """Return the history as a chart and a table, and the changes of tier and grade."""
    scores = explanation.history(client, runs)
    return {
        "scores": scores[::-1][:TABLE_ROWS],
        "chart": _chart(scores),
        "finding": _finding(scores),
        "changes": explanation.tier_history(client),
    }


def _chart(scores: list[ClientScore]) -> dict[str, Any]:
    return {
        "kind": "line",
        "unit": "分",
        "percent": False,
        "steps": [f"{score.as_of.month}月{score.as_of.day}日" for score in scores],
        "series": [{"name": "价值", "token": "--brand", "values": [round(score.value, 2) for score in scores]}],
    }


def _finding(scores: list[ClientScore]) -> str:
    if len(scores) < 2:
        return "只有一次计分，还没有走势"
    first, last = scores[0], scores[-1]
    return (
        f"{day(first.as_of, last.as_of)}至{day(last.as_of, last.as_of)}，价值由 {first.value:.1f} 变为 {last.value:.1f}"
    )
