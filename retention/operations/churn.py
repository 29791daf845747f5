"""The churn score of a branch: signs found in sets, points that fade, bands, and what is at risk (nightly.md §7).

The score serves service: it says whom to talk to. It moves no request and slows none.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Max

from clients.operations.copying import EMPTY_LIST, Values, copy_in
from office.errors import DomainError
from office.jobs import Ledger
from office.models import Branch
from office.partitions import ensure_months, month_of, partition_name
from retention.models import ChurnRun, ChurnScore, ChurnStanding, PointSet
from retention.operations.churn_facts import Book, read_book
from retention.operations.points import ensure_points
from retention.scoring.appraising import Appraised, Found, Terms, Texts, appraise, codes, told
from retention.scoring.churn import ALARM, QUIET
from segmentation.models import WindowState

FADED = "DELETE FROM retention_churnstanding WHERE branch_id = %s"


class WindowsElsewhere(DomainError):
    """A churn score needs windows that end on its day."""


@transaction.atomic
def score_churn(branch: Branch, as_of: date) -> Ledger:
    """Score every client of the branch at the close of `as_of` and bring the lists up to date.

    The same facts give the same findings: they are kept once. Other findings of the day are appended
    as its next edition. A day before the latest one is kept for the back-test and moves no list.
    Raises WindowsElsewhere unless the windows end on that day.
    """
    if not WindowState.objects.filter(branch=branch, as_of=as_of).exists():
        raise WindowsElsewhere(f"{branch.name} 的窗口尚未滚动到 {as_of:%Y-%m-%d}")
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)
    point_set = ensure_points(branch, as_of)
    book = read_book(branch, as_of, run_before(branch, as_of))
    found = appraise(_found(book), terms(point_set), np.datetime64(as_of), book.sessions)
    fingerprint = _fingerprint(book, found, point_set)
    ledger = Ledger(seen=len(book.client_id), expected=len(book.client_id), detail=_figures(found))
    latest = ChurnRun.objects.filter(branch=branch, as_of=as_of).order_by("-edition").first()
    if latest is not None and latest.fingerprint == fingerprint:
        ledger.detail |= {"run": latest.pk}
        ledger.skipped = Counter({"此前已评分，结果相同": ledger.seen})
        return ledger
    run = _new_run(branch, as_of, point_set, fingerprint, ledger)
    reasons = told(found, len(book.client_id))
    _write(run, book, found, reasons)
    ledger.changed = ledger.seen
    ledger.detail |= {"run": run.pk, "standings": _bring_up_to_date(run, book, found, reasons)}
    return ledger


def run_before(branch: Branch, as_of: date) -> ChurnRun | None:
    """Return the run that a score of `as_of` goes on from: the latest of an earlier day."""
    return ChurnRun.objects.filter(branch=branch, as_of__lt=as_of).order_by("-as_of", "-edition").first()


def terms(point_set: PointSet) -> Terms:
    """Return a version of the points as the arithmetic takes it."""
    return Terms(
        points=dict(point_set.points), half_life=point_set.half_life_days, limits=tuple(point_set.limits),
        factors=tuple(point_set.factors),
    )  # fmt: skip


def _found(book: Book) -> Found:
    return Found(contribution_fen=book.contribution_fen, **book.signs)


def _new_run(branch: Branch, as_of: date, point_set: PointSet, fingerprint: str, ledger: Ledger) -> ChurnRun:
    editions = ChurnRun.objects.filter(branch=branch, as_of=as_of)
    return ChurnRun.objects.create(
        branch=branch, as_of=as_of, edition=(editions.aggregate(top=Max("edition"))["top"] or 0) + 1,
        point_set=point_set, fingerprint=fingerprint, clients=ledger.seen, counts=ledger.detail["signs"],
    )  # fmt: skip


def _fingerprint(book: Book, found: Appraised, point_set: PointSet) -> str:
    """Return what tells one set of findings from another."""
    digest = hashlib.sha256(json.dumps([point_set.version, found.sign_counts]).encode())
    for array in (book.client_id, found.score, found.value_at_risk_fen, found.place, found.number, found.tenths,
                  found.since, found.a, found.b):  # fmt: skip
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _figures(found: Appraised) -> dict[str, Any]:
    """Return what the ledger tells: clients by band and by sign."""
    bands = np.bincount(found.band, minlength=ALARM + 1)
    return {
        "bands": [int(count) for count in bands[QUIET : ALARM + 1]],
        "signs": found.sign_counts,
        "value_at_risk_fen": int(found.value_at_risk_fen[found.score > 0].sum()),
    }


def _write(run: ChurnRun, book: Book, found: Appraised, reasons: Texts) -> None:
    """Append the scores straight into the month's partition, each part in the order of its key.

    Most clients show no sign: theirs go in as fixed widths, a third of the time that text takes.
    """
    ensure_months(ChurnScore, [run.as_of])
    shown = found.score > 0
    with connection.cursor() as cursor:
        for chosen, signals in (
            (~shown, Values("signals", "empty_list", np.full(int((~shown).sum()), EMPTY_LIST))),
            (shown, Values("signals", "text", reasons[shown])),
        ):
            if chosen.any():
                on = Values("as_of", "date", np.full(int(chosen.sum()), np.datetime64(run.as_of, "D").astype(np.int64)))
                columns = [*_columns(run, book, found, chosen), on, signals]
                copy_in(cursor, partition_name(ChurnScore, month_of(run.as_of)), columns)


def _columns(run: ChurnRun, book: Book, found: Appraised, chosen: npt.NDArray[np.bool_]) -> list[Values]:
    count = int(chosen.sum())
    return [
        Values("run_id", "int8", np.full(count, run.pk)),
        Values("client_id", "int8", book.client_id[chosen]),
        Values("branch_id", "int8", np.full(count, run.branch_id)),
        Values("score", "float8", found.score[chosen]),
        Values("band", "int2", found.band[chosen]),
        Values("value_at_risk_fen", "int8", found.value_at_risk_fen[chosen]),
    ]


def _bring_up_to_date(run: ChurnRun, book: Book, found: Appraised, reasons: Texts) -> int:
    """Write anew who stands where now, unless a later day stands already; return of how many clients."""
    if ChurnRun.objects.filter(branch=run.branch_id, as_of__gt=run.as_of).exists():
        return 0
    shown = found.score > 0
    with connection.cursor() as cursor:
        cursor.execute(FADED, [run.branch_id])
        if shown.any():
            words = [Values("codes", "text", codes(found)), Values("signals", "text", reasons[shown])]
            copy_in(cursor, ChurnStanding._meta.db_table, [*_columns(run, book, found, shown), *words])
    return int(shown.sum())
