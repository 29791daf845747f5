"""The figures of the cockpit as its page writes them: words, deltas, addresses and the data of the charts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from branchcrm.queries.changes import KINDS
from branchcrm.queries.cockpit_book import BANDS, DOWN, GONE, NEW, UP, Base, Book, Flow, Part, Tonight, direction_of
from branchcrm.queries.cockpit_scope import Period, Scope
from branchcrm.queries.cockpit_work import TARGET_PERCENT, CoverageRow, MustRow, Rate, Rates, States
from clients.models import Tier
from office.formats import YUAN_PER_WAN, YUAN_PER_YI, fen, number
from office.menu import link
from service_logs.models import Task

TIER_WORDS = {tier.value: str(tier.label) for tier in Tier} | {NEW: "新开户", GONE: "销户", "": "全部"}
NO_BASE = Base(0, 0, 0, 0)
MUST_ROWS = {"kind": "mandatory", "source": [source.value for source in Task.Source if source != Task.Source.PLAN]}
LARGE_FEN = 10**10  # from 1 亿元 on, amounts are written in 亿元
FEW = 10  # tasks fallen due, below which a share says nothing
DIRECTIONS = {UP: "升", DOWN: "降", NEW: "新开", GONE: "销户"}


@dataclass(frozen=True)
class Cell:
    """One figure of the strip; its parameters are those of components/figure.html."""

    label: str
    value: str
    unit: str
    href: str
    delta: str = ""
    trend: str = ""  # better, worse; "" is neither
    down: bool = False
    note: str = ""


@dataclass(frozen=True)
class PartRow:
    """One tier or type of a table."""

    part: Part
    share: float  # of the clients, percent
    money_share: float  # of the contribution, percent
    href: str


def move_words(before: str, after: str) -> str:
    """Return in words from which tier to which, or the direction where only that was asked for."""
    if before in (UP, DOWN) or (before == NEW and not after) or (after == GONE and not before):
        return DIRECTIONS[before or after]
    return f"{TIER_WORDS[before]} → {TIER_WORDS[after]}"


def amount(value: int) -> tuple[str, str]:
    """Return an amount of fen and its unit, 亿元 where it is large."""
    if abs(value) >= LARGE_FEN:
        return fen(value, YUAN_PER_YI), "亿元"
    return fen(value, YUAN_PER_WAN, 1), "万元"


def book_cells(scope: Scope, book: Book, base: Base | None, average_fen: int) -> list[Cell]:
    """Return clients, assets, commission, contribution and core group, against the run before the period."""
    then = base or NO_BASE
    difference = book.clients - then.clients if base else 0
    return [
        Cell(
            "服务客户",
            number(book.clients),
            "位",
            scope.clients_url(),
            f"{number(difference, plus=True)} 位" if base else "",
            down=difference < 0,
        ),
        _money_cell(
            scope, "客户净资产", book.assets_fen, "-assets", Change(average_fen, then.assets_fen, is_judged=False)
        ),
        _money_cell(
            scope,
            "近 12 月净佣金",
            book.commission_fen,
            "-commission",
            Change(book.commission_fen, then.commission_fen, is_known=then.knew_a_year),
        ),
        _money_cell(
            scope,
            "近 12 月贡献",
            book.contribution_fen,
            "-contribution",
            Change(book.contribution_fen, then.contribution_fen, is_known=then.knew_a_year),
        ),
        Cell(
            "二八核心客户",
            number(book.core_clients),
            "位",
            scope.clients_url(flag="core"),
            note=_core_note(book),
        ),
    ]


def _core_note(book: Book) -> str:
    if book.core_share is None or book.core_contribution_share is None:
        return ""
    return f"{book.core_share:.1%} 的客户贡献 {book.core_contribution_share:.1%}"


@dataclass(frozen=True)
class Change:
    """A sum now and before the period; assets are not judged: markets move them."""

    now: int
    then: int
    is_judged: bool = True
    is_known: bool = True  # False: the sum before is of less than 12 months

    @property
    def percent(self) -> float | None:
        """By how much it changed, None without anything comparable before."""
        return (self.now - self.then) / abs(self.then) * 100 if self.then and self.is_known else None


def _money_cell(scope: Scope, label: str, shown: int, sort: str, change: Change) -> Cell:
    value, unit = amount(shown)
    cell = Cell(label, value, unit, scope.clients_url(sort=sort))
    moved = change.percent
    if moved is None:
        return cell if change.is_known else replace(cell, note="比较日的数据不足 12 个月")
    trend = ("better" if moved > 0 else "worse" if moved < 0 else "") if change.is_judged else ""
    return replace(cell, delta=f"{number(moved, 1, plus=True)}%", trend=trend, down=moved < 0)


def work_cells(scope: Scope, period: Period, rates: Rates) -> list[Cell]:
    """Return the two rates of service, against the period before; each opens what fell due."""
    must = scope.tasks_url(**MUST_ROWS, **period.fallen_due)
    plan = scope.tasks_url(source="plan", **period.fallen_due)
    return [
        _rate_cell("必做 MOT 按时率", rates.must, rates.must_before, must),
        _rate_cell("应联系覆盖率", rates.plan, rates.plan_before, plan),
    ]


def _rate_cell(label: str, rate: Rate, before: Rate, href: str) -> Cell:
    if rate.percent is None:
        return Cell(label, "—", "", href, note="本期尚无到期")
    if rate.due < FEW or not (rate.on_time or before.due):  # early, 0.0 % would say more than is known
        share = f"{number(rate.on_time)} / {number(rate.due)}"
        note = f"本期到期不足 {FEW} 件，暂不计比率" if rate.due < FEW else "首个期间，尚无按时办结"
        return Cell(label, share, "件", href, note=note)
    cell = Cell(label, number(rate.percent, 1), "%", href, note=f"按时 {number(rate.on_time)} / {number(rate.due)} 件")
    if before.percent is None or before.due < FEW:
        return cell
    moved = rate.percent - before.percent
    trend = "better" if moved > 0 else "worse" if moved < 0 else ""
    return replace(cell, delta=f"{number(moved, 1, plus=True)} 点", trend=trend, down=moved < 0)


def part_rows(scope: Scope, parts: list[Part], book: Book, name: str) -> list[PartRow]:
    """Return the rows of a table of tiers or types; `name` is the filter of the client list."""
    return [
        PartRow(
            part,
            part.clients / max(book.clients, 1) * 100,
            max(part.contribution_fen, 0) / max(book.positive_fen, 1) * 100,
            scope.clients_url(**{name: part.key}),
        )
        for part in parts
    ]


def band_rows(scope: Scope, bands: list[Part], book: Book) -> list[PartRow]:
    """Return the rows of the distribution of values."""
    return [
        PartRow(
            part,
            part.clients / max(book.clients, 1) * 100,
            max(part.contribution_fen, 0) / max(book.positive_fen, 1) * 100,
            _band_url(scope, int(part.key)),
        )
        for part in bands
    ]


def _band_url(scope: Scope, band: int) -> str:
    top = "" if band == BANDS - 1 else f"{(band + 1) * BANDS - 0.000001:.6f}"
    return scope.clients_url(value_min=band * BANDS, value_max=top)


def band_data(scope: Scope, bands: list[Part]) -> dict[str, Any]:
    """Return the data of static/js/chart-lines.js."""
    return {
        "kind": "bar",
        "unit": "位",
        "percent": False,
        "steps": [part.label for part in bands],
        "series": [
            {
                "name": "客户",
                "token": "--brand",
                "values": [part.clients for part in bands],
                "hrefs": [_band_url(scope, int(part.key)) for part in bands],
            }
        ],
    }


def pareto(book: Book, curve: list[tuple[float, float]]) -> dict[str, Any] | None:
    """Return the data of static/js/chart-pareto.js, None where nobody contributes."""
    if not curve or book.core_share is None or book.core_contribution_share is None:
        return None
    value, unit = amount(book.core_fen)
    return {
        "points": curve,
        "at": [round(book.core_share * 100, 1), round(book.core_contribution_share * 100, 1)],
        "amount": f"{value} {unit}",
        "is_core": book.follows_80_20,
    }


def moves_url(scope: Scope, period: Period, before: str, after: str) -> str:
    """Return the address of the clients who went from one tier to another in the period."""
    pairs: dict[str, Any] = {
        "who": scope.who,
        "key": scope.key or "",
        "period": period.key,
        "from": before,
        "to": after,
    }
    return f"{reverse('tier_moves')}?{urlencode({key: value for key, value in pairs.items() if value != ''})}"


def flow_rows(scope: Scope, period: Period, flow: Flow) -> list[dict[str, Any]]:
    """Return the moves as a table: those up first, then down, new and left, the largest first."""
    order = list(DIRECTIONS)
    moves = sorted(flow.moves.items(), key=lambda item: (order.index(direction_of(*item[0])), -item[1], item[0]))
    return [
        {
            "direction": DIRECTIONS[direction_of(before, after)],
            "before": before,
            "after": after,
            "before_words": TIER_WORDS[before],
            "after_words": TIER_WORDS[after],
            "count": count,
            "href": moves_url(scope, period, before, after),
        }
        for (before, after), count in moves
    ]


def flow_data(scope: Scope, period: Period, flow: Flow) -> dict[str, Any]:
    """Return the data of static/js/chart-flow.js."""
    order = [[tier.value, str(tier.label), f"--tier-{tier.value}"] for tier in reversed(Tier)]
    order += [[NEW, TIER_WORDS[NEW], "--ink-3"], [GONE, TIER_WORDS[GONE], "--ink-3"]]
    flows = [
        [before, after, count, moves_url(scope, period, before, after)] for (before, after), count in flow.moves.items()
    ]
    return {"order": order, "flows": flows}


def coverage_rows(period: Period, rows: list[CoverageRow]) -> list[dict[str, Any]]:
    """Return the heat table with an address per cell."""
    url = link("service_logs:task_list")
    wanted = {"source": "plan", **period.fallen_due}
    return [
        {
            "row": row,
            "cells": [
                (rate, f"{url}?{urlencode({**wanted, 'owner': row.pk, 'tier': tier})}" if url else "")
                for tier, rate in row.cells
            ],
            "href": f"{url}?{urlencode({**wanted, 'owner': row.pk})}" if url else "",
        }
        for row in rows
    ]


def must_rows(scope: Scope, period: Period, rows: list[MustRow]) -> list[dict[str, Any]]:
    """Return the types of mandatory tasks with the bar of their rate and the limit mark."""
    return [
        {
            "row": row,
            "is_low": row.rate.percent is not None and row.rate.percent < TARGET_PERCENT,
            "width": f"{row.rate.percent or 0:.2f}",
            "href": scope.tasks_url(rule=row.pk, **MUST_ROWS, **period.fallen_due),
        }
        for row in rows
    ]


def state_rows(scope: Scope, states: States) -> list[dict[str, Any]]:
    """Return the tasks by state, what is owed first."""
    return [
        {"label": "已逾期", "count": states.late, "look": "c", "href": scope.tasks_url(state="owed", due="late")},
        {"label": "今日及以前到期", "count": states.today, "href": scope.tasks_url(state="owed", due="today")},
        {"label": "7 天内到期", "count": states.week, "href": scope.tasks_url(state="owed", due="week")},
        {"label": "全部未完成", "count": states.owed, "href": scope.tasks_url(state="owed")},
        {"label": "其中排队（超出当日容量）", "count": states.waiting, "href": scope.tasks_url(state="waiting")},
        {"label": "近 30 天完成", "count": states.done, "href": scope.tasks_url(state="done", done="month")},
        {"label": "已过期（选做与联系计划）", "count": states.expired, "href": scope.tasks_url(state="expired")},
    ]


def flow_totals(scope: Scope, period: Period, flow: Flow) -> list[dict[str, Any]]:
    """Return how many rose, fell, came and left, each with the page of its clients."""
    return [
        {
            "label": words,
            "count": flow.total(key),
            "href": moves_url(scope, period, "" if key == GONE else key, GONE if key == GONE else ""),
        }
        for key, words in DIRECTIONS.items()
    ]


def tonight_rows(scope: Scope, tonight: Tonight | None) -> list[dict[str, Any]]:
    """Return the changes of the latest night, each with the page of its clients."""
    if tonight is None:
        return []
    page = reverse("night_changes", args=[tonight.night_id]) if tonight.night_id else ""
    counts = {
        "up": tonight.up,
        "down": tonight.down,
        "type": tonight.types,
        "core_in": tonight.core_in,
        "core_out": tonight.core_out,
    }
    asked = {"who": scope.who} | ({} if scope.key is None else {"key": scope.key})
    return [
        {"label": KINDS[kind], "count": count, "href": page and f"{page}?{urlencode({'kind': kind, **asked})}"}
        for kind, count in counts.items()
    ]


def signal_rows(scope: Scope, day: date, found: list[tuple[int, str, int]]) -> list[dict[str, Any]]:
    """Return the events most frequent in the night of `day` with the page of their tasks."""
    wanted = {"source": "mot", "state": "kept", "made": day.isoformat()}
    return [{"label": name, "count": count, "href": scope.tasks_url(rule=pk, **wanted)} for pk, name, count in found]
