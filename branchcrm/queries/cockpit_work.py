"""What is owed to the clients of a scope, and how much of it was done in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from branchcrm.queries.cockpit_scope import Period, Scope
from clients.models import Tier
from service_logs.models import Kind, Task
from service_logs.queries.scope import midnight
from service_logs.queries.tasks import is_late

ON_TIME = Q(state=Task.State.DONE, done_at__lte=F("due_at"))
MUST = Q(kind=Kind.MANDATORY) & ~Q(source=Task.Source.PLAN)
PLAN = Q(source=Task.Source.PLAN)
LIMIT_PERCENT = 60  # of coverage, below which somebody must look
TARGET_PERCENT = 90  # of mandatory tasks in time
TOP = 6
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """Done in time of what fell due."""

    due: int
    on_time: int

    @property
    def percent(self) -> float | None:
        """In percent, None where nothing was due."""
        return self.on_time / self.due * 100 if self.due else None

    @property
    def heat(self) -> int:
        """The class of a heat cell, 1 (below the limit) to 5."""
        share = self.percent or 0.0
        return 1 if share < LIMIT_PERCENT else min(2 + int((share - LIMIT_PERCENT) // 10), 5)

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.due + other.due, self.on_time + other.on_time)


NOTHING = Rate(0, 0)


@dataclass(frozen=True)
class CoverageRow:
    """One manager's coverage by tier, diamond first."""

    pk: int
    name: str
    team: str
    cells: list[tuple[str, Rate]]

    @property
    def total(self) -> Rate:
        """Over all tiers."""
        return sum((rate for _, rate in self.cells), NOTHING)


@dataclass(frozen=True)
class MustRow:
    """One type of mandatory task."""

    pk: int
    name: str
    rate: Rate


@dataclass(frozen=True)
class States:
    """Tasks by where they stand now, cut as the filters of the task list cut them."""

    late: int  # owed since before today
    today: int  # owed today or before
    week: int  # owed within seven days or before
    owed: int
    waiting: int
    done: int  # in the last 30 days
    expired: int


def _tasks(scope: Scope) -> Any:
    rows = Task.objects.visible_to(scope.user).exclude(state=Task.State.CANCELLED)
    return scope.of_owners(rows).order_by()


@dataclass(frozen=True)
class Rates:
    """Mandatory tasks and planned contacts, in the period and in the one before it."""

    must: Rate
    must_before: Rate
    plan: Rate
    plan_before: Rate


def rates_of(scope: Scope, period: Period, now: datetime) -> Rates:
    """Return how much of what fell due was done in time."""
    start = midnight(period.start)
    is_now, is_before = Q(due_at__gte=start), Q(due_at__lt=start)
    cuts = {
        "must": MUST & is_now,
        "must_before": MUST & is_before,
        "plan": PLAN & is_now,
        "plan_before": PLAN & is_before,
    }
    due = {name: Count("pk", filter=cut) for name, cut in cuts.items()}
    done = {f"{name}_done": Count("pk", filter=cut & ON_TIME) for name, cut in cuts.items()}
    counts = _due(scope, period.before, now).aggregate(**due, **done)
    return Rates(**{name: Rate(counts[name], counts[f"{name}_done"]) for name in cuts})


def _due(scope: Scope, period: Period, now: datetime) -> Any:
    return _tasks(scope).filter(due_at__gte=midnight(period.start), due_at__lt=now)


def coverage_of(scope: Scope, period: Period, now: datetime) -> list[CoverageRow]:
    """Return the coverage per manager and tier, the lowest first."""
    rows = _due(scope, period, now).filter(PLAN, owner__isnull=False)
    counted = rows.values("owner_id", "owner__name", "owner__team__name", "tier").annotate(
        due=Count("pk"), done=Count("pk", filter=ON_TIME)
    )
    cells: dict[tuple[int, str, str], dict[str, Rate]] = {}
    for row in counted:
        person = row["owner_id"], row["owner__name"], row["owner__team__name"] or ""
        cells.setdefault(person, {})[row["tier"]] = Rate(row["due"], row["done"])
    found = [
        CoverageRow(*person, cells=[(tier.value, tiers.get(tier.value, NOTHING)) for tier in reversed(Tier)])
        for person, tiers in cells.items()
    ]
    return sorted(found, key=lambda row: (row.total.percent or 0.0, row.name))


def must_of(scope: Scope, period: Period, now: datetime) -> list[MustRow]:
    """Return the mandatory tasks that fell due by type, the lowest rate first."""
    rows = _due(scope, period, now).filter(MUST, rule__isnull=False)
    counted = rows.values_list("rule_id", "rule__name").annotate(due=Count("pk"), done=Count("pk", filter=ON_TIME))
    found = [MustRow(pk, name, Rate(due, done)) for pk, name, due, done in counted]
    return sorted(found, key=lambda row: (row.rate.percent or 0.0, -row.rate.due, row.pk))


def states_of(scope: Scope, today: date) -> States:
    """Return the tasks of the scope by state."""
    owed, start = Q(state__in=Task.OWED), midnight(today)
    counts = _tasks(scope).aggregate(
        late=Count("pk", filter=owed & is_late(today)),
        today=Count("pk", filter=owed & Q(due_at__lt=start + DAY)),
        week=Count("pk", filter=owed & Q(due_at__lt=start + 8 * DAY)),
        owed=Count("pk", filter=owed),
        waiting=Count("pk", filter=Q(state=Task.State.WAITING)),
        done=Count("pk", filter=Q(state=Task.State.DONE, done_at__gte=start - 30 * DAY)),
        expired=Count("pk", filter=Q(state=Task.State.EXPIRED)),
    )
    return States(**counts)


def signals_of(scope: Scope, day: date) -> list[tuple[int, str, int]]:
    """Return what the night of `day` gave to do about events, by type, the most frequent first: rule, name, tasks."""
    rows = _tasks(scope).filter(source=Task.Source.MOT, rule__isnull=False, made_on=day)
    counted = rows.values_list("rule_id", "rule__name").annotate(n=Count("pk"))
    return sorted(counted, key=lambda row: (-row[2], row[0]))[:TOP]
