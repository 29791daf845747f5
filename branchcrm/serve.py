"""Web, worker and beat under one supervisor: `python -m branchcrm.serve`.

If one of them ends, all end; if the supervisor is killed, the kernel ends them. Production runs the
three as containers of their own (docker-compose.yml).
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from branchcrm.embedded.processes import start, stop, wait_for

DEFAULT_PORT = 8000
READY_SECONDS = 60
PATIENCE = {"web": 10, "worker": 20, "beat": 5}  # seconds each may take to end
POLL_SECONDS = 0.3
Processes = dict[str, "subprocess.Popen[bytes]"]


def port() -> int:
    """Return PORT from the environment, 8000 without one."""
    return int(os.environ.get("PORT") or DEFAULT_PORT)


def address() -> str:
    """Return where the browser goes."""
    return f"http://127.0.0.1:{port()}/"


def commands(data: Path) -> dict[str, list[str]]:
    """Return what each part is started with; beat keeps its schedule in `data`."""
    python = sys.executable
    web = ["-m", "gunicorn", "branchcrm.wsgi", "--bind", f"127.0.0.1:{port()}", "--workers", "2", "--threads", "4"]
    # Celery warns of root at every start; a private instance knows who it runs as.
    celery = ["-W", "ignore:You're running the worker", "-m", "celery", "-A", "branchcrm", "--quiet"]
    return {
        "web": [python, *web, "--timeout", "120", "--log-level", "warning"],
        "worker": [python, *celery, "worker", "--concurrency", "2", "--loglevel", "warning"],
        "beat": [python, *celery, "beat", "--loglevel", "warning", "--schedule", str(data / "beat"), "--pidfile="],
    }


def serve(data: Path, *, when_ready: Callable[[], None]) -> int:
    """Run all three until one ends or a signal comes; call `when_ready` once the pages answer. Return the exit code."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _leave)
    running: Processes = {}
    try:
        for part, command in commands(data).items():
            # SIGQUIT ends a Celery worker at once; its job goes on at the next start.
            death = signal.SIGQUIT if part == "worker" else signal.SIGTERM
            running[part] = start(command, death_signal=death, start_new_session=True)
        if not wait_for(_answers, seconds=READY_SECONDS, alive=lambda: _ended(running) is None):
            print(f"branchcrm: the pages did not answer at {address()} (is the port taken? PORT= changes it)")
            return 1
        when_ready()
        while (ended := _ended(running)) is None:
            time.sleep(POLL_SECONDS)
        print(f"branchcrm: {ended} ended with code {running[ended].returncode}, stopping the rest")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop_all(running)


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _ended(running: Processes) -> str | None:
    return next((part for part, process in running.items() if process.poll() is not None), None)


def _stop_all(running: Processes) -> None:
    for process in running.values():  # all at once, then wait for each
        if process.poll() is None:
            process.terminate()
    for part, process in running.items():
        stop(process, signal.SIGTERM, patience=PATIENCE[part])


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"{address()}healthz/", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
