"""What cannot be beaten: the database moving the same rows with nobody thinking about them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from bench.harness import median_of, seconds_of

RUNS = 5


def copied_out(query: str) -> bytes:
    """Return the rows of a query as COPY BINARY sends them."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", out)
    return out.getvalue()


def copy_floor(inputs: Sequence[str], results: dict[str, str]) -> float:
    """Return the seconds of COPY BINARY of the inputs out and of the results in.

    `inputs` are queries, `results` queries by table; the rows go into bare copies of the tables.
    """
    rows = {table: copied_out(query) for table, query in results.items()}

    def move() -> None:
        for query in inputs:
            copied_out(query)
        for table, data in rows.items():
            _copy_in(table, data)

    with transaction.atomic():
        seconds = median_of(RUNS, move)
        transaction.set_rollback(True)
    return seconds


def _copy_in(table: str, data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor_rows")
        cursor.execute(f"CREATE TEMPORARY TABLE floor_rows (LIKE {table})")
        cursor.copy_expert("COPY floor_rows FROM STDIN (FORMAT binary)", io.BytesIO(data))


def insert_floor(table: str, query: str) -> float:
    """Return the seconds of INSERT … SELECT of ready rows into a copy of `table` with its indexes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS ready_rows")
        cursor.execute(f"CREATE TEMPORARY TABLE ready_rows AS {query}")
        times = []
        for _ in range(RUNS):
            cursor.execute("DROP TABLE IF EXISTS floor_rows")
            cursor.execute(f"CREATE TABLE floor_rows (LIKE {table} INCLUDING INDEXES)")
            times.append(seconds_of(lambda: cursor.execute("INSERT INTO floor_rows SELECT * FROM ready_rows")))
        cursor.execute("DROP TABLE ready_rows, floor_rows")
    return sorted(times)[RUNS // 2]


def select_floor(query: str, values: Sequence[Any], runs: int = 30) -> float:
    """Return the median seconds of one bare query with its rows fetched."""

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            cursor.fetchall()

    return median_of(runs, ask)
