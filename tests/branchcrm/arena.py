"""A private PostgreSQL that may be killed, with a database of the evening before a night, and copies of it."""

from __future__ import annotations

import os
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

PATIENCE_SECONDS = 60
EVENING = "evening"


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
                env=os.environ | {"DATABASE_URL": self.url(EVENING)},
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

    def url(self, database: str) -> str:
        return f"{self.postgres.url.rpartition('/')[0]}/{database}"

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
