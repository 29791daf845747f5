"""One runner, one ledger: how background work is claimed, counted and told."""

import os
import resource
import socket
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from office.models import Branch, JobRun

LEASE = timedelta(minutes=15)  # a RUNNING row older than this belongs to a dead worker


@dataclass
class Ledger:
    """What a job did: rows seen and changed, rows passed over and why, and figures of its own."""

    seen: int = 0
    changed: int = 0
    expected: int | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_hollow(self) -> bool:
        """Whether rows were expected and none was seen: the alarm "0 of expected"."""
        return bool(self.expected) and self.seen == 0


def worker_name() -> str:
    """Return host and process, as the ledger names who holds a lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def claimed(name: str, as_of: date, branch: Branch | None = None, *, edition: int = 1) -> Iterator[Ledger | None]:
    """Hold the job `name` of that branch and date; yield its ledger, or None if it is done or held elsewhere.

    The claim is one conditional update, so two workers never hold the same job; a lease that ran
    out is taken over. On leaving, the row says DONE with the counts, or FAILED with the error,
    which is raised again.
    """
    run, _ = JobRun.objects.get_or_create(name=name, branch=branch, as_of=as_of, edition=edition)
    if not _claim(run):
        yield None
        return
    ledger = Ledger()
    try:
        yield ledger
    except Exception:
        _finish(run, ledger, JobRun.State.FAILED, traceback.format_exc())
        raise
    _finish(run, ledger, JobRun.State.DONE, "")


def _claim(run: JobRun) -> bool:
    now = timezone.now()
    free = Q(state__in=[JobRun.State.WAITING, JobRun.State.FAILED]) | Q(state=JobRun.State.RUNNING, lease_until__lt=now)
    return (
        JobRun.objects.filter(free, pk=run.pk).update(
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


def renew(run_id: int, until: datetime) -> None:
    """Extend the lease of a long job; call it between batches."""
    JobRun.objects.filter(pk=run_id, state=JobRun.State.RUNNING).update(lease_until=until)


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
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        error=error,
    )
