"""What a version of the points would make of the clients of the last night, before anybody accepts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import transaction

from office.errors import DomainError
from office.models import Branch
from retention.models import Band, ChurnRun, PointSet
from retention.operations.churn import run_before, terms
from retention.operations.churn_facts import read_book
from retention.scoring.appraising import Appraised, Found, appraise
from segmentation.models import WindowState

MOST_MOVED = 12  # clients told by name


class NothingToCompare(DomainError):
    """There is no night to compare with, or the next one is on its way."""


@dataclass(frozen=True)
class Move:
    """One client who would stand in another band."""

    client_id: int
    before: float
    after: float
    band_before: int
    band_after: int

    @property
    def labels(self) -> tuple[str, str]:
        """Both bands in words."""
        return str(Band(self.band_before).label), str(Band(self.band_after).label)


@dataclass(frozen=True)
class Trial:
    """Both versions on the same facts: clients by band, what is at risk above quiet, who moves."""

    run: ChurnRun
    clients: int
    bands: list[tuple[str, int, int]]  # label, before, after
    risk_fen: tuple[int, int]
    up: int
    down: int
    moves: list[Move]


@transaction.atomic
def try_points(point_set: PointSet, present: PointSet) -> Trial:
    """Score the facts of the last night by both versions; nothing is written. Raises NothingToCompare."""
    branch = point_set.branch
    run = _last_run(branch)
    book = read_book(branch, run.as_of, run_before(branch, run.as_of))
    found = Found(contribution_fen=book.contribution_fen, **book.signs)
    before, after = (
        appraise(found, terms(each), np.datetime64(run.as_of), book.sessions) for each in (present, point_set)
    )
    moved = np.flatnonzero(before.band != after.band)
    order = moved[np.argsort(-after.value_at_risk_fen[moved], kind="stable")]
    return Trial(
        run=run,
        clients=len(book.client_id),
        bands=_bands(before, after),
        risk_fen=(_risk(before), _risk(after)),
        up=int((after.band > before.band).sum()),
        down=int((after.band < before.band).sum()),
        moves=[
            Move(
                int(book.client_id[at]), float(before.score[at]), float(after.score[at]), int(before.band[at]),
                int(after.band[at]),
            )
            for at in order.tolist()
        ][:MOST_MOVED],
    )  # fmt: skip


def _last_run(branch: Branch) -> ChurnRun:
    run = ChurnRun.objects.filter(branch=branch).order_by("-as_of", "-edition").first()
    if run is None:
        raise NothingToCompare("还没有流失评分，首次夜间作业后可以比较")
    if not WindowState.objects.filter(branch=branch, as_of=run.as_of).exists():
        raise NothingToCompare("夜间作业正在更新数据，请在作业完成后比较")
    return run


def _bands(before: Appraised, after: Appraised) -> list[tuple[str, int, int]]:
    counts = [np.bincount(each.band, minlength=len(Band)) for each in (before, after)]
    return [(str(band.label), int(counts[0][band]), int(counts[1][band])) for band in sorted(Band, reverse=True)]


def _risk(found: Appraised) -> int:
    return int(found.value_at_risk_fen[found.band >= Band.WATCH].sum())
