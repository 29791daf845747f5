"""The classification tables (SEG-16) and how complete the archive is (SEG-17); all add up to the client list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Avg, Case, CharField, Count, Q, QuerySet, Sum, Value, When

from clients.models import Client, ClientStanding, Grade, Tier, ValueType
from office.models import Branch
from segmentation.queries.grid import in_class, last_ranks

# Target segments, first match decides; so each client stands in exactly one
SEGMENTS = {
    "core": "核心重点客户",
    "new": "新客户（暂定）",
    "high_commission": "高价值·佣金贡献型",
    "high_product": "高价值·产品购买型",
    "high_asset": "高价值·资产维持型",
    "growth": "中价值·培育客户",
    "idle": "待激活客户",
    "basic": "低价值·基础服务",
    "unscored": "未计分",
}
SEGMENT_SERVICE = {
    "core": "专属经理，每周联系，调整前须本人同意",
    "new": "首月回访，补全资料与测评",
    "high_commission": "盘面信息与风险提示，每周联系",
    "high_product": "产品到期与适当性匹配，每周联系",
    "high_asset": "大类资产配置与投顾服务，每周联系",
    "growth": "按级别联系，关注升级条件",
    "idle": "了解原因，投教为主",
    "basic": "每月资讯",
    "unscored": "下一次夜间作业后计分",
}
RISKS = ["C1-最低", "C1", "C2", "C3", "C4", "C5"]
DIMENSIONS: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "tier": ("等级", "tier", list(Tier.choices)),
    "grade": ("级别", "grade", list(Grade.choices)),
    "type": ("价值类型", "value_type", list(ValueType.choices)),
    "importance": ("分类", "client__importance", list(Client.Importance.choices)),
    "mode": ("服务方式", "client__service_mode", list(Client.ServiceMode.choices)),
    "risk": ("风险等级", "client__risk_level", [*((level, level) for level in RISKS), ("", "未测评")]),
}
NOBODY = "营业部统一服务"

Rows = QuerySet[ClientStanding]


@dataclass(frozen=True)
class Line:
    """One group of clients; `key` is what the client list filters by, money is fen."""

    key: Any
    label: str
    clients: int = 0
    assets_fen: int = 0
    commission_fen: int = 0
    contribution_fen: int = 0
    core: int = 0
    value: float = 0.0  # mean
    share: float = 0.0  # of all clients of the table, 0 to 1


@dataclass(frozen=True)
class Crossing:
    """Counts of clients by two dimensions: heads of the columns, and rows of (key, label, counts)."""

    heads: list[tuple[Any, str]]
    rows: list[tuple[Any, str, list[int]]]

    @property
    def sums(self) -> list[int]:
        """The totals of the columns."""
        return [sum(counts) for counts in zip(*(row[2] for row in self.rows), strict=True)]

    @property
    def total(self) -> int:
        """All clients of the table."""
        return sum(self.sums)


def listed(rows: Rows) -> Rows:
    """Keep what the client list shows: everybody whose accounts are not closed."""
    return rows.filter(is_closed=False)


def segment_of(bounds: tuple[int, int]) -> Case:
    """Return the expression that names a standing's target segment, given the last ranks of high and middle."""
    high = in_class("high", bounds)
    whens = [
        When(rank=None, then=Value("unscored")),
        When(is_core=True, then=Value("core")),
        When(is_provisional=True, then=Value("new")),
        When(value_type="unclassified", then=Value("idle")),
        *[When(high & Q(value_type=kind), then=Value(f"high_{kind}")) for kind in ("commission", "product", "asset")],
        When(in_class("middle", bounds), then=Value("growth")),
    ]
    return Case(*whens, default=Value("basic"), output_field=CharField())


def with_segment(rows: Rows, branch: Branch) -> Rows:
    """Add `segment`, the target segment of each client."""
    return rows.annotate(segment=segment_of(last_ranks(branch)))


