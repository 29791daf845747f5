"""The night through a real Celery worker and the real broker."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import redis
from django.conf import settings

from branchcrm.celery import app
from branchcrm.embedded.processes import start, stop
from tests.branchcrm.arena import Arena

WAIT_SECONDS = 90
BROKER = f"{settings.REDIS_URL.rpartition('/')[0]}/15"  # a numbered database of the broker that nothing else uses
OUTCOME = "SELECT state, detail ->> 'outcome', worker FROM office_jobrun WHERE name = 'night' AND as_of = %s"


@pytest.fixture
def worker(arena: Arena, tmp_path: Path) -> Iterator[str]:
    """Run a worker on a copy of the evening; yield the name of its database."""
    database = arena.copy_of_evening("worker")
    redis.from_url(BROKER).delete("celery")
    with (tmp_path / "worker.log").open("wb") as log:
        process = start(
            [sys.executable, "-m", "celery", "-A", "branchcrm", "worker", "--pool", "solo", "--loglevel", "warning"],
            env=os.environ | {"DATABASE_URL": arena.url(database), "REDIS_URL": BROKER},
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
        )
    yield database
    stop(process, signal.SIGTERM, patience=20)


@pytest.mark.worker
def test_beat_sends_every_branch_through_the_nights_it_owes(arena: Arena, worker: str) -> None:
    app.send_task("branchcrm.tasks.start_nights", connection=app.connection_for_write(BROKER))
    deadline = time.monotonic() + WAIT_SECONDS
    found: list[tuple[str, str, str]] = []
    while time.monotonic() < deadline and [row[:2] for row in found] != [("done", "published")]:
        time.sleep(0.5)
        with arena.connected(worker) as cursor:
            cursor.execute(OUTCOME, [date(2026, 8, 21)])
            found = cursor.fetchall()
    assert [row[:2] for row in found] == [("done", "published")]
    assert found[0][2].rpartition(":")[2] != str(os.getpid())
