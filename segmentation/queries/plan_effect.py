"""What an applied plan did for service: contacts with the clients it moved, before it and since (ALC-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, Sum

from segmentation.models import AllocationPlan, PlanLine
from segmentation.queries.plans import Comparison
from service_logs.models import MESSAGES, Contact
from service_logs.queries.attention import REACHED
from service_logs.queries.scope import midnight

LONGEST_DAYS = 90
ENOUGH = 10  # contacts since; fewer say nothing


@dataclass(frozen=True)
class Effort:
    """Contacts staff tried in a span of days: how many, how many reached the client, and the minutes they took."""

    tried: int
    reached: int
    minutes: int
    timed: int  # of those reached, the ones whose minutes were written down

    @property
    def reached_share(self) -> float | None:
        """Reached of tried, 0 to 1; None without contacts."""
        return self.reached / self.tried if self.tried else None

    @property
    def minutes_each(self) -> float | None:
        """Minutes spent, in vain or not, for each contact that reached; None where no minutes are known."""
        return self.minutes / self.timed if self.timed else None


@dataclass(frozen=True)
class PlanEffect:
    """The same number of whole days before a plan took effect and since then."""

    days: int
    before: Effort
    after: Effort

    @property
    def is_enough(self) -> bool:
        """Whether there are contacts enough since to compare."""
        return self.after.tried >= ENOUGH

    @property
    def comparisons(self) -> list[Comparison]:
        """Return the figures of before beside those of after."""
        before, after = self.before, self.after
        return [
            Comparison("尝试联系（次）", before.tried, after.tried),
            Comparison("联系上（次）", before.reached, after.reached),
            Comparison("联系成功率（%）", before.reached_share, after.reached_share, 1, 100.0),
            Comparison("每次联系上所用（分钟）", before.minutes_each, after.minutes_each, 1),
        ]


def plan_effect(plan: AllocationPlan, today: date) -> PlanEffect | None:
    """Return how contacts went with the clients the plan moved, over as many days before as have passed since.

    Both spans are whole days, today is not counted, at most 90 each. What the client began and what
    was sent to many at once are no attempts. None unless the plan is applied and has an effective day.
    """
    if plan.state != AllocationPlan.State.APPLIED or plan.effective_on is None:
        return None
    effective = plan.effective_on
    days = min(max((today - effective).days, 0), LONGEST_DAYS)
    turn = midnight(effective)
    found = (
        Contact.objects.standing()
        .filter(
            branch_id=plan.branch_id,
            client__in=plan.lines.filter(state=PlanLine.State.APPLIED).values("client"),
            at__gte=midnight(effective - timedelta(days)),
            at__lt=midnight(effective + timedelta(days)),
            initiator=Contact.Initiator.STAFF,
            direction=Contact.Direction.OUT,
        )
        .exclude(channel__in=MESSAGES)
        .aggregate(**_counts("before", Q(at__lt=turn)), **_counts("after", Q(at__gte=turn)))
    )
    before, after = (
        Effort(**{name: found[f"{span}_{name}"] or 0 for name in ("tried", "reached", "minutes", "timed")})
        for span in ("before", "after")
    )
    return PlanEffect(days, before, after)


def _counts(span: str, within: Q) -> dict[str, Count | Sum]:
    reached = within & Q(result__in=REACHED)
    return {
        f"{span}_tried": Count("pk", filter=within),
        f"{span}_reached": Count("pk", filter=reached),
        f"{span}_minutes": Sum("duration_min", filter=within),
        f"{span}_timed": Count("pk", filter=reached & Q(duration_min__isnull=False)),
    }
