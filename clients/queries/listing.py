"""The rows of the client list: which orders and columns there are, and one query for a page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import DateField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from clients.models import ClientStanding

NEVER = date(1900, 1, 1)  # where "no contact yet" stands in an order
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

# what a line of the page or of an export reads, cursors included
READ = (
    *("value", "commission_points", "purchasing_points", "assets_points", "rank", "tier", "grade", "value_type"),
    *("is_core", "is_provisional", "is_closed", "flags", "last_trade_on", "last_contact_on", "next_contact_on"),
    *("assets_fen", "commission_fen", "contribution_fen", "turnover_fen"),
    *("client__name", "client__pinyin", "client__client_no", "client__phone_masked"),
    *("client__risk_level", "client__importance", "manager__name"),
)

# sort key → the field it orders by; every order ends in the client, so that it is total
ORDERS = {
    "value": "value",
    "name": "client__pinyin",
    "rank": "rank_or_last",
    "assets": "assets_fen",
    "commission": "commission_fen",
    "contribution": "contribution_fen",
    "turnover": "turnover_fen",
    "last_trade": "traded_or_never",
    "last_contact": "contacted_or_never",
    "next_contact": "due_or_never",
}
DEFAULT_SORT = "-value"


def order_of(sort: str) -> list[str]:
    """Return the fields that `sort` ("-value") orders by, the default order for anything unknown."""
    key, sign = sort.removeprefix("-"), "-" if sort.startswith("-") else ""
    if key not in ORDERS:
        return order_of(DEFAULT_SORT)
    return [f"{sign}{ORDERS[key]}", "client_id"]


def listed(rows: QuerySet[ClientStanding], sort: str) -> QuerySet[ClientStanding]:
    """Return `rows` with all a line of the list shows, in one query; nulls sort as "never" and "last"."""
    filled: dict[str, Any] = {
        "rank": {"rank_or_last": Coalesce(F("rank"), Value(LAST_RANK), output_field=IntegerField())},
        "last_trade": {"traded_or_never": _or_never("last_trade_on")},
        "last_contact": {"contacted_or_never": _or_never("last_contact_on")},
        "next_contact": {"due_or_never": _or_never("next_contact_on")},
    }
    wanted = filled.get(sort.removeprefix("-"), {})
    return rows.select_related("client", "manager").only(*READ).annotate(**wanted)


def _or_never(field: str) -> Coalesce:
    return Coalesce(F(field), Value(NEVER), output_field=DateField())


def chosen_columns(wanted: list[str]) -> list[str]:
    """Return the columns to show: those asked for that exist, in our order, else the usual ones."""
    known = [code for code in COLUMNS if code in wanted]
    return known or [code for code, (_, _, usual) in COLUMNS.items() if usual]
