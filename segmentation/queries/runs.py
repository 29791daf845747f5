"""The scoring runs of a branch: which one readers see, what a night would work on, what a run found."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet

from clients.models import (
    AccountDay,
    AccountEvent,
    FactChange,
    ImportBatch,
    ImportFile,
    PositionDay,
    ProductPurchase,
    Trade,
)
from office.models import Branch
from segmentation.models import ScoringRun, TierHistory, WeightSet

Published = ScoringRun.State.PUBLISHED
FACTS: dict[str, Any] = {  # kind of file → its rows by day
    "daily_metrics": AccountDay,
    "positions": PositionDay,
    "trades": Trade,
    "product_purchases": ProductPurchase,
    "account_events": AccountEvent,
}
FIRST_VERSION = 1  # of the weights a branch starts with


def published_run(branch: Branch) -> ScoringRun | None:
    """Return the run that readers see: the latest published edition of the latest date."""
    return ScoringRun.objects.filter(branch=branch, state=Published).order_by("-as_of", "-edition").first()


def run_before(branch: Branch, as_of: date) -> ScoringRun | None:
    """Return the published run that a run of `as_of` goes on from."""
    earlier = ScoringRun.objects.filter(branch=branch, state=Published, as_of__lt=as_of)
    return earlier.order_by("-as_of", "-edition").first()


def input_hash(branch: Branch, as_of: date) -> str:
    """Return the fingerprint of everything a run of `as_of` depends on.

    What deliveries brought of days up to `as_of`, corrections of such days, the version of the
    weights, tiers set by hand, and the run it goes on from. The same fingerprint means the same result.
    """
    weights = WeightSet.objects.valid_on(branch, as_of).first()
    before = run_before(branch, as_of)
    undated = Q(day=None, file__batch__as_of__lte=as_of)
    changes = FactChange.objects.filter(Q(day__lte=as_of) | undated, branch=branch).aggregate(last=Max("pk"))
    by_hand = decisions_by_hand(branch, as_of)
    told = {
        "branch": branch.code,
        "as_of": as_of.isoformat(),
        "weights": weights.version if weights else FIRST_VERSION,
        "before": before.pk if before else None,
        "files": _brought(branch, as_of),
        "changes": changes["last"],
        "overrides": by_hand.aggregate(last=Max("pk"))["last"],
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _brought(branch: Branch, as_of: date) -> list[tuple[str, int, int]]:
    """Return content and counts of each file that added or changed something of `as_of` or before.

    The same content again counts only if more of it landed, as when its clients were known by then.
    """
    files = ImportFile.objects.filter(batch__branches=branch, state=ImportBatch.State.DONE).exclude(kind="")
    files = files.filter(Q(inserted__gt=0) | Q(changed__gt=0))
    told = set(files.filter(batch__as_of__lte=as_of).values_list("sha256", "inserted", "changed"))
    for file in files.filter(Q(first_day__lte=as_of) | Q(first_day=None), batch__as_of__gt=as_of, kind__in=FACTS):
        if _reaches_back(file, branch, as_of):
            told.add((file.sha256, file.inserted, file.changed))
    return sorted(told)


def _reaches_back(file: ImportFile, branch: Branch, as_of: date) -> bool:
    """Whether a file of a later delivery holds rows of the branch that stand on `as_of` or before."""
    rows = FACTS[file.kind].objects.filter(branch=branch, batch_id=file.batch_id, day__lte=as_of)
    return bool((rows.filter(day__gte=file.first_day) if file.first_day else rows).exists())


def decisions_by_hand(branch: Branch, as_of: date) -> QuerySet[TierHistory]:
    """Return what people decided about tiers up to `as_of`: overrides and their early ends, not what runs wrote."""
    reasons = (TierHistory.Reason.OVERRIDE, TierHistory.Reason.OVERRIDE_ENDED)
    return TierHistory.objects.filter(client__branch=branch, reason__in=reasons, run=None, as_of__lte=as_of)


def run_figures(run: ScoringRun) -> dict[str, Any]:
    """Return what the run found for the whole branch.

    Keys: clients, tier_changes, type_changes, rank_correlation (None without a run before),
    effective_weights (three shares), nulls, assets_fen, commission_fen, core_count, core_share (of
    the contribution), contribution_fen, tier_counts, type_counts, and what the night tells beside.
    """
    return dict(run.metrics)
