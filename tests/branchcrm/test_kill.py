"""Killed anywhere and started again, a night ends in the rows of an undisturbed one.

A private PostgreSQL that answers for every commit, nights as processes of their own, kill −9 for
either of them at random moments. CRM_KILLS sets how many.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings

from branchcrm.embedded.postgres import USER, Postgres
from branchcrm.embedded.processes import CannotStart, start, stop

KILLS = int(os.environ.get("CRM_KILLS", "20"))
KILLS_PER_NIGHT = 4  # a night that is killed four times before it may end
PATIENCE_SECONDS = 60
EVENING = "evening"
NOT_COMPARED = {  # moments, processes and the numbers of rows, which a rolled back transaction uses up
    "id", "made_at", "published_at", "created_at", "at", "started_at", "finished_at", "worker", "attempts",
    "lease_until", "peak_mb", "detail", "url", "subject_id", "updated_at",
}  # fmt: skip
# How much a step changed is told of the attempt that ended it: a step killed after its work found it done.
COUNTS = {"rows_seen", "rows_changed", "rows_expected", "skipped"}
RUN = "(SELECT as_of || '.' || edition FROM segmentation_scoringrun r WHERE r.id = t.{column})"
NAMES = {  # column that holds the number of a row the night made → what names that row instead
    "run_id": RUN,
    "score_run_id": RUN,
    "entered_run_id": RUN,
    "left_run_id": RUN,
    "previous_id": RUN,
    "supersedes_id": RUN,
    "plan_id": "(SELECT plan_no FROM segmentation_allocationplan p WHERE p.id = t.{column})",
    "signal_id": "(SELECT rule_id || '.' || client_id || '.' || occurrence FROM service_logs_signal s"
    " WHERE s.id = t.{column})",
}


class Arena:
    """The private server and the process that forks nights."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(folder / "pg", "kill-test", careless=False)
        # What a killed server had handed to the kernel is not lost, so waiting for the disk proves nothing here and
        # costs a minute. Commits stay synchronous and pages whole: those a kill −9 could lose.
        self.postgres.settings |= {"fsync": "off"}
        self.postgres.start()
        self._create(EVENING, "template0")
        self.log = folder / "worker.log"
        with self.log.open("wb") as log:
            self.worker = start(
                [sys.executable, "-m", "tests.branchcrm.night_worker"],
                env=os.environ | {"DATABASE_URL": self.postgres.url.rpartition("/")[0] + f"/{EVENING}"},
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def close(self) -> None:
        stop(self.worker, signal.SIGKILL, patience=10)
        stop(self.postgres.process, signal.SIGQUIT, patience=30)
        shutil.rmtree(self.postgres.folder, ignore_errors=True)
        self.postgres.folder.with_suffix(".log").unlink(missing_ok=True)

    @contextmanager
    def connected(self, database: str) -> Iterator[Any]:
        """Yield a cursor of a connection of its own that commits each statement."""
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.postgres.port, user=USER, password=self.postgres.password, dbname=database
        )
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            yield cursor

    def copy_of_evening(self, name: str) -> str:
        self._create(name, EVENING)
        return name

    def _create(self, name: str, template: str) -> None:
        with self.connected("postgres") as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    def begin(self, database: str) -> int:
        """Start a night; return its pid."""
        return int(self.ask(f"{self.postgres.port} {database}"))

    def end(self) -> int:
        """Wait for the night that was begun; return its wait status."""
        return int(self.ask("wait"))

    def run_to_the_end(self, database: str) -> None:
        """Start nights until one comes to its end; the session of a killed one may hold its lock a moment longer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.begin(database)
            if self.end() == 0:
                return
            time.sleep(0.1)
        pytest.fail(f"no night of {database} came to its end")

    def kill_database(self) -> None:
        """Kill the server with all its sessions, then start it as the supervisor would."""
        server = self.postgres.process.pid
        for pid in [server, *children(server)]:
            os.kill(pid, signal.SIGKILL)
        self.postgres.process.wait()
        for _ in range(20):
            try:
                return self.postgres.start()
            except CannotStart:  # a session has not noticed yet that it is dead
                time.sleep(0.2)
        return self.postgres.start()

    def ask(self, line: str) -> str:
        assert self.worker.stdin is not None
        self.worker.stdin.write(f"{line}\n".encode())
        self.worker.stdin.flush()
        return self.line()

    def line(self) -> str:
        assert self.worker.stdout is not None
        return self.worker.stdout.readline().decode().strip()


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == pid:
            found.append(int(entry.parent.name))
    return found


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    made = Arena(tmp_path_factory.mktemp("kill"))
    try:
        assert made.line() == "ready", made.log.read_text(encoding="utf-8")[-2_000:]
        yield made
    finally:
        made.close()


TABLES = """
SELECT c.relname, array_agg(a.attname::text) FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname
"""


def rows_of(arena: Arena, database: str) -> dict[str, list[str]]:
    """Return every row of every table as text, by natural keys."""
    found = {}
    with arena.connected(database) as cursor:
        cursor.execute(TABLES)
        for table, columns in cursor.fetchall():
            dropped = ",".join(sorted(NOT_COMPARED | (COUNTS if table == "office_jobrun" else set())))
            named = "".join(
                f" || jsonb_build_object('{column}', {NAMES[column].format(column=column)})"
                for column in sorted(NAMES.keys() & set(columns))
            )
            cursor.execute(f"SELECT (to_jsonb(t) - '{{{dropped}}}'::text[]{named})::text FROM {table} t")
            found[table] = sorted(text for (text,) in cursor.fetchall())
    return found


def test_a_night_killed_anywhere_ends_in_the_rows_of_an_undisturbed_one(arena: Arena) -> None:
    before = rows_of(arena, EVENING)
    arena.run_to_the_end(arena.copy_of_evening("warm"))  # the first one pays for caches
    arena.copy_of_evening("calm")
    started = time.monotonic()
    arena.run_to_the_end("calm")
    whole_night = time.monotonic() - started
    expected = rows_of(arena, "calm")
    changed = {name for name, rows in expected.items() if rows != before[name]}
    assert {"segmentation_clientscore", "service_logs_task", "clients_clientstanding"} <= changed

    dice, hits = random.Random(20260821), {"worker": 0, "database": 0}
    for number in range(0, KILLS, KILLS_PER_NIGHT):
        database = arena.copy_of_evening(f"night{number}")
        for kill in range(number, min(number + KILLS_PER_NIGHT, KILLS)):
            victim = "worker" if kill % 2 else "database"
            pid = arena.begin(database)
            time.sleep(dice.uniform(0, whole_night))
            if victim == "database":
                arena.kill_database()
            else:
                os.kill(pid, signal.SIGKILL)
            hits[victim] += arena.end() != 0
        arena.run_to_the_end(database)
        found = rows_of(arena, database)
        assert {name: found[name] for name in changed} == {name: expected[name] for name in changed}
        assert found == expected
    assert all(count >= KILLS // 4 for count in hits.values()), f"too few nights were struck while they ran: {hits}"
