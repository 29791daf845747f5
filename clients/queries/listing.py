"""The rows of the client list: which orders and columns there are, and one query for a page."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from clients.models import ClientStanding
from clients.models.client import or_never
from office.paging import turned

LAST_RANK = 2_147_483_647

# code → (head, figure right-aligned, shown unless chosen otherwise)
COLUMNS: dict[str, tuple[str, bool, bool]] = {
    "tier": ("等级", False, True),
    "type": ("类型", False, True),
    "value": ("价值", True, True),
    "bar": ("构成", False, True),
    "rank": ("排名", True, False),
    "grade": ("级别", False, False),
    "assets": ("资产（万元）", True, True),
    "commission": ("12 月净佣金（元）", True, True),
    "contribution": ("12 月贡献（元）", True, False),
    "turnover": ("12 月成交（万元）", True, False),
    "risk": ("风险", False, True),
    "manager": ("客户经理", False, False),
    "last_trade": ("最近交易", False, False),
    "last_contact": ("上次联系", False, True),
    "next_contact": ("下次应联系", False, True),
    "importance": ("分类", False, False),
    "flags": ("提示", False, True),
}


class Line(NamedTuple):
    """One client as the page and its export show him, cursors included: three model objects would cost twice that."""

    client_id: int
    client__client_no: str
    client__name: str
    client__pinyin: str
    client__phone_masked: str
    client__risk_level: str
    client__importance: str
    manager__name: str | None
    value: float
    commission_points: float
    purchasing_points: float
    assets_points: float
    rank: int | None
    tier: str
    grade: str
    value_type: str
    is_core: bool
    is_provisional: bool
    is_closed: bool
    flags: list[str]
    last_trade_on: date | None
    last_contact_on: date | None
    next_contact_on: date | None
    assets_fen: int
    commission_fen: int
    contribution_fen: int
    turnover_fen: int


# sort key → the fields it orders by, upwards; each order ends in the client, so that it is total, and is an index
ORDERS = {
    "value": ("value", "-client_id"),
    "rank": ("-value", "rank_or_last", "client_id"),  # a rank is the place by value, ties broken
    "name": ("client__pinyin", "client_id"),
    "assets": ("assets_fen", "client_id"),
    "commission": ("commission_fen", "client_id"),
    "contribution": ("contribution_fen", "client_id"),
    "turnover": ("turnover_fen", "client_id"),
    "last_trade": ("traded_or_never", "client_id"),
    "last_contact": ("contacted_or_never", "client_id"),
    "next_contact": ("due_or_never", "client_id"),
}
FILLED = {
    "rank": {"rank_or_last": Coalesce(F("rank"), Value(LAST_RANK), output_field=IntegerField())},
    "last_trade": {"traded_or_never": or_never("last_trade_on")},
    "last_contact": {"contacted_or_never": or_never("last_contact_on")},
    "next_contact": {"due_or_never": or_never("next_contact_on")},
}
DEFAULT_SORT = "-value"


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` ("-value") orders by, the default order for anything unknown."""
    key = sort.removeprefix("-")
    if key not in ORDERS:
        return order_of(DEFAULT_SORT)
    upwards = ORDERS[key]
    return [turned(field) for field in upwards] if sort.startswith("-") else list(upwards)


def listed(rows: QuerySet[ClientStanding], sort: str) -> QuerySet[Any]:
    """Return the lines of `rows` in one query, with what the order of `sort` needs besides."""
    key = sort.removeprefix("-")
    if key == "name":
        rows = rows.filter(client__branch=F("branch"))  # always so; it lets the database begin with the names
    filled = FILLED.get(key, {})
    return rows.annotate(**filled).values_list(*Line._fields, *filled, named=True)


def chosen_columns(wanted: list[str]) -> list[str]:
    """Return the columns to show: those asked for that exist, in our order, else the usual ones."""
    known = [code for code in COLUMNS if code in wanted]
    return known or [code for code, (_, _, usual) in COLUMNS.items() if usual]
