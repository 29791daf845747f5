"""The figure of the feed: a million account days from a CSV file into their partitions."""

from __future__ import annotations

import gzip
import itertools
import json
import tempfile
from pathlib import Path

from django.db import connection

from bench.database import AS_OF
from bench.harness import Figure, median_of
from branchcrm.demo.delivery import Maker
from branchcrm.demo.scale import Scale, Timeline
from clients.models import AccountDay, Client, ImportBatch, QuarantineRow
from clients.operations.feed import import_feed
from office import queries

ROWS = 1_000_000
MONEY_COLUMNS = 11  # after the date and the account, before none


def feed() -> list[Figure]:
    """Import the file whole, checked and merged; the floor is COPY of the same file into a bare table."""
    with tempfile.TemporaryDirectory(prefix="bench-feed-") as private:
        folder = Path(private) / "delivery"
        path, rows = _write_file(Path(private) / "made", folder)
        _forget_days()
        seconds = median_of(3, lambda: _import(folder), warm=False)
        batch = ImportBatch.objects.latest("pk")
        refused = QuarantineRow.objects.filter(file__batch=batch).values_list("value", "reason")[:3]
        assert batch.state == ImportBatch.State.DONE, list(refused)
        floor = median_of(3, lambda: _bare_copy(path))
    return [Figure("feed", seconds, seconds / floor, 6, {"floor": floor, "rows": rows})]


def _write_file(made: Path, folder: Path) -> tuple[Path, int]:
    """Write the first million account days of the branch that is there already as plain CSV with a manifest."""
    calendar = queries.calendar()
    scale = Scale(AS_OF, clients=Client.objects.count())
    timeline = Timeline.until(AS_OF, calendar)
    history = Maker(scale, timeline, calendar.sessions, scale.branch_codes()[0], made).make()[0]
    folder.mkdir()
    path = folder / "daily_metrics.csv"
    with gzip.open(history / "daily_metrics.csv.gz", "rb") as source, path.open("wb") as out:
        out.writelines(itertools.islice(source, ROWS + 1))
    (folder / "manifest.json").write_text(json.dumps({"asof": AS_OF.isoformat()}))
    with path.open("rb") as lines:
        return path, sum(1 for _ in lines) - 1


def _import(folder: Path) -> None:
    _forget_days()
    import_feed(folder, again=True)


def _forget_days() -> None:
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
    columns = ", ".join(f"c{place} numeric(18,2)" for place in range(MONEY_COLUMNS))
    with connection.cursor() as cursor, path.open("rb") as source:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(f"CREATE UNLOGGED TABLE bench_bare (day date, account text, {columns})")
        cursor.copy_expert("COPY bench_bare FROM STDIN (FORMAT csv, HEADER)", source)
