"""Nights in processes of their own that begin at once: `python -m tests.branchcrm.night_worker`.

First it fills the empty database of DATABASE_URL with the evening before: a branch whose night of
Thursday is published and whose Friday was delivered. Then it says "ready", and for each line "port
database" on stdin it forks a process that runs `manage.py night` there and tells its pid; at the next
line it waits for its end and tells the wait status. Until then the pid stays taken, so that whoever
kills it strikes no other process. The fork saves the seconds of importing everything.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

DAY = "2026-08-21"


def prepare() -> None:
    """Fill the database of DATABASE_URL with the evening before."""
    from branchcrm.night import run_night
    from tests.branchcrm import night_branch as made

    call_command("migrate", verbosity=0)
    call_command("calendar", "seed", stdout=io.StringIO())
    branch = made.staffed_branch()
    with tempfile.TemporaryDirectory() as folder:
        made.deliver_history(Path(folder) / "history")
        made.hand_out(branch)
        run_night(branch, made.BEFORE)
        made.deliver_day(Path(folder) / "friday", made.DAY)
    connections.close_all()  # no fork may inherit a session


def serve() -> None:
    """Fork a night per line until stdin ends."""
    _say("ready")
    while line := sys.stdin.readline():
        port, database = line.split()
        pid = os.fork()
        if pid == 0:
            run(port, database)
        _say(str(pid))
        sys.stdin.readline()
        _say(str(os.waitpid(pid, 0)[1]))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(port: str, database: str) -> None:
    """Run the night there and end this process with 0, or with 1 if it did not come to its end."""
    connections["default"].settings_dict |= {"PORT": port, "NAME": database}
    code = 1
    try:
        call_command("night", "--date", DAY, "--json", stdout=io.StringIO())
        code = 0
    finally:  # whatever happened: this process must not go on with the loop of its parent
        os._exit(code)


if __name__ == "__main__":
    django.setup()
    prepare()
    serve()
