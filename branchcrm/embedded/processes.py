"""Children that never outlive their parent, and the user they run as."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = "nobody"
POLL_SECONDS = 0.05


class CannotStart(Exception):
    """Something the service needs is missing on this machine; the message says what to do."""


def die_with_parent(death_signal: signal.Signals, *, parent: int | None = None) -> Callable[[], None]:
    """Return a `preexec_fn`: the kernel sends `death_signal` to the child once `parent` (this process) is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = parent or os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died between fork and prctl
            os.kill(os.getpid(), death_signal)

    return in_child


def start(
    command: Sequence[str | Path], *, death_signal: signal.Signals = signal.SIGTERM, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start `command` so that it dies with this process; `options` are those of Popen."""
    return subprocess.Popen([str(part) for part in command], preexec_fn=die_with_parent(death_signal), **options)


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals, *, patience: float) -> None:
    """Ask `process` to end by the signal `how`; after `patience` seconds kill it."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def service_user() -> dict[str, Any]:
    """Return the Popen options that make a service run without privileges: empty unless we are root.

    Raises CannotStart if root has no user to run it as.
    """
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root and this machine has no user {UNPRIVILEGED!r}: add one"
            f" (useradd --system {UNPRIVILEGED}), run as another user, or set DATABASE_URL and REDIS_URL"
        ) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def owned(folder: Path) -> Path:
    """Make `folder`, private to the user the services run as."""
    folder.mkdir(parents=True, exist_ok=True)
    user = service_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    folder.chmod(0o700)
    return folder


def is_reachable(path: Path) -> bool:
    """Return whether the user the services run as may enter every folder above `path`."""
    return not service_user() or all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def is_alive(pid: int) -> bool:
    """Return whether a process runs under `pid`; a zombie does not (nobody may ever reap it in a container)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"}


def free_port() -> int:
    """Return a port of 127.0.0.1 nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], *, seconds: float, alive: Callable[[], bool]) -> bool:
    """Ask `ready` until it is true; False if `alive` turns false or the seconds run out before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        if ready():
            return True
        time.sleep(POLL_SECONDS)
    return False
