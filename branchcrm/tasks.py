"""The night as background work: a chain of nights per branch, the branches side by side."""

from datetime import date, datetime, time, timedelta

from celery import chain, group, shared_task
from django.utils import timezone

from branchcrm import bridge
from branchcrm.feed_of_day import due_days
from branchcrm.night import run_night
from branchcrm.operations import answer_asker
from office.models import Branch

DEGRADE_AT = time(6, 0)  # Shanghai: without a feed until then the branch opens on the old figures


@shared_task
def start_nights() -> None:
    """Send every branch into the nights it still owes up to yesterday; beat calls this from 02:00 until the morning."""
    yesterday = timezone.localdate() - timedelta(days=1)
    branches = Branch.objects.order_by("code")
    group(
        chain(night_of_branch.si(branch.code, day.isoformat()) for day in due_days(branch, yesterday))
        for branch in branches
    ).apply_async()


@shared_task
def night_of_branch(code: str, day: str) -> None:
    """Run the night of one branch that follows `day` (ISO date); before 06:00 it waits for a feed."""
    after = date.fromisoformat(day)
    run_night(Branch.objects.get(code=code), after, may_degrade=_is_late(after))


@shared_task(acks_late=True, ignore_result=True)
def raise_same_day(branch_id: int | None = None) -> None:
    """Make tasks of what happened today, at one branch or at all; beat calls it every minute, views at once."""
    branches = Branch.objects.order_by("code")
    for branch in branches if branch_id is None else branches.filter(pk=branch_id):
        bridge.raise_same_day(branch, timezone.now())


@shared_task
def night_by_hand(code: str, day: str) -> None:
    """Run that night because a person asked for it: it does not wait."""
    branch, after = Branch.objects.get(code=code), date.fromisoformat(day)
    answer_asker(branch, after, run_night(branch, after))


def _is_late(day: date) -> bool:
    """Whether the morning after `day` has come so far that the night must do without a feed."""
    limit = datetime.combine(day + timedelta(days=1), DEGRADE_AT, tzinfo=timezone.get_current_timezone())
    return timezone.now() >= limit
