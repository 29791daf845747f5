"""Whom the branch has to visit in a year: the base of the sample, those who must be visited, and who may call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.models import Account, Client, DevelopmentRelation, ServiceAssignment
from clients.queries.subjects import subjects_of
from clients.rules import age_on
from office.dates import CalendarExhausted, TradingCalendar
from office.independence import MARKETING, VISITING, Subjects
from office.models import Branch, Employee, Employment, Leave, Role
from service_logs.models import ReturnVisit, Signal, Task
from service_logs.models.return_visit import AFTER_COMPLAINT
from service_logs.rules.deadlines import last_working
from service_logs.rules.visits import (
    COMPLAINT_DAYS,
    DEPARTED_DAYS,
    ELDERLY_FROM,
    KEY_DAYS,
    LARGE_YUAN,
    NEW_ACCOUNT_DAYS,
    RELATION_DAYS,
    Member,
)

K = ReturnVisit.Kind
STATUS = Client.Status
NOT_IN_BASE = (STATUS.PROSPECT, STATUS.OPENING, STATUS.DORMANT, STATUS.SUSPENDED)
NOT_VISITED = (STATUS.PROSPECT, STATUS.OPENING, STATUS.CLOSED)
ROLE_ORDER = (Role.SERVICE_STAFF, Role.HEAD_OFFICE_SERVICE, Role.COMPLIANCE, Role.BRANCH_MANAGER)


def members(branch: Branch, year: int) -> list[Member]:
    """Return who of the base can be drawn: clients since last year or longer, neither dormant nor suspended nor gone.

    The state of a client on 31 December is not kept, so his present one decides.
    """
    rows = _base(branch, year).exclude(status=STATUS.CLOSED).filter(is_deceased=False)
    return [Member(pk, *marks) for pk, marks in marks_of(rows, date(year, 1, 1)).items()]


def base_count(branch: Branch, year: int) -> int:
    """Return how many clients the branch had at 31 December before `year`, those counted who closed since."""
    closed_since = Account.objects.filter(client=OuterRef("pk"), closed_on__gte=date(year, 1, 1))
    return _base(branch, year).filter(~Q(status=STATUS.CLOSED) | Exists(closed_since)).count()


def _base(branch: Branch, year: int) -> QuerySet[Client]:
    known = Q(opened_on=None) | Q(opened_on__lt=date(year, 1, 1))
    return Client.objects.filter(known, branch=branch).exclude(status__in=NOT_IN_BASE)


def marks_of(rows: QuerySet[Client], on: date) -> dict[int, tuple[str, int | None, bool, bool]]:
    """Return client → (tier, manager, whether an agent serves him, whether he is 65 or older on that day)."""
    found = rows.order_by("pk").values_list(
        "pk", "standing__tier", "standing__manager", "standing__manager__employment", "birth_date"
    )
    return {
        pk: (tier, manager, employment == Employment.AGENT, born is not None and age_on(born, on) >= ELDERLY_FROM)
        for pk, tier, manager, employment, born in found
    }


@dataclass(frozen=True)
class Due:
    """One client who must be visited: why, which occasion, until when."""

    client_id: int
    kind: str
    occurrence: str
    due_on: date


def mandatory(branch: Branch, year: int, today: date) -> list[Due]:
    """Return who must be visited in `year` as far as is known today, whether or not it was done; one kind a client.

    Of several reasons the most urgent counts: a complaint, a departed manager, a new account, a pending
    relation, large assets.
    """
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    found = [
        *_after_complaints(branch, first, last),
        *_of_departed(branch, first, last),
        *_new_accounts(branch, first, last),
        *_pending_relations(branch, first),
        *_large(branch, year, today),
    ]
    kept: dict[int, Due] = {}
    for one in found:
        kept.setdefault(one.client_id, one)
    served = Client.objects.filter(pk__in=kept, is_deceased=False).exclude(status__in=NOT_VISITED)
    living = set(served.values_list("pk", flat=True))
    return [one for one in kept.values() if one.client_id in living]


def _after_complaints(branch: Branch, first: date, last: date) -> Iterable[Due]:
    rows = Signal.objects.filter(
        branch=branch, rule__code=AFTER_COMPLAINT, occurred_on__range=(first, last), task__state__in=Task.OWED
    )
    for client, occurrence, day in rows.order_by("pk").values_list("client_id", "occurrence", "occurred_on"):
        yield Due(client, K.COMPLAINT, occurrence, day + timedelta(days=COMPLAINT_DAYS))


def _of_departed(branch: Branch, first: date, last: date) -> Iterable[Due]:
    """Yield whom somebody served who left in the year: up to his last thirty days."""
    left = dict(Employee.objects.filter(branch=branch, left_on__range=(first, last)).values_list("pk", "left_on"))
    rows = ServiceAssignment.objects.filter(client__branch=branch, employee__in=left, role__in=["main", "interim"])
    for client, employee, ends_on in rows.order_by("pk").values_list("client_id", "employee_id", "ends_on"):
        day = left[employee]
        if day is not None and (ends_on is None or ends_on >= day - timedelta(days=DEPARTED_DAYS)):
            yield Due(client, K.DEPARTING_MANAGER, f"left:{employee}", day + timedelta(days=DEPARTED_DAYS))


def _new_accounts(branch: Branch, first: date, last: date) -> Iterable[Due]:
    """Yield whose account was opened in the year, without those whose MOT 2 was answered before there was a plan."""
    told = Task.objects.filter(client=OuterRef("pk"), rule__code="new_account_visit", state=Task.State.DONE)
    rows = Client.objects.filter(branch=branch, opened_on__range=(first, last)).exclude(Exists(told))
    for client, opened in rows.order_by("pk").values_list("pk", "opened_on"):
        assert opened is not None
        yield Due(client, K.NEW_ACCOUNT, f"{opened}", opened + timedelta(days=NEW_ACCOUNT_DAYS))


def _pending_relations(branch: Branch, first: date) -> Iterable[Due]:
    rows = DevelopmentRelation.objects.filter(client__branch=branch, state="pending_visit", client__opened_on__lt=first)
    for client, opened in rows.order_by("pk").values_list("client_id", "opened_on"):
        yield Due(client, K.RELATION, f"{opened}", opened + timedelta(days=RELATION_DAYS))


def _large(branch: Branch, year: int, today: date) -> Iterable[Due]:
    """Yield the clients with large assets: due by the half of the year, a month later who is found after that."""
    due_on = max(date(year, 6, 30), min(today + timedelta(days=KEY_DAYS), date(year, 12, 31)))
    rows = _base(branch, year).filter(standing__assets_fen__gt=LARGE_YUAN * 100)
    for client in rows.order_by("pk").values_list("pk", flat=True):
        yield Due(client, K.KEY, str(year), due_on)


def callers(branch: Branch, on: date) -> list[list[Employee]]:
    """Return who may be given visits, group by group: service staff first, then head office, compliance, the head.

    Whoever holds a marketing post besides is in no group.
    """
    away = Leave.objects.filter(starts_on__lte=on, ends_on__gte=on).values("employee")
    people = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=list(VISITING))
    there = [one for one in people.exclude(pk__in=away).order_by("pk") if one.is_employed(on)]
    independent = [one for one in there if not MARKETING & set(one.roles)]
    groups: list[list[Employee]] = []
    for role in ROLE_ORDER:
        known = {one.pk for group in groups for one in group}
        groups.append([one for one in independent if one.has_role(role) and one.pk not in known])
    return groups


def working_day(day: date, days: TradingCalendar) -> date:
    """Return the last working day up to `day`; beyond the calendar's table the day itself."""
    try:
        return last_working(day, days)
    except CalendarExhausted:
        return day


