"""What the counter says day by day: from checked columns to the columns of the fact tables."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from clients.feed.checking import Table
from clients.feed.lines import Ints
from clients.feed.lookup import Lookup
from clients.feed.numbers import NONE
from clients.models import (
    AccountDay,
    AccountEvent,
    Entitlement,
    ImportFile,
    PositionDay,
    ProductPurchase,
    StandingOrder,
    Trade,
)
from clients.operations.copying import Values
from clients.operations.feed_landing import land_fresh
from clients.operations.feed_merge import Counts, Target, merge
from office.partitions import ensure_months

ACCOUNT_NO = "(SELECT account_no FROM clients_account WHERE id = s.account_id)"
BRANCH = "(SELECT branch_id FROM clients_account WHERE id = t.account_id)"
TARGETS = {
    "daily_metrics": Target(AccountDay, ("account_id", "day"), ACCOUNT_NO),
    "positions": Target(PositionDay, ("account_id", "security_code", "day"), f"{ACCOUNT_NO} || ' ' || s.security_code"),
    "trades": Target(Trade, ("trade_no", "day"), "s.trade_no", number="trade_no"),
    "product_purchases": Target(ProductPurchase, ("purchase_no", "day"), "s.purchase_no", number="purchase_no"),
    "account_events": Target(AccountEvent, ("event_no", "day"), "s.event_no", number="event_no"),
    "standing_orders": Target(
        StandingOrder,
        ("order_no",),
        "s.order_no",
        has_day=False,
        branch=BRANCH,
    ),
    "entitlements": Target(  # what an older delivery says of a market never takes the place of what a later one said
        Entitlement,
        ("account_id", "market"),
        f"{ACCOUNT_NO} || ' ' || s.market",
        {
            name: f'CASE WHEN s.as_of >= t.as_of THEN s."{name}" ELSE t."{name}" END'
            for name in ("as_of", "average_mv_fen", "quota_units")
        },
        has_day=False,
        branch=BRANCH,
    ),
}
DAYED = {"daily_metrics", "positions"}  # rows are identified by account and day: a day that is new cannot collide


def land_facts(
    table: Table, lookups: dict[str, Lookup], file: ImportFile, homes: frozenset[int] = frozenset()
) -> Counts:
    """Put the rows of a checked fact file into its table; return what was added, corrected, left alone.

    Given `homes`, no row of another branch is touched.
    """
    kind = table.layout.kind
    if not len(table):
        return Counts()
    target = TARGETS[kind]
    columns = _owners(table, lookups["account"], file) if target.has_day else []
    columns += COLUMNS[kind](table, lookups["account"])
    if kind in DAYED and land_fresh(target.model, columns):
        return Counts(inserted=len(table))
    if target.has_day:
        ensure_months(target.model, days_of(table.columns["date"]))
    return merge(target, columns, file, homes)


def days_of(numbers: Ints) -> list[date]:
    """Return the distinct dates among numbers of days since 1970-01-01."""
    days: list[date] = np.unique(numbers).astype("datetime64[D]").tolist()
    return days


def branch_ids(table: Table, lookups: dict[str, Lookup]) -> list[int]:
    """Return the branches whose rows the table holds, in order."""
    if "branch_no" in table.columns:
        found = lookups["branch"].ids[table.columns["branch_no"]]
    else:
        found = lookups["account"].columns["branch"][table.columns["account_no"]]
    return [int(branch_id) for branch_id in np.unique(found)]


def _owners(table: Table, accounts: Lookup, file: ImportFile) -> list[Values]:
    account = table.columns["account_no"]
    return [
        Values("branch_id", "int8", accounts.columns["branch"][account]),
        Values("client_id", "int8", accounts.columns["client"][account]),
        Values("account_id", "int8", accounts.ids[account]),
        Values("batch_id", "int8", np.full(len(table), file.batch_id, np.int64)),
        Values("day", "date", table.columns["date"]),
    ]


def _or(table: Table, name: str, other: Any = 0) -> npt.NDArray[Any]:
    """Return a column with `other` where it is empty."""
    array = table.columns[name]
    return np.where(array == NONE, other, array)


def _metrics(table: Table, accounts: Lookup) -> list[Values]:
    commission, fees = table.columns["commission"], _or(table, "exchange_fees")
    total, debt = table.columns["total_assets"], _or(table, "margin_debt")
    figures = {
        "commission_fen": commission,
        "net_commission_fen": _or(table, "net_commission", commission - fees),
        "turnover_fen": table.columns["turnover"],
        "total_assets_fen": total,
        "cash_fen": _or(table, "available_cash"),
        "market_value_fen": _or(table, "market_value"),
        "restricted_fen": _or(table, "restricted_mv"),
        "margin_debt_fen": debt,
        "net_assets_fen": total - debt,
        "inflow_fen": _or(table, "inflow"),
        "outflow_fen": _or(table, "outflow"),
    }
    return [
        *(Values(name, "int8", array) for name, array in figures.items()),
        Values("trade_count", "int4", _or(table, "trade_count")),
        Values("is_period", "bool", (table.columns["basis"] == 1).astype(np.int64)),
    ]


def _positions(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("security_code", "text", table.columns["sec_code"]),
        Values("security_name", "text", table.columns["sec_name"]),
        Values("quantity", "numeric", table.columns["quantity"]),
        Values("cost_price", "numeric", table.columns["cost_price"]),
        Values("price", "numeric", table.columns["price"]),
        Values("market_value_fen", "int8", _or(table, "market_value")),
    ]


def _trades(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("trade_no", "text", table.columns["trade_id"]),
        Values("security_code", "text", table.columns["sec_code"]),
        Values("security_name", "text", table.columns["sec_name"]),
        Values("side", "text", table.columns["side"]),
        Values("quantity", "numeric", table.columns["quantity"]),
        Values("price", "numeric", table.columns["price"]),
        Values("amount_fen", "int8", table.columns["amount"]),
        Values("commission_fen", "int8", table.columns["commission"]),
    ]


def _purchases(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("purchase_no", "text", table.columns["purchase_id"]),
        Values("product_code", "text", table.columns["product_code"]),
        Values("product_name", "text", table.columns["product_name"]),
        Values("product_type", "text", table.columns["product_type"]),
        Values("amount_fen", "int8", table.columns["amount"]),
        Values("status", "text", table.columns["status"]),
        Values("matures_on", "date", table.columns["matures_on"]),
    ]


def _events(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("event_no", "text", table.columns["event_id"]),
        Values("kind", "text", table.columns["event_type"]),
        Values("security_code", "text", table.columns["sec_code"]),
        Values("quantity", "numeric", table.columns["quantity"]),
        Values("amount_fen", "int8", table.columns["amount"]),
        Values("note", "text", table.columns["note"]),
    ]


def _orders(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("order_no", "text", table.columns["order_id"]),
        Values("account_id", "int8", accounts.ids[table.columns["account_no"]]),
        Values("purpose", "text", table.columns["purpose"]),
        Values("amount_fen", "int8", table.columns["amount"]),
    ]


def _entitlements(table: Table, accounts: Lookup) -> list[Values]:
    return [
        Values("account_id", "int8", accounts.ids[table.columns["account_no"]]),
        Values("market", "text", table.columns["market"]),
        Values("average_mv_fen", "int8", table.columns["average_mv_20d"]),
        Values("quota_units", "int4", table.columns["quota_units"]),
        Values("as_of", "date", table.columns["as_of"]),
    ]


COLUMNS: dict[str, Callable[[Table, Lookup], list[Values]]] = {
    "daily_metrics": _metrics,
    "positions": _positions,
    "trades": _trades,
    "product_purchases": _purchases,
    "account_events": _events,
    "standing_orders": _orders,
    "entitlements": _entitlements,
}
