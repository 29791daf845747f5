"""The figure of the feed: a million account days from a CSV file into their partitions."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from django.db import connection

from bench.database import AS_OF
from bench.harness import Figure, median_of
from clients.models import AccountDay, ImportBatch, QuarantineRow
from clients.operations.feed import import_feed

ROWS = 1_000_000
MONEY = {
    "commission": "commission_fen",
    "turnover": "turnover_fen",
    "total_assets": "total_assets_fen",
    "available_cash": "cash_fen",
    "market_value": "market_value_fen",
    "exchange_fees": "(commission_fen - net_commission_fen)",
    "restricted_mv": "restricted_fen",
    "margin_debt": "margin_debt_fen",
    "inflow": "inflow_fen",
    "outflow": "outflow_fen",
}
YUAN = ", ".join(f"({fen} / 100.0)::numeric(18, 2) AS {name}" for name, fen in MONEY.items())
AS_DELIVERED = f"""
SELECT d.day AS date, a.account_no, {YUAN}, d.trade_count
FROM clients_accountday d JOIN clients_account a ON a.id = d.account_id ORDER BY d.account_id, d.day LIMIT {ROWS}
"""


def feed() -> list[Figure]:
    """Import the file whole, checked and merged; the floor is COPY of the same file into a bare table."""
    with tempfile.TemporaryDirectory(prefix="bench-feed-") as private:
        folder = Path(private) / "delivery"
        path, rows = write_file(folder)
        forget_days()
        seconds = median_of(3, lambda: import_once(folder), warm=False)
        batch = ImportBatch.objects.latest("pk")
        refused = QuarantineRow.objects.filter(file__batch=batch).values_list("value", "reason")[:3]
        assert batch.state == ImportBatch.State.DONE, list(refused)
        floor = median_of(3, lambda: _bare_copy(path))
    return [Figure("feed", seconds, seconds / floor, 6, {"floor": floor, "rows": rows})]


def write_file(folder: Path) -> tuple[Path, int]:
    """Write a million account days of the branch that is there, all days of one account together, with a manifest."""
    folder.mkdir()
    path = folder / "daily_metrics.csv"
    with connection.cursor() as cursor, path.open("wb") as out:
        cursor.copy_expert(f"COPY ({AS_DELIVERED}) TO STDOUT (FORMAT csv, HEADER)", out)
        rows = int(cursor.rowcount)
    (folder / "manifest.json").write_text(json.dumps({"asof": AS_OF.isoformat()}))
    return path, rows


def import_once(folder: Path) -> None:
    """Import the delivery into tables that hold none of its days."""
    forget_days()
    import_feed(folder, again=True)


def forget_days() -> None:
    """Drop every month of account days."""
    table = AccountDay._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass",
            [table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE "{name}"')


def _bare_copy(path: Path) -> None:
    columns = ", ".join(f"c{place} numeric(18,2)" for place in range(len(MONEY) + 1))
    with connection.cursor() as cursor, path.open("rb") as source:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(f"CREATE UNLOGGED TABLE bench_bare (day date, account text, {columns})")
        cursor.copy_expert("COPY bench_bare FROM STDIN (FORMAT csv, HEADER)", source)
