"""Figures of the night: scoring, signals, the whole of it, and the whole of it again."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from bench.database import AS_OF
from bench.floors import copy_floor, insert_floor
from bench.harness import Figure, median_of, seconds_of
from branchcrm.night import run_night
from office.models import Branch
from segmentation.operations.scoring import score_branch
from segmentation.operations.windows import roll_windows
from service_logs.operations.signals import raise_signals
from service_logs.operations.tasks import make_tasks

MOT_RUNS = 5


def the_branch() -> Branch:
    """Return the first branch."""
    return Branch.objects.order_by("code")[0]


def undone(work: Callable[[], Any]) -> Callable[[], None]:
    """Return `work` with what it wrote taken back afterwards."""

    def run() -> None:
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    return run


def score() -> list[Figure]:
    """Score one branch whose windows are rolled; the floor moves the windows out and the scores in."""
    branch = the_branch()
    with transaction.atomic():
        rolling = seconds_of(lambda: roll_windows(branch, AS_OF))
        seconds = median_of(5, undone(lambda: score_branch(branch, AS_OF)))
        run, _ = score_branch(branch, AS_OF)
        scores = f"SELECT * FROM segmentation_clientscore WHERE run_id = {run.pk}"
        windows = f"SELECT * FROM clients_clientwindow WHERE branch_id = {branch.pk}"
        floor = copy_floor([windows], {"segmentation_clientscore": scores})
        transaction.set_rollback(True)
    return [Figure("score_50k", seconds, seconds / floor, 2.5, {"floor": floor, "windows_seconds": rolling})]


def night() -> list[Figure]:
    """Run the whole night of the last day, then again; the floor is the COPY of all rows it wrote."""
    branch = the_branch()
    latest = _latest()
    first = seconds_of(lambda: run_night(branch, AS_OF))
    floor = copy_floor([], _written(branch, latest))
    again = seconds_of(lambda: run_night(branch, AS_OF))
    clients = {
        "clients": _count("clients_clientstanding"),
        "us_per_client": first / _count("clients_clientstanding") * 1e6,
    }
    return [
        Figure("night_50k", first, first / floor, None, {"floor": floor, **clients, **_steps(branch)}),
        Figure("night_rerun", again, again / first, 0.5),
    ]


def mot() -> list[Figure]:
    """Raise all signals and make their tasks as on a first night; the floor inserts the ready tasks.

    Each run begins with the two tables empty, without the dead rows of the run before. Then the night
    is asked once more, when there is nothing new.
    """
    branch = the_branch()
    runs = [_first_night(branch) for _ in range(MOT_RUNS)]
    half = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    seconds = half["signals_seconds"] + half["tasks_seconds"]
    half["rerun_ratio"] = half.pop("again") / half["floor"]
    return [Figure("mot", seconds, seconds / half["floor"], 10, half)]


def _first_night(branch: Branch) -> dict[str, float]:
    """Return the seconds of one run, those of its floors, and how many tasks it made; nothing of it stays."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE service_logs_task, service_logs_signal, service_logs_signalmark")
    with transaction.atomic():
        told: dict[str, float] = {
            "signals_seconds": seconds_of(lambda: raise_signals(branch, AS_OF)),
            "tasks_seconds": seconds_of(lambda: make_tasks(branch, AS_OF)),
            "again": seconds_of(lambda: (raise_signals(branch, AS_OF), make_tasks(branch, AS_OF))),
            "floor": insert_floor("service_logs_task", "SELECT * FROM service_logs_task"),
            "signals_floor": insert_floor("service_logs_signal", "SELECT * FROM service_logs_signal"),
            "tasks": _count("service_logs_task"),
        }
        transaction.set_rollback(True)
    return told


def _latest() -> dict[str, int]:
    return {table: _maximum(table) for table in ("service_logs_signal", "service_logs_task")}


def _maximum(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _written(branch: Branch, latest: dict[str, int]) -> dict[str, str]:
    """Return queries for the rows the night wrote, by table."""
    mine = f"branch_id = {branch.pk}"
    return {
        "clients_clientday": f"SELECT * FROM clients_clientday WHERE {mine} AND day = '{AS_OF}'",
        "clients_clientwindow": f"SELECT * FROM clients_clientwindow WHERE {mine}",
        "segmentation_clientscore": (
            f"SELECT * FROM segmentation_clientscore WHERE {mine} AND run_id ="
            f" (SELECT id FROM segmentation_scoringrun WHERE {mine} AND as_of = '{AS_OF}' ORDER BY id DESC LIMIT 1)"
        ),
        "clients_clientstanding": f"SELECT * FROM clients_clientstanding WHERE {mine}",
        **{table: f"SELECT * FROM {table} WHERE {mine} AND id > {last}" for table, last in latest.items()},
    }


def _steps(branch: Branch) -> dict[str, Any]:
    """Return the seconds of each step, as the ledger tells them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(name, 'night.', ''), extract(epoch FROM finished_at - started_at)::float"
            " FROM office_jobrun WHERE branch_id = %s AND as_of = %s AND name LIKE 'night.%%' ORDER BY started_at",
            [branch.pk, AS_OF],
        )
        return {"steps": {name: round(seconds, 3) for name, seconds in cursor.fetchall()}}
