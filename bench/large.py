"""Figures of a million clients in twenty branches: scoring in two workers, and how the night grows."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

from django.db import connection, transaction

from bench.database import AS_OF
from bench.floors import copy_floor
from bench.harness import Figure
from bench.nights import undone
from branchcrm.night import run_night
from office.models import Branch
from segmentation.operations.scoring import score_branch
from segmentation.operations.windows import roll_windows

WORKERS = 2


def score_1m() -> list[Figure]:
    """Score every branch in two workers; the floor moves all windows out and all scores in, one after the other."""
    branches = list(Branch.objects.order_by("code").values_list("pk", flat=True))
    _in_workers(_rolled, branches)
    started = time.perf_counter()
    _in_workers(_scored, branches)
    seconds = time.perf_counter() - started
    floor = sum(map(_floor, branches))
    return [Figure("score_1m", seconds, seconds / floor, 2.0, {"floor": floor, "branches": len(branches)})]


def growth() -> list[Figure]:
    """Run the night of every branch, one after the other, and tell its time per client.

    Then do at once what autovacuum does between a night and the morning: pages are asked for by day.
    """
    started = time.perf_counter()
    for branch in Branch.objects.order_by("code"):
        run_night(branch, AS_OF)
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clients_clientstanding")
        (clients,) = cursor.fetchone()
        cursor.execute("VACUUM (ANALYZE)")
    told = {"clients": clients, "us_per_client": seconds / clients * 1e6, **_steps()}
    return [Figure("night_1m", seconds, None, None, told)]


def _steps() -> dict[str, object]:
    """Return the seconds of each step over all branches, as the ledger tells them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(name, 'night.', ''), sum(extract(epoch FROM finished_at - started_at))::float"
            " FROM office_jobrun WHERE as_of = %s AND name LIKE 'night.%%' GROUP BY name ORDER BY min(started_at)",
            [AS_OF],
        )
        return {"steps": {name: round(seconds, 2) for name, seconds in cursor.fetchall()}}


def _in_workers(work: Callable[[int], None], branches: list[int]) -> None:
    connection.close()
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        pool.map(work, branches, chunksize=1)


def _rolled(branch_id: int) -> None:
    roll_windows(Branch.objects.get(pk=branch_id), AS_OF)


def _scored(branch_id: int) -> None:
    branch = Branch.objects.get(pk=branch_id)
    undone(lambda: score_branch(branch, AS_OF))()


def _floor(branch_id: int) -> float:
    branch = Branch.objects.get(pk=branch_id)
    with transaction.atomic():
        run, _ = score_branch(branch, AS_OF)
        windows = f"SELECT * FROM clients_clientwindow WHERE branch_id = {branch_id}"
        scores = f"SELECT * FROM segmentation_clientscore WHERE run_id = {run.pk}"
        seconds = copy_floor([windows], {"segmentation_clientscore": scores})
        transaction.set_rollback(True)
    return seconds
