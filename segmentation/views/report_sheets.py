"""The classification tables as sheets: what the page shows, with its totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clients.models import ValueType
from segmentation.exporting import FEN_PER_WAN, FEN_PER_YUAN, Table
from segmentation.queries.completeness import FIELDS
from segmentation.queries.reports import Crossing, Line

LINE_HEADS = ["客户数", "资产（万元）", "12 月净佣金（元）", "12 月贡献（元）", "核心客户", "平均价值"]


def sheets(table: str, content: dict[str, Any]) -> list[Table]:
    """Return the sheets of one of the tables from what its page shows."""
    return MAKERS[table](content)


def _figures(line: Line) -> list[Any]:
    return [
        line.clients,
        line.assets_fen / FEN_PER_WAN,
        line.commission_fen / FEN_PER_YUAN,
        line.contribution_fen / FEN_PER_YUAN,
        line.core,
        round(line.value, 2),
    ]


def _total(content: dict[str, Any]) -> list[Table]:
    rows = [[label, line.label, *_figures(line)] for label, _, lines in content["sections"] for line in lines]
    return [("客户总体分类表", ["分类", "项目", *LINE_HEADS], [*rows, ["合计", "", *_figures(content["sum"])]])]


def _crossed(title: str, first: str, crossing: Crossing) -> Table:
    rows = [[label, *counts, sum(counts)] for _, label, counts in crossing.rows]
    return (
        title,
        [first, *(label for _, label in crossing.heads), "合计"],
        [*rows, ["合计", *crossing.sums, crossing.total]],
    )


def _tier(content: dict[str, Any]) -> list[Table]:
    return [
        _crossed("等级×级别", "等级", content["by_grade"]),
        _crossed("等级×类型", "等级", content["by_type"]),
        _crossed("客户经理×等级", "客户经理", content["by_manager"]),
    ]


def _target(content: dict[str, Any]) -> list[Table]:
    rows = [[line.label, content["services"][line.key], *_figures(line)] for line in content["lines"]]
    total = ["合计", "", *_figures(content["sum"])]
    return [
        ("目标客户细分表", ["细分", "服务方式", *LINE_HEADS], [*rows, total]),
        _crossed("细分×客户经理", "细分", content["by_manager"]),
    ]


def _trading(content: dict[str, Any]) -> list[Table]:
    heads = ["换手", "标准", *(label for _, label in ValueType.choices), "客户数", "资产（万元）", "12 月贡献（元）"]
    rows = [
        [label, hint, *(count for _, count in line.by_type), line.clients, line.assets_fen / FEN_PER_WAN,
         line.contribution_fen / FEN_PER_YUAN]
        for line, label, hint in content["lines"]
    ]  # fmt: skip
    products = [
        [row.product_type, row.clients, row.purchases, row.amount_fen / FEN_PER_YUAN] for row in content["products"]
    ]
    return [("交易特征", heads, rows), ("产品申购", ["产品类型", "客户数", "笔数", "金额（元）"], products)]


def _completeness(content: dict[str, Any]) -> list[Table]:
    rows = [
        [line.manager, line.clients, *(round(share, 4) for share in line.shares), round(line.overall, 4)]
        for line in [*content["lines"], content["sum"]]
    ]
    return [("资料完整度", ["客户经理", "个人客户数", *FIELDS.values(), "平均"], rows)]


MAKERS: dict[str, Callable[[dict[str, Any]], list[Table]]] = {
    "total": _total,
    "tier": _tier,
    "target": _target,
    "trading": _trading,
    "completeness": _completeness,
}
