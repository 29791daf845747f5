"""The databases of a run: one made ready once, and copies of it that figures may spoil."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import psycopg2

AS_OF = date(2026, 8, 21)  # a Friday, fixed so that runs compare
READY = "bench_ready"


def url_of(name: str) -> str:
    """Return the address of the database `name` on the server that DATABASE_URL names."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _ask(statement: str, *values: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url_of("postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def exists(name: str) -> bool:
    """Whether there is a database of that name."""
    return bool(_ask("SELECT 1 FROM pg_database WHERE datname = %s", name))


def drop(name: str) -> None:
    """Remove a database with everything in it."""
    _ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def clone(source: str, name: str) -> None:
    """Make a database anew as a copy of another one."""
    drop(name)
    _ask(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')


@contextmanager
def scratch(source: str, name: str) -> Iterator[str]:
    """Lend a copy of a database; yield its address."""
    clone(source, name)
    try:
        yield url_of(name)
    finally:
        drop(name)


def manage(database: str, *arguments: str) -> None:
    """Run a command of the product on a database, its output out of the way of the figures."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": database}, stdout=sys.stderr, check=True)


def make_ready(name: str, clients: int) -> None:
    """Make a database with one branch of the demonstration in it and the night before the last published."""
    drop(name)
    _ask(f'CREATE DATABASE "{name}"')
    manage(url_of(name), "migrate", "--verbosity", "0")
    _make_branches(url_of(name), clients, [range(1)])


def add_branches(source: str, name: str, clients: int, branches: int) -> None:
    """Make a copy of `source` with as many branches more as are missing, in as many processes as there are cores."""
    clone(source, name)
    workers = min(os.cpu_count() or 1, branches - 1)
    _make_branches(url_of(name), clients, [range(first + 1, branches, workers) for first in range(workers)])


def _make_branches(address: str, clients: int, shares: list[range]) -> None:
    command = [sys.executable, "-m", "bench.town", str(clients)]
    environment = os.environ | {"DATABASE_URL": address}
    running = [subprocess.Popen([*command, *map(str, share)], env=environment, stdout=sys.stderr) for share in shares]
    failed = [process.args for process in running if process.wait()]
    if failed:
        raise subprocess.CalledProcessError(1, str(failed))
