"""One runner, one ledger: how background work is claimed, counted and told."""

from __future__ import annotations

import json
import os
import resource
import socket
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.db.models import F
from django.utils import timezone

from office.models import Branch, JobRun

LEASE = timedelta(minutes=15)  # how long a RUNNING row may go without a sign of life before a page calls it dead

_held: set[str] = set()  # a session lock may be taken twice by its own session: this process may not


@dataclass
class Ledger:
    """What a job did: rows seen and changed, rows passed over and why, and figures of its own."""

    seen: int = 0
    changed: int = 0
    expected: int | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    detail: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0  # of a part that has no run of its own
    peak_mb: int | None = None  # None: that of the process so far
    run_id: int = 0  # of the JobRun it is written to, 0 before it is claimed

    @property
    def is_hollow(self) -> bool:
        """Whether rows were expected and none was seen: the alarm "0 of expected"."""
        return bool(self.expected) and self.seen == 0


def worker_name() -> str:
    """Return host and process, as the ledger names who works."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


@contextmanager
def claimed(name: str, as_of: date, branch: Branch | None = None, *, edition: int = 1) -> Iterator[Ledger | None]:
    """Hold the job `name` of that branch and date; yield its ledger, or None if it is done or held elsewhere.

    A branch has one worker per job at a time, whatever the date: a lock of the database session
    says so, and ends with the worker. Who gets it takes over a row that says RUNNING. On leaving,
    the row says DONE with the counts, or FAILED with the error, which is raised again.
    """
    with _alone(f"job:{name}:{branch.pk if branch else 0}") as is_alone:
        if not is_alone:
            yield None
            return
        _bury_the_dead(name, branch, as_of, edition)
        run, _ = JobRun.objects.get_or_create(name=name, branch=branch, as_of=as_of, edition=edition)
        if not _claim(run):
            yield None
            return
        ledger = Ledger(run_id=run.pk)
        try:
            yield ledger
        except Exception:
            _finish(run, ledger, JobRun.State.FAILED, traceback.format_exc())
            raise
        _finish(run, ledger, JobRun.State.DONE, "")


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """Hold the session lock `key` while inside; yield whether it was free."""
    if key in _held or not _lock("pg_try_advisory_lock", key):
        yield False
        return
    _held.add(key)
    try:
        yield True
    finally:
        _held.discard(key)
        with suppress(Error):  # the session is gone, and the lock with it
            _lock("pg_advisory_unlock", key)


def _lock(function: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])


def _bury_the_dead(name: str, branch: Branch | None, as_of: date, edition: int) -> None:
    """Mark other runs of this job that say RUNNING as broken off: whoever worked on them holds no lock any more."""
    others = JobRun.objects.filter(name=name, branch=branch, state=JobRun.State.RUNNING)
    others.exclude(as_of=as_of, edition=edition).update(
        state=JobRun.State.FAILED, error="执行者中断，未完成", lease_until=None, finished_at=timezone.now()
    )


def _claim(run: JobRun) -> bool:
    now = timezone.now()
    takeable = [JobRun.State.WAITING, JobRun.State.FAILED, JobRun.State.SKIPPED, JobRun.State.RUNNING]
    return (
        JobRun.objects.filter(pk=run.pk, state__in=takeable).update(
            state=JobRun.State.RUNNING,
            worker=worker_name(),
            lease_until=now + LEASE,
            started_at=now,
            finished_at=None,
            attempts=F("attempts") + 1,
            error="",
        )
        == 1
    )


@contextmanager
def pulse(ledger: Ledger) -> Iterator[Pulse]:
    """Open a connection on which a long job tells how far it is."""
    own = connection.copy()
    try:
        yield Pulse(own, ledger.run_id)
    finally:
        own.close()


class Pulse:
    """The sign of life of a long job: seen by others at once, even from inside a transaction that may roll back."""

    def __init__(self, own: Any, run_id: int) -> None:
        self.own, self.run_id = own, run_id

    def beat(self, **detail: Any) -> None:
        """Renew the lease and lay `detail` over what the run's row tells so far."""
        with self.own.cursor() as cursor:
            cursor.execute(
                "UPDATE office_jobrun SET lease_until = now() + %s, detail = detail || %s::jsonb"
                " WHERE id = %s AND state = 'running' AND worker = %s",
                [LEASE, json.dumps(detail, ensure_ascii=False), self.run_id, worker_name()],
            )


def forget_peak() -> None:
    """Start measuring memory anew, so that a step is not charged with the peak of one before."""
    with suppress(OSError):  # not on every system
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> int:
    """Return the most memory this process has held since `forget_peak`, in MiB."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _finish(run: JobRun, ledger: Ledger, state: str, error: str) -> None:
    JobRun.objects.filter(pk=run.pk).update(
        state=state,
        finished_at=timezone.now(),
        lease_until=None,
        rows_seen=ledger.seen,
        rows_changed=ledger.changed,
        rows_expected=ledger.expected,
        skipped=dict(ledger.skipped),
        detail=ledger.detail,
        peak_mb=peak_mb() if ledger.peak_mb is None else ledger.peak_mb,
        error=error,
    )