def in_segment(rows: Rows, bounds: tuple[int, int], segment: str) -> Rows:
    """Keep the clients of one target segment, given the last ranks of high and middle."""
    return rows.alias(segment_sought=segment_of(bounds)).filter(segment_sought=segment)


def by_manager(rows: Rows) -> list[Line]:
    """Return the listed clients by manager, the largest book first; those without one last."""
    grouped = listed(rows).values("manager", "manager__name").annotate(**_figures()).order_by()
    found: list[dict[str, Any]] = [dict(row) for row in grouped]
    lines = [
        Line(row["manager"] or "", row["manager__name"] or NOBODY, **{name: row[name] or 0 for name in _figures()})
        for row in found
    ]
    return sorted(shared(lines), key=lambda line: (line.key == "", -line.clients, line.label))


def by_segment(rows: Rows, branch: Branch) -> list[Line]:
    """Return the listed clients by target segment."""
    field = "segment"  # which with_segment adds
    found = {row.pop(field): row for row in with_segment(listed(rows), branch).values(field).annotate(**_figures())}
    lines = [
        Line(key, label, **{name: value or 0 for name, value in found.get(key, {}).items()})
        for key, label in SEGMENTS.items()
    ]
    return shared(lines)


def total_of(lines: Sequence[Line]) -> Line:
    """Return the sum of lines that hold every client once."""
    clients = sum(line.clients for line in lines)
    return Line(
        "",
        "合计",
        clients,
        sum(line.assets_fen for line in lines),
        sum(line.commission_fen for line in lines),
        sum(line.contribution_fen for line in lines),
        sum(line.core for line in lines),
        sum(line.value * line.clients for line in lines) / clients if clients else 0.0,
        1.0 if clients else 0.0,
    )


def crossing(rows: Rows, down: str, across: str) -> Crossing:
    """Count the listed clients by two of `DIMENSIONS`."""
    _, down_field, downs = DIMENSIONS[down]
    _, across_field, acrosses = DIMENSIONS[across]
    return _crossed(listed(rows), (down_field, downs), (across_field, acrosses))


def by_manager_and(rows: Rows, dimension: str, managers: Sequence[Line]) -> Crossing:
    """Count the listed clients by manager and one of `DIMENSIONS`; `managers` gives the rows."""
    _, field, choices = DIMENSIONS[dimension]
    return _crossed(listed(rows), ("manager", _as_choices(managers)), (field, choices))


def segments_of_managers(rows: Rows, branch: Branch, managers: Sequence[Line]) -> Crossing:
    """Count the listed clients by target segment, a column a manager."""
    found = with_segment(listed(rows), branch)
    return _crossed(found, ("segment", list(SEGMENTS.items())), ("manager", _as_choices(managers)))


def _as_choices(managers: Sequence[Line]) -> list[tuple[Any, str]]:
    return [(line.key, line.label) for line in managers]


def _crossed(
    rows: Rows, down: tuple[str, list[tuple[Any, str]]], across: tuple[str, list[tuple[Any, str]]]
) -> Crossing:
    counted = rows.values(down[0], across[0]).annotate(clients=Count("pk")).order_by()
    counts = {(row[down[0]] or "", row[across[0]] or ""): row["clients"] for row in counted}
    lines = [(key, label, [counts.get((key, other), 0) for other, _ in across[1]]) for key, label in down[1]]
    return Crossing(across[1], lines)


def _figures() -> dict[str, Any]:
    return {
        "clients": Count("pk"),
        "assets_fen": Sum("assets_fen"),
        "commission_fen": Sum("commission_fen"),
        "contribution_fen": Sum("contribution_fen"),
        "core": Count("pk", filter=Q(is_core=True)),
        "value": Avg("value"),
    }


def shared(lines: list[Line]) -> list[Line]:
    """Return lines that hold every client once, each with its share of all."""
    total = sum(line.clients for line in lines)
    return [replace(line, share=line.clients / total if total else 0.0) for line in lines]
