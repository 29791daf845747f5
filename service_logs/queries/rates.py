"""How much of what was owed was done: mandatory in the rate, optional apart (MOT-02, MOT-03, MOT-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from office.models import Branch, Employee
from service_logs.models import AIM_TIERS, Contact, Kind, Task
from service_logs.queries.attention import REACHED

DONE = Q(state=Task.State.DONE)
SHOWN = ~Q(opened_on=None)  # what waited for room to the end was laid before nobody
ON_TIME = DONE & Q(done_at__lte=F("due_at"))
IS_REACHED = DONE & Q(result__in=[str(result) for result in REACHED])


@dataclass(frozen=True)
class Rate:
    """Tasks that fell due in a span of days and what became of them. Shares run from 0 to 1, None without tasks."""

    owed: int
    done: int
    on_time: int
    reached: int

    @property
    def done_share(self) -> float | None:
        """Done of owed."""
        return self.done / self.owed if self.owed else None

    @property
    def on_time_share(self) -> float | None:
        """Done until the deadline, of owed."""
        return self.on_time / self.owed if self.owed else None

    @property
    def reached_share(self) -> float | None:
        """Reached of done."""
        return self.reached / self.done if self.done else None


@dataclass(frozen=True)
class Completion:
    """The rates of one branch or person: only `mandatory` and `contacts` are duties, the rest is told apart."""

    mandatory: Rate  # MOT and tasks by hand
    contacts: Rate  # contacts by the rhythm
    optional_done: int
    aim: Rate  # optional at platinum and above

    @property
    def aim_share(self) -> float | None:
        """Share of aims done (MOT-03)."""
        return self.aim.done_share


def completion(branch: Branch, since: date, until: date, owner: Employee | None = None) -> Completion:
    """Return the rates of what fell due from `since` to `until`, both included, of one person if `owner` is given.

    Optional tasks are in no rate, nor is what waited for room in a day until it expired.
    """
    tasks = Task.objects.filter(branch=branch, due_at__date__gte=since, due_at__date__lte=until)
    if owner is not None:
        tasks = tasks.filter(owner=owner)
    tasks = tasks.exclude(state=Task.State.CANCELLED)
    duties = tasks.filter(SHOWN | DONE, kind=Kind.MANDATORY)
    optional = tasks.filter(kind=Kind.OPTIONAL)
    return Completion(
        mandatory=_rate(duties.exclude(source=Task.Source.PLAN)),
        contacts=_rate(duties.filter(source=Task.Source.PLAN)),
        optional_done=optional.filter(DONE).count(),
        aim=_rate(optional.filter(tier__in=AIM_TIERS)),
    )


def completion_by_owner(branch: Branch, since: date, until: date) -> dict[int, Rate]:
    """Return employee id → rate of the mandatory tasks and contacts together."""
    rows = (
        Task.objects.filter(branch=branch, due_at__date__gte=since, due_at__date__lte=until, kind=Kind.MANDATORY)
        .filter(SHOWN | DONE, owner__isnull=False)
        .exclude(state=Task.State.CANCELLED)
        .values_list("owner_id")
        .annotate(**_counts())
        .order_by("owner_id")
    )
    return {owner_id: Rate(*counted) for owner_id, *counted in rows}


def _rate(tasks: QuerySet[Task]) -> Rate:
    return Rate(**tasks.aggregate(**_counts()))


def _counts() -> dict[str, Count]:
    return {
        "owed": Count("pk"),
        "done": Count("pk", filter=DONE),
        "on_time": Count("pk", filter=ON_TIME),
        "reached": Count("pk", filter=IS_REACHED),
    }


@dataclass(frozen=True)
class Initiative:
    """Who began the contacts of a span of days: passive service becomes active service (MOT-04)."""

    by_staff: int
    by_client: int

    @property
    def staff_share(self) -> float | None:
        """Begun by staff, 0 to 1; None without contacts."""
        total = self.by_staff + self.by_client
        return self.by_staff / total if total else None


def initiative(branch: Branch, since: date, until: date, author: Employee | None = None) -> Initiative:
    """Return how many contacts staff and clients began from `since` to `until`, both included."""
    entries = Contact.objects.standing().filter(branch=branch, at__date__gte=since, at__date__lte=until)
    if author is not None:
        entries = entries.filter(author=author)
    told = entries.aggregate(
        by_staff=Count("pk", filter=Q(initiator=Contact.Initiator.STAFF)),
        by_client=Count("pk", filter=Q(initiator=Contact.Initiator.CLIENT)),
    )
    return Initiative(**told)
