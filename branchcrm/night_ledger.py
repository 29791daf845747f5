"""How the steps of a night are written down, beside the runner of office.jobs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from office.jobs import Ledger, forget_peak, peak_mb, worker_name
from office.models import JobRun

if TYPE_CHECKING:
    from branchcrm.steps import Night

NAME = "night"
UNDONE = "早间事务未通过，已撤回"  # why the rows of a step do not stand


def fill(ledger: Ledger, done: Ledger) -> None:
    """Take over what a step counted."""
    ledger.seen, ledger.changed, ledger.expected = done.seen, done.changed, done.expected
    ledger.skipped.update(done.skipped)
    ledger.detail.update(done.detail)
    ledger.peak_mb = peak_mb()


def recall(night: Night, code: str) -> Ledger:
    """Return what a step counted that was done before the night broke off."""
    run = JobRun.objects.get(name=f"{NAME}.{code}", branch=night.branch, as_of=night.day, edition=night.edition)
    return Ledger(
        seen=run.rows_seen,
        changed=run.rows_changed,
        expected=run.rows_expected,
        skipped=Counter(run.skipped),
        detail=run.detail,
        peak_mb=run.peak_mb,
        run_id=run.pk,
    )


@contextmanager
def noted(night: Night, code: str) -> Iterator[Ledger]:
    """Note a step of the morning in the surrounding transaction: it stands if and only if the morning does."""
    ledger, started = Ledger(), time.monotonic()
    forget_peak()
    night.ledgers[code] = ledger
    try:
        yield ledger
    finally:
        ledger.seconds = time.monotonic() - started
    write(night, code, JobRun.State.DONE)


def write(night: Night, code: str, state: JobRun.State, error: str = "") -> None:
    """Write down what a step of the morning counted."""
    ledger, finished_at = night.ledgers[code], timezone.now()
    JobRun.objects.update_or_create(
        name=f"{NAME}.{code}",
        branch=night.branch,
        as_of=night.day,
        edition=night.edition,
        defaults={
            "state": state,
            "worker": worker_name(),
            "attempts": 1,
            "started_at": finished_at - timedelta(seconds=ledger.seconds),
            "finished_at": finished_at,
            "rows_seen": ledger.seen,
            "rows_changed": ledger.changed,
            "rows_expected": ledger.expected,
            "skipped": dict(ledger.skipped),
            "detail": ledger.detail,
            "peak_mb": ledger.peak_mb,
            "error": error,
        },
    )


def close(night: Night, ledger: Ledger, outcome: str, *, undone: list[str]) -> None:
    """Sum up the steps for the row of the whole night; `undone` names those whose transaction rolled back.

    What these counted is kept and shown; their rows do not stand.
    """
    for code in undone:
        if code in night.ledgers:
            write(night, code, JobRun.State.SKIPPED, UNDONE)
    steps = night.ledgers.values()
    ledger.seen = sum(step.seen for step in steps)
    ledger.changed = sum(step.changed for step in steps)
    ledger.peak_mb = max((step.peak_mb or 0 for step in steps), default=0)
    ledger.detail |= {
        "outcome": outcome,
        "run": night.run.pk if "scores" in night.ledgers else None,
        "gates": [gate.as_json() for gate in night.gates],
        "figures": night.figures if "scores" in night.ledgers else {},
        "previous_figures": night.previous_figures or {},
        "hollow": [code for code, step in night.ledgers.items() if step.is_hollow],
        "missing": night.feed.missing if night.lacks_feed else [],
    }
