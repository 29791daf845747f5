"""How the service of a span of days went, person by person: duties in the rate, optional and initiative apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from office.models import Branch, Employee
from service_logs.models import AIM_TIERS, Contact, Kind, Task
from service_logs.queries.rates import Initiative, Rate, completion_by_owner

QUARTER_DAYS = 90


@dataclass(frozen=True)
class PersonRate:
    """One person's row. Only `duties` is a rate that counts; aims are told apart, optional ones are counted only."""

    pk: int
    name: str
    team: str
    duties: Rate
    optional_done: int
    aims: int
    aims_done: int
    begun: Initiative

    @property
    def aim_share(self) -> float | None:
        """Aims done, 0 to 1; None without aims."""
        return self.aims_done / self.aims if self.aims else None


def person_rates(branch: Branch, ids: tuple[int, ...], since: date, until: date) -> list[PersonRate]:
    """Return a row for each of `ids` who owed a task or wrote an entry, the lowest rate of duties first."""
    duties = completion_by_owner(branch, since, until)
    aims = _optional(branch, since, until)
    begun = _begun(branch, since, until)
    people = Employee.objects.filter(pk__in={*duties, *aims, *begun} & set(ids))
    rows = [
        PersonRate(
            pk=pk,
            name=name,
            team=team or "",
            duties=duties.get(pk, Rate(0, 0, 0, 0)),
            optional_done=aims.get(pk, (0, 0, 0))[0],
            aims=aims.get(pk, (0, 0, 0))[1],
            aims_done=aims.get(pk, (0, 0, 0))[2],
            begun=begun.get(pk, Initiative(0, 0)),
        )
        for pk, name, team in people.values_list("pk", "name", "team__name")
    ]
    return sorted(rows, key=lambda row: (row.duties.done_share is None, row.duties.done_share or 0, row.name))


def summed(rows: list[PersonRate]) -> Rate:
    """Return the duties of all rows as one rate."""
    duties = [row.duties for row in rows]
    return Rate(
        owed=sum(rate.owed for rate in duties),
        done=sum(rate.done for rate in duties),
        on_time=sum(rate.on_time for rate in duties),
        reached=sum(rate.reached for rate in duties),
    )


def _optional(branch: Branch, since: date, until: date) -> dict[int, tuple[int, int, int]]:
    """Return employee id → (optional done, aims, aims done)."""
    done, aim = Q(state=Task.State.DONE), Q(tier__in=AIM_TIERS)
    rows = (
        Task.objects.filter(branch=branch, kind=Kind.OPTIONAL, due_at__date__gte=since, due_at__date__lte=until)
        .exclude(state=Task.State.CANCELLED)
        .exclude(owner=None)
        .order_by()
        .values_list("owner_id")
        .annotate(a=Count("pk", filter=done), b=Count("pk", filter=aim), c=Count("pk", filter=aim & done))
    )
    return {owner: (a, b, c) for owner, a, b, c in rows if owner is not None}


def _begun(branch: Branch, since: date, until: date) -> dict[int, Initiative]:
    rows = (
        Contact.objects.standing()
        .filter(branch=branch, at__date__gte=since, at__date__lte=until)
        .order_by()
        .values_list("author_id")
        .annotate(
            staff=Count("pk", filter=Q(initiator=Contact.Initiator.STAFF)),
            client=Count("pk", filter=Q(initiator=Contact.Initiator.CLIENT)),
        )
    )
    return {author: Initiative(by_staff=staff, by_client=client) for author, staff, client in rows}


def span(period: str, today: date) -> tuple[date, date]:
    """Return the first and last day of a period: week (the default), month, last (month) or quarter (90 days)."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    spans = {
        "month": (month, today),
        "last": (before.replace(day=1), before),
        "quarter": (today - timedelta(days=QUARTER_DAYS), today),
    }
    return spans.get(period, (today - timedelta(days=today.weekday()), today))
