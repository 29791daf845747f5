"""The private services: started together, stopped together, whoever dies first; the data stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from branchcrm.embedded.processes import is_alive

READY = 'echo "$DATABASE_URL"; echo "$REDIS_URL"; echo "$$"; exec sleep 120'
WAIT_SECONDS = 60  # that nothing stays is promised, not how soon on a loaded machine


def embedded(data: Path, *command: str, **environment: str) -> subprocess.Popen[str]:
    """Start the launcher without the services this test itself runs on."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "-m", "branchcrm.embedded", "--careless", "--data", str(data), "--", *command],
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def family(root: int) -> set[int]:
    """Return the processes below `root`, which end as a family or the promise is broken."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = {root}
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def all_gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    for parent in [folder, *folder.parents]:  # pytest's folders are 0700; the database runs as somebody else
        if parent.owner() == Path.home().owner() and parent != Path("/") and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    return folder


def test_a_command_finds_both_services_and_they_end_with_it(data: Path) -> None:
    process = embedded(data, "sh", "-c", 'echo "$DATABASE_URL"; echo "$REDIS_URL"; exit 7')
    url, broker = lines(process, 2)
    assert url.startswith("postgresql://")
    assert broker.startswith("redis://")
    assert process.wait(WAIT_SECONDS) == 7
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url, connect_timeout=2)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_nothing_runs_on_after_the_supervisor_and_the_data_is_there_next_time(data: Path, how: signal.Signals) -> None:
    process = embedded(data, "sh", "-c", READY)
    url, _, _ = lines(process, 3)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    everybody = family(process.pid)
    assert len(everybody) > 3
    process.send_signal(how)
    process.wait(WAIT_SECONDS)
    assert all_gone(everybody)
    again = embedded(data, "sh", "-c", READY)
    url, _, _ = lines(again, 3)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    again.terminate()
    assert again.wait(WAIT_SECONDS) == 130


def test_it_ends_with_the_process_that_started_it_where_asked(data: Path) -> None:
    command = f"{sys.executable} -m branchcrm.embedded --with-parent --careless --data {data} -- sh -c '{READY}'; true"
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    maker = subprocess.Popen(["sh", "-c", command], env=inherited, stdout=subprocess.PIPE, text=True)
    lines(maker, 3)
    everybody = family(maker.pid)
    maker.kill()
    maker.wait(WAIT_SECONDS)
    assert all_gone(everybody)


def test_the_folder_may_be_named_from_where_one_stands(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(settings.BASE_DIR))
    monkeypatch.chdir(data)
    assert embedded(Path("here"), "true").wait(WAIT_SECONDS) == 0
    assert (data / "here" / "postgres" / "PG_VERSION").exists()


def test_a_killed_database_leaves_a_lock_that_the_next_start_clears(data: Path) -> None:
    process = embedded(data, "sh", "-c", READY)
    lines(process, 3)
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    everybody = family(process.pid)
    os.kill(postmaster, signal.SIGKILL)
    process.kill()
    process.wait(WAIT_SECONDS)
    assert all_gone(everybody)
    again = embedded(data, "true")
    assert again.wait(WAIT_SECONDS) == 0


def test_a_second_one_on_the_same_folder_is_refused(data: Path) -> None:
    first = embedded(data, "sh", "-c", READY)
    lines(first, 3)
    second = embedded(data, "true")
    _, said = second.communicate(timeout=WAIT_SECONDS)
    assert second.returncode == 3
    assert "stop it first" in said
    first.terminate()
    first.wait(WAIT_SECONDS)


def test_addresses_in_the_environment_switch_the_services_off(data: Path) -> None:
    process = embedded(
        data,
        "sh",
        "-c",
        'echo "$DATABASE_URL"; echo "$REDIS_URL"',
        DATABASE_URL="postgresql://x/y",
        REDIS_URL="redis://z",
    )
    assert lines(process, 2) == ["postgresql://x/y", "redis://z"]
    assert process.wait(WAIT_SECONDS) == 0
    assert not (data / "postgres").exists()
