"""A PostgreSQL of our own in one folder."""

import hashlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from branchcrm.embedded.binaries import postgres_bin
from branchcrm.embedded.processes import (
    CannotStart,
    free_port,
    is_alive,
    is_reachable,
    owned,
    service_user,
    start,
    wait_for,
)

USER = DATABASE = "branchcrm"
ELSEWHERE = Path("/var/tmp")
START_SECONDS, STOP_SECONDS = 60, 30
BUILTIN_LOCALE_SINCE = 17
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
# What tests may do without: surviving a power cut. A killed process loses nothing by it.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """The server in `folder`; `url` is what DATABASE_URL becomes once it runs."""

    def __init__(self, folder: Path, password: str, *, careless: bool) -> None:
        self.bin, self.password = postgres_bin(), password
        self.folder = folder if is_reachable(folder) else _reachable_twin(folder)
        self.log = folder.with_suffix(".log")
        self.settings = SETTINGS | (CARELESS if careless else {})

    def start(self) -> None:
        """Initialise the folder if it is new and start the server. Raises CannotStart with the end of its log."""
        owned(self.folder)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._bury_the_dead()
        self.port = free_port()
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as output:
            self.process = start(
                [self.bin / "postgres", "-D", self.folder, "-p", str(self.port), *options],
                death_signal=signal.SIGINT,  # "fast" shutdown: clean, without waiting for clients
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for the command, not for the database
                cwd="/",
                **service_user(),
            )
        if not wait_for(self._answers, seconds=START_SECONDS, alive=lambda: self.process.poll() is None):
            raise CannotStart(f"PostgreSQL did not start:\n{_tail(self.log)}")
        self._make_database()

    @property
    def url(self) -> str:
        """Return the address with user and password."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def _initialise(self) -> None:
        version = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True)
        major = int(version.stdout.split()[2].split(".")[0])
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with tempfile.NamedTemporaryFile("w", prefix="branchcrm-", encoding="utf-8") as secret:
            secret.write(f"{self.password}\n")
            secret.flush()
            if user := service_user():
                os.chown(secret.name, user["user"], user["group"])
            made = subprocess.run(
                [
                    self.bin / "initdb", "-D", self.folder, "-U", USER, "-E", "UTF8", "--locale=C",
                    "--auth=scram-sha-256", f"--pwfile={secret.name}", "--no-instructions",
                    *(builtin if major >= BUILTIN_LOCALE_SINCE else []),
                ],
                capture_output=True, text=True, cwd="/", **service_user(),
            )  # fmt: skip
        if made.returncode != 0:
            raise CannotStart(f"PostgreSQL could not make its folder:\n{made.stderr or made.stdout}")

    def _bury_the_dead(self) -> None:
        """Wait for a server that is still shutting down; take away the lock of one that was killed."""
        lock = self.folder / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text(encoding="utf-8").split()[0])
        if not wait_for(lambda: not is_alive(pid) or not lock.exists(), seconds=STOP_SECONDS, alive=lambda: True):
            raise CannotStart(f"another PostgreSQL (process {pid}) uses {self.folder}: stop it first")
        lock.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user=USER, password=self.password, dbname=database, connect_timeout=5
        )

    def _make_database(self) -> None:
        connection = self._connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()


def _reachable_twin(folder: Path) -> Path:
    """Return a place for the data that an unprivileged user can enter, the same one each time.

    A link beside the folder says where it is, so that `make reset` finds it.
    """
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    twin = ELSEWHERE / f"branchcrm-{name}"
    link = folder.with_suffix(".elsewhere")
    link.unlink(missing_ok=True)
    link.symlink_to(twin)
    return twin


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
