"""What the sender says is in the delivery, and the sums that show whether it arrived."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from clients.feed.checking import Table
from clients.feed.files import SUFFIXES
from clients.feed.lines import Ints
from clients.feed.lookup import Lookup
from clients.feed.refusal import FileRefused

NAME = "manifest.json"
Totals = dict[str, dict[str, Decimal | int]]  # branch code → name → rows or yuan


@dataclass(frozen=True)
class Manifest:
    """manifest.json: the business date, checksums by file name, control totals by branch code."""

    as_of: date | None
    sha256: dict[str, str]
    totals: Totals
    files: tuple[str, ...] = ()  # what the delivery should hold

    def absent(self, names: Iterable[str]) -> list[str]:
        """Return the promised counter files that are not among `names`.

        Packed or not and capitals or not are no difference. Files named in sub-folders repeat those
        above them: they are missed only if the delivery itself lies in sub-folders.
        """
        came = {_stem(name) for name in names}
        is_flat = not any("/" in name for name in came)
        wanted = [name for name in self.files if name.lower().endswith(SUFFIXES) and not (is_flat and "/" in name)]
        return [name for name in wanted if _stem(name) not in came]


def _stem(name: str) -> str:
    return name.lower().removesuffix(".gz")


def manifest_file(folder: Path) -> Path | None:
    """Return where the manifest of `folder` lies, however its name is capitalised; None if there is none."""
    found = [path for path in folder.iterdir() if path.name.lower() == NAME and path.is_file()]
    return min(found, default=None)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of `folder`, an empty one if there is none. Raises FileRefused if it cannot be read."""
    path = manifest_file(folder)
    if path is None:
        return Manifest(None, {}, {})
    try:
        said = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
        as_of = date.fromisoformat(said["asof"]) if said.get("asof") else None
        items = said.get("files", [])
        sums = {str(item["file"]): str(item["sha256"]) for item in items if "sha256" in item}
        totals = {str(code): _numbers(names) for code, names in said.get("control_totals", {}).items()}
        files = tuple(str(item["file"]) for item in items)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise FileRefused("manifest", "manifest.json 无法读取：请重新导出清单") from error
    return Manifest(as_of, sums, totals, files)


def _numbers(names: dict[str, object]) -> dict[str, Decimal | int]:
    """Return control totals as exact numbers. Raises ValueError or ArithmeticError for what is none."""
    numbers: dict[str, Decimal | int] = {name: Decimal(str(value)) for name, value in names.items()}
    if not all(Decimal(value).is_finite() for value in numbers.values()):
        raise ValueError("a control total is finite")
    return numbers


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
