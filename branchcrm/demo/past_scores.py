"""The appraisals a demonstration branch looks back on: month after month, then of the day before the nights."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from branchcrm.demo.scale import LARGE, Scale, Timeline
from office.models import Branch
from segmentation.models import ScoringRun
from segmentation.operations.publishing import publish_run
from segmentation.operations.scoring import score_branch
from segmentation.operations.windows import roll_windows
from service_logs.operations.signals import take_as_known

LEAST_DAYS = 120  # trading days of history before the first appraisal; of less, a sum of twelve months says little


def score_months(branch: Branch, scale: Scale, timeline: Timeline) -> int:
    """Score and publish the month-ends and the last day but two; return how many days were scored.

    Whoever looks at a client then sees a course of months, and the nights of the last two days, which
    `make run` works through, have a yesterday to compare with. A branch that is scored already stays
    as it is; a large one tells none of it.
    """
    if scale.clients >= LARGE or ScoringRun.objects.filter(branch=branch).exists():
        return 0
    days = _days(timeline)
    for day in days:
        _score(branch, day)
    take_as_known(branch)
    return len(days)


def _days(timeline: Timeline) -> list[date]:
    last = len(timeline) - 1
    ends = timeline.month_ends()
    return [timeline.day(at) for at in range(LEAST_DAYS, last - 1) if ends[at] or at == last - 2]


@transaction.atomic
def _score(branch: Branch, day: date) -> None:
    roll_windows(branch, day)
    run, _ = score_branch(branch, day)
    publish_run(run)