def whom_about(visits: Sequence[ReturnVisit], on: date) -> list[Subjects]:
    """Return whom each visit is about: who serves or won the client, who served him when it was drawn, who left.

    After a complaint it is about everybody whom the complaint names, too.
    """
    serving = subjects_of([visit.client_id for visit in visits if visit.client_id], on)
    named = _named_before(visits)
    return [_with_others(serving.get(visit.client_id or 0, Subjects()), visit, named) for visit in visits]


def _with_others(subjects: Subjects, visit: ReturnVisit, named: dict[tuple[int, str], frozenset[int]]) -> Subjects:
    kind, _, number = visit.occurrence.partition(":")
    others = {visit.manager_id} if visit.manager_id else set()
    others |= {int(number)} if kind == "left" else set()
    if visit.kind == K.COMPLAINT:
        others |= named.get((visit.client_id or 0, visit.occurrence), frozenset())
    return Subjects(subjects.owners, subjects.developer, frozenset(others))


def _named_before(visits: Sequence[ReturnVisit]) -> dict[tuple[int, str], frozenset[int]]:
    """Return client and occasion → whom the complaint names that the visit follows."""
    asked = {(visit.client_id, visit.occurrence) for visit in visits if visit.kind == K.COMPLAINT}
    if not asked:
        return {}
    rows = Signal.objects.filter(
        client__in={client for client, _ in asked}, occurrence__in={occurrence for _, occurrence in asked},
        rule__code=AFTER_COMPLAINT,
    ).exclude(hidden_from=None)  # fmt: skip
    found = rows.order_by("pk").values_list("client_id", "occurrence", "hidden_from")
    return {(client, occurrence): frozenset(hidden or ()) for client, occurrence, hidden in found}
