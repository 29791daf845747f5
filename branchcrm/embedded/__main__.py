"""`python -m branchcrm.embedded --data DIR -- CMD…`"""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from branchcrm.embedded.postgres import STOP_SECONDS, Postgres
from branchcrm.embedded.processes import CannotStart, die_with_parent, start, stop
from branchcrm.embedded.secrets import private_secrets
from branchcrm.embedded.valkey import Valkey

COMMAND_PATIENCE = 30  # seconds a command may take to end once asked


def main() -> int:
    """Run the command with both services and return its exit code; 3 if a service could not be started."""
    parser = argparse.ArgumentParser(prog="python -m branchcrm.embedded", description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="the folder of the private services")
    parser.add_argument("--careless", action="store_true", help="for tests: do not wait for the disk")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one does")
    parser.add_argument("command", nargs="+", metavar="CMD", help="what to run, after --")
    options = parser.parse_args()
    data = options.data.resolve()  # the services start elsewhere
    data.mkdir(parents=True, exist_ok=True)
    if options.with_parent:
        die_with_parent(signal.SIGTERM, parent=os.getppid())()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell's background job would ignore SIGINT
        signal.signal(name, _leave)
    try:
        with _held(data), _services(data, careless=options.careless) as environment:
            return _run(options.command, environment)
    except CannotStart as problem:
        print(f"branchcrm: {problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _held(data: Path) -> Iterator[IO[str]]:
    """Hold the folder for this process; the kernel lets go of it when the process dies."""
    with (data / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"another branchcrm runs on {data}: stop it first, or give another --data") from None
        yield lock


@contextmanager
def _services(data: Path, *, careless: bool) -> Iterator[dict[str, str]]:
    """Start what the environment does not name and yield the environment of the command."""
    kept = private_secrets(data)
    password = kept.pop("PASSWORD")
    environment = {**kept, **os.environ}
    running = []
    try:
        if not environment.get("DATABASE_URL"):
            postgres = Postgres(data / "postgres", password, careless=careless)
            postgres.start()
            running.append((postgres.process, signal.SIGINT))
            environment["DATABASE_URL"] = postgres.url
        if not environment.get("REDIS_URL"):
            valkey = Valkey(data / "valkey", password)
            valkey.start()
            running.append((valkey.process, signal.SIGTERM))
            environment["REDIS_URL"] = valkey.url
        yield environment
    finally:
        for process, how in reversed(running):
            stop(process, how, patience=STOP_SECONDS)


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = start(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        stop(process, signal.SIGTERM, patience=COMMAND_PATIENCE)
        return 130


if __name__ == "__main__":
    sys.exit(main())
