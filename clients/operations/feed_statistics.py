"""What the planner must know of what just landed: the night right after an import cannot wait for autovacuum."""

from django.db import connection

from clients.feed.checking import Table
from clients.models import Account, Client, ClientStanding, SearchToken
from clients.operations.feed_facts import TARGETS, days_of
from office.partitions import month_of, partition_name

MANY = 2_000  # rows added by one file; fewer change no plan


def refresh_statistics(table: Table, inserted: int) -> None:
    """Analyse the tables and months that a file with many new rows went into."""
    if inserted < MANY:
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(f'"{name}"' for name in _tables(table)))


def _tables(table: Table) -> list[str]:
    kind = table.layout.kind
    if kind == "clients":
        return [model._meta.db_table for model in (Client, ClientStanding, SearchToken)]
    if kind == "accounts":
        return [Account._meta.db_table]
    target = TARGETS[kind]
    if not target.has_day:
        return [target.table]
    months = sorted({month_of(day) for day in days_of(table.columns["date"])})
    return [partition_name(target.model, month) for month in months]
