"""A served branch in a database of its own: web and worker are processes as in production, the tests see pages only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import redis

from branchcrm.embedded.processes import free_port, start, stop, wait_for

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60
SERVER, _, _ = os.environ["DATABASE_URL"].rpartition("/")
BROKER, _, _ = os.environ["REDIS_URL"].rpartition("/")
WITHOUT_HTTPS = {"CRM_SECURE": "0", "CRM_PLAIN_STATIC": "1", "CRM_FAST_HASHER": "1", "DEBUG": "0"}
WEB = ["gunicorn", "branchcrm.wsgi", "--workers", "1", "--threads", "6", "--timeout", "120", "--log-level", "warning"]
WORKER = ["celery", "-A", "branchcrm", "worker", "--pool", "solo", "--loglevel", "warning"]


def chromium() -> str | None:
    """Return the machine's Chromium, the one CRM_CHROMIUM names first."""
    named = os.environ.get("CRM_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Town:
    """The processes of one branch; `url` is where its pages are, `password` opens every account."""

    FOUNDING = "tests.browser.founding"  # the module that fills its database

    def __init__(self, name: str, place: int, folder: Path) -> None:
        self.name, self.folder, self.port = name, folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.running: list[subprocess.Popen[bytes]] = []
        broker = f"{BROKER}/{14 - place}"  # numbered databases of the broker that nothing else uses
        redis.from_url(broker).delete("celery")
        self.env = os.environ | WITHOUT_HTTPS | {"DATABASE_URL": f"{SERVER}/{name}", "REDIS_URL": broker}

    def open(self) -> None:
        """Found the branch and serve it."""
        self._run_sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name}")
        founding = [sys.executable, "-m", self.FOUNDING]
        told = subprocess.run(founding, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr[-3_000:]
        self.password = told.stdout.split()[-1]
        for program in ([*WEB, "--bind", f"127.0.0.1:{self.port}"], WORKER):
            log = (self.folder / f"{program[0]}.log").open("wb")
            with log:
                command = [sys.executable, "-m", *program]
                self.running.append(start(command, env=self.env, cwd=ROOT, stdout=log, stderr=log))
        assert wait_for(self._answers, seconds=READY_SECONDS, alive=self.is_alive), self.logs()

    def close(self) -> None:
        """End the processes and drop the database."""
        for process in self.running:
            stop(process, signal.SIGQUIT, patience=20)  # both programs then end at once
        self._run_sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def is_alive(self) -> bool:
        """Return whether web and worker run."""
        return all(process.poll() is None for process in self.running)

    def logs(self) -> str:
        """Return what web and worker wrote."""
        return "\n".join(log.read_text(encoding="utf-8")[-3_000:] for log in self.folder.glob("*.log"))

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _run_sql(self, *statements: Any) -> None:
        with closing(psycopg2.connect(f"{SERVER}/postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
