"""The scores of a run as other programs read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from office.models import Branch
from segmentation.models import ClientScore, Flag, ScoringRun

COLUMNS = (
    "branch", "client_no", "commission_raw", "purchasing_raw", "assets_raw", "commission_norm", "purchasing_norm",
    "assets_norm", "value", "rank", "value_type", "tier", "contribution", "in_core", "stale",
)  # fmt: skip


def published_on(branch: Branch, as_of: date) -> ScoringRun | None:
    """Return the newest published run of that date."""
    runs = ScoringRun.objects.filter(branch=branch, as_of=as_of, state=ScoringRun.State.PUBLISHED)
    return runs.order_by("-edition").first()


def score_lines(run: ScoringRun) -> Iterator[tuple[str | int, ...]]:
    """Yield one row of COLUMNS per client in the order of client numbers; yuan with two decimals, points with four."""
    scores = ClientScore.objects.filter(run=run, as_of=run.as_of).order_by("client__client_no")
    for score in scores.select_related("client").iterator(chunk_size=5000):
        yield (
            run.branch.code,
            score.client.client_no,
            *(f"{yuan:.2f}" for yuan in (score.commission_raw, score.purchasing_raw, score.assets_raw)),
            *(f"{points:.4f}" for points in (score.commission_norm, score.purchasing_norm, score.assets_norm)),
            f"{score.value:.4f}",
            score.rank,
            score.value_type.value,
            score.tier.value,
            f"{score.contribution_fen / 100:.2f}",
            int(score.is_core),
            int(Flag.STALE in score.flags),
        )
