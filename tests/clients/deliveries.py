"""Deliveries for tests: small counter files with fixed values, right unless a test says otherwise."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from clients.models import ImportBatch, QuarantineRow
from clients.operations.feed import import_feed

AS_OF = date(2026, 8, 21)
ROWS: dict[str, dict[str, str]] = {
    "clients": {
        "client_id": "880100000009", "branch_no": "8801", "client_name": "郑云舟", "client_type": "0",
        "open_date": "2024-01-02", "status": "normal",
    },
    "accounts": {
        "account_no": "8801100000009", "client_id": "880100000001", "branch_no": "8801", "account_type": "securities",
        "open_date": "2024-01-02", "status": "normal",
    },
    "daily_metrics": {
        "date": "2026-08-21", "account_no": "A880100000001", "commission": "5.80", "turnover": "29016.00",
        "total_assets": "100000.00", "available_cash": "1000.00", "market_value": "99000.00", "basis": "real",
    },
    "trades": {
        "trade_id": "T1", "date": "2026-08-21", "account_no": "A880100000001", "sec_code": "600000",
        "sec_name": "浦发银行", "side": "B", "quantity": "100", "price": "10.5", "amount": "1050.00",
        "commission": "5.00",
    },
    "product_purchases": {
        "purchase_id": "P1", "date": "2026-08-21", "account_no": "A880100000001", "client_id": "880100000001",
        "product_code": "F001", "product_type": "fund", "amount": "50000.00", "status": "purchased",
    },
    "positions": {
        "date": "2026-08-21", "account_no": "A880100000001", "sec_code": "600000", "sec_name": "浦发银行",
        "quantity": "100", "price": "10.5", "market_value": "1050.00",
    },
    "account_events": {
        "event_id": "E1", "date": "2026-08-21", "account_no": "A880100000001", "client_id": "880100000001",
        "event_type": "bank_in", "amount": "1000.00",
    },
    "standing_orders": {
        "order_id": "O1", "account_no": "A880100000001", "purpose": "household", "amount": "300.00",
    },
    "entitlements": {
        "account_no": "A880100000001", "market": "沪市", "average_mv_20d": "186500.00", "quota_units": "37",
        "as_of": "2026-08-21",
    },
}  # fmt: skip


Files = dict[str, str | bytes | list[dict[str, str]]]


def row(kind: str, **changes: str) -> dict[str, str]:
    """Return a good row of `kind` with some values changed; new names add columns."""
    return ROWS[kind] | changes


def text(rows: list[dict[str, str]]) -> str:
    """Return rows as CSV, quoting values that hold a comma; the first row names the columns."""
    lines = [list(rows[0]), *([one.get(name, "") for name in rows[0]] for one in rows)]
    return "".join(",".join(f'"{value}"' if "," in value else value for value in line) + "\n" for line in lines)


def deliver(folder: Path, files: Files, /, **manifest: Any) -> Path:
    """Write a delivery: file name → rows, text or bytes; a name ending in .gz is packed."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = text(content) if isinstance(content, list) else content
        raw = data.encode() if isinstance(data, str) else data
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") and isinstance(data, str) else raw)
    if manifest:
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def take_in(folder: Path, files: Files, /, **manifest: Any) -> ImportBatch:
    """Deliver and import, with Friday 2026-08-21 as today."""
    return import_feed(deliver(folder, files, **manifest), today=AS_OF)


def refused(batch: ImportBatch) -> list[tuple[int, str, str, str]]:
    """Return line, column, value and code of each refused row."""
    rows = QuarantineRow.objects.filter(file__batch=batch).order_by("file_id", "line", "pk")
    return [(one.line, one.column, one.value, one.code) for one in rows]
