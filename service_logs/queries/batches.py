"""What a batch of tasks will be, before it is made, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from clients.models import Client, ClientStanding
from clients.models.client import StandingQuerySet
from office.models import Employee
from service_logs.models import Task, TaskBatch

MOST = 2_000  # clients of one act


@dataclass(frozen=True)
class Share:
    """How many of the tasks fall to one person; "" where the client has no manager."""

    name: str
    count: int


def servable(standings: StandingQuerySet) -> StandingQuerySet:
    """Keep of a filtered list whom a task can be made for: who neither left nor died."""
    kept = standings.filter(is_closed=False, client__is_deceased=False).order_by()
    return kept.exclude(client__status=Client.Status.CLOSED)


def spread(standings: QuerySet[ClientStanding]) -> list[Share]:
    """Return how the clients are spread over their managers, the most first."""
    rows = standings.values_list("manager__name").annotate(count=Count("pk")).order_by("-count", "manager__name")
    return [Share(name or "", count) for name, count in rows]


def clients_of(user: Employee, standings: QuerySet[ClientStanding]) -> list[Client]:
    """Return the clients of a filtered list that `user` may know of, one more than the limit at most."""
    found = Client.objects.visible_to(user).filter(pk__in=standings.values("pk"))
    return list(found.select_related("standing", "branch").order_by("pk")[: MOST + 1])


def states_of(batch: TaskBatch, made_on: date) -> list[tuple[str, int]]:
    """Return (state in words, count) of the tasks of a batch."""
    rows = Task.objects.filter(branch=batch.branch, made_on=made_on, facts__batch=batch.pk).order_by()
    counts = dict(rows.values_list("state").annotate(count=Count("pk")))
    return [(str(state.label), counts[state]) for state in Task.State if state in counts]
