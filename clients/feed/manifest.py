"""What the sender says is in the delivery, and the sums that show whether it arrived."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from clients.feed.checking import Table
from clients.feed.lines import Ints
from clients.feed.lookup import Lookup
from clients.feed.refusal import FileRefused

Totals = dict[str, dict[str, Decimal | int]]  # branch code → name → rows or yuan


@dataclass(frozen=True)
class Manifest:
    """manifest.json: the business date, checksums by file name, control totals by branch code."""

    as_of: date | None
    sha256: dict[str, str]
    totals: Totals


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of `folder`, an empty one if there is none. Raises FileRefused if it cannot be read."""
    path = folder / "manifest.json"
    if not path.is_file():
        return Manifest(None, {}, {})
    try:
        said = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
        as_of = date.fromisoformat(said["asof"]) if said.get("asof") else None
        sums = {str(item["file"]): str(item["sha256"]) for item in said.get("files", []) if "sha256" in item}
        totals = {str(code): dict(names) for code, names in said.get("control_totals", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileRefused("manifest", "manifest.json 无法读取：请重新导出清单") from error
    return Manifest(as_of, sums, totals)


def totals_of(table: Table, codes: dict[int, str], lookups: dict[str, Lookup]) -> Totals:
    """Return the control totals of one checked file by branch; `codes` names branches by id. Money is in yuan."""
    kind = table.layout.kind
    if kind not in SUMS:
        return {}
    count_name, money = SUMS[kind]
    branches = _branch_ids(table, lookups)
    found: Totals = {}
    for branch_id in np.unique(branches).tolist():
        here = branches == branch_id
        sums: dict[str, Decimal | int] = {count_name: int(here.sum())}
        sums |= {name: _yuan(table.columns[column][here]) for name, column in money.items()}
        if kind == "daily_metrics":
            sums["latest_total_assets"] = _latest_assets(table, here)
        found[codes[branch_id]] = sums
    return found


# kind of file → the name of its row count, and name of each sum → column
SUMS: dict[str, tuple[str, dict[str, str]]] = {
    "clients": ("clients", {}),
    "accounts": ("accounts", {}),
    "daily_metrics": ("metric_rows", {"commission": "commission", "turnover": "turnover"}),
    "trades": ("trades", {"trade_amount": "amount"}),
    "product_purchases": ("purchases", {"purchase_amount": "amount"}),
}


def _branch_ids(table: Table, lookups: dict[str, Lookup]) -> Ints:
    if "branch_no" in table.columns:
        return lookups["branch"].ids[table.columns["branch_no"]]
    return lookups["account"].columns["branch"][table.columns["account_no"]]


def _yuan(fen: Ints) -> Decimal:
    """Return the exact sum in yuan; halves are summed apart, because a sum of fen may outgrow 64 bits."""
    high, low = int((fen >> 32).sum()), int((fen & 0xFFFFFFFF).sum())
    return Decimal((high << 32) + low).scaleb(-2)


def _latest_assets(table: Table, here: np.ndarray) -> Decimal:
    account, day = table.columns["account_no"][here], table.columns["date"][here]
    order = np.lexsort((day, account))
    last = np.append(account[order][1:] != account[order][:-1], True)
    return _yuan(table.columns["total_assets"][here][order][last])


def agree(found: Decimal | int, told: Decimal | int | str) -> bool:
    """Whether a total is what the manifest says, to the fen."""
    return abs(Decimal(found) - Decimal(str(told))) < Decimal("0.005")
