"""After clients changed hands: a dossier for each, the former manager as substitute, the new one's word that he read.

nightly.md §5.5. Dossiers are made from the service relation itself, so that no way of changing it passes them by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from clients.models import ClientStanding
from clients.operations.assignments import keep_substitutes
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from office.queries import calendar
from segmentation.models import AllocationPlan, Handover, ManagerWish
from segmentation.queries.allocation import eligible_managers

CONFIRM_DAYS = 3  # trading days after the change, to read and to call
SUBSTITUTE_DAYS = 10  # trading days from the change on
LOOK_BACK = timedelta(days=10)  # the night looks at changes as young as MOT 44 does
KNOWN_WITHIN = 30  # days: who served the client so lately needs no dossier
BATCH = 2_000

FRESH_SQL = """
SELECT a.client_id, past.employee_id, a.employee_id, past.role = 'main', a.starts_on, a.reason, a.plan_no
FROM clients_serviceassignment a
JOIN clients_clientstanding s ON s.client_id = a.client_id
JOIN LATERAL (
    SELECT o.employee_id, o.role FROM clients_serviceassignment o
    WHERE o.client_id = a.client_id AND o.id <> a.id AND o.role IN ('main', 'interim') AND o.ends_on <= a.starts_on
    ORDER BY o.ends_on DESC, o.id DESC LIMIT 1
) past ON past.employee_id <> a.employee_id
WHERE s.branch_id = %(branch)s AND NOT s.is_closed
  AND a.ends_on IS NULL AND a.role IN ('main', 'interim') AND a.starts_on >= %(since)s
  AND NOT EXISTS (
    SELECT 1 FROM segmentation_handover h
    WHERE h.client_id = a.client_id AND h.to_manager_id = a.employee_id AND h.effective_on = a.starts_on
      AND h.state <> 'withdrawn')
  AND NOT EXISTS (
    SELECT 1 FROM clients_serviceassignment k
    WHERE k.client_id = a.client_id AND k.id <> a.id AND k.employee_id = a.employee_id
      AND k.role IN ('main', 'interim') AND k.ends_on > a.starts_on - %(known)s)
ORDER BY a.client_id
"""


class NotTheNewManager(DomainError):
    """Only who was given the client can say that he has read."""

    status = 403


@dataclass(frozen=True)
class Change:
    """One client who was given to somebody else."""

    client_id: int
    from_id: int
    to_id: int
    was_main: bool  # False: the former manager was an interim owner himself
    on: date
    reason: str
    plan_no: str


@transaction.atomic
def build_dossiers(branch: Branch, since: date, *, by: Employee | None) -> int:
    """Make the dossier of every client of the branch who changed hands on or after `since` and has none yet.

    The former manager stands in for 10 trading days, if he may serve and the client has not refused him. Who served
    the client within the last 30 days, or gets him back, needs no dossier. Returns how many were made.
    """
    changes = _fresh(branch, since)
    if not changes:
        return 0
    until = _substitute_ends(branch, changes)
    withdraw([change.client_id for change in changes])
    Handover.objects.bulk_create(_handovers(branch, changes, until), batch_size=BATCH)
    _stand_in(changes, until)
    record("segmentation.handovers_built", "交接档案", by=by, branch_id=branch.pk, after={"clients": len(changes)})
    return len(changes)


def build_recent(branch: Branch, on: date) -> int:
    """Make the dossiers of the last days that are missing: the night's look at changes made elsewhere."""
    return build_dossiers(branch, on - LOOK_BACK, by=None)


def withdraw(clients: Sequence[int]) -> int:
    """Take back the open dossiers of clients who moved on or went back; returns how many."""
    still_open = Handover.objects.filter(client__in=clients, state=Handover.State.OPEN)
    return still_open.update(state=Handover.State.WITHDRAWN)


@transaction.atomic
def confirm_handover(handover: Handover, *, by: Employee) -> None:
    """Note that the new manager has read the dossier. Raises NotTheNewManager, DomainError if it is not open."""
    if handover.to_manager_id != by.pk:
        raise NotTheNewManager("只有新客户经理本人可以确认已阅")
    now = timezone.now()
    mine = Handover.objects.filter(pk=handover.pk, state=Handover.State.OPEN)
    if mine.update(state=Handover.State.CONFIRMED, confirmed_at=now) != 1:
        raise DomainError("这份交接档案已确认或已失效，请刷新页面")
    record("segmentation.handover_confirmed", handover, by=by, after={"client": handover.client.client_no})


def _fresh(branch: Branch, since: date) -> list[Change]:
    with connection.cursor() as cursor:
        cursor.execute(FRESH_SQL, {"branch": branch.pk, "since": since, "known": KNOWN_WITHIN})
        return [Change(*row) for row in cursor.fetchall()]


def _substitute_ends(branch: Branch, changes: list[Change]) -> dict[tuple[int, int], date]:
    """Return for (client, former manager) the first day on which he no longer stands in; who may not is left out."""
    today, trading = timezone.localdate(), calendar(branch.calendar)
    able = {pk for pk, why in eligible_managers(branch, today).items() if why is None}
    refused = set(
        ManagerWish.objects.filter(
            client__in=[change.client_id for change in changes], kind=ManagerWish.Kind.REFUSE
        ).values_list("client_id", "employee_id")
    )
    return {
        (change.client_id, change.from_id): trading.add_trading(change.on, SUBSTITUTE_DAYS)
        for change in changes
        if change.was_main and change.from_id in able and (change.client_id, change.from_id) not in refused
    }


def _handovers(branch: Branch, changes: list[Change], until: dict[tuple[int, int], date]) -> list[Handover]:
    trading = calendar(branch.calendar)
    plans = dict(AllocationPlan.objects.filter(branch=branch).values_list("plan_no", "pk"))
    standings = ClientStanding.objects.in_bulk([change.client_id for change in changes])
    made = []
    for change in changes:
        standing, ends = standings[change.client_id], until.get((change.client_id, change.from_id))
        made.append(
            Handover(
                branch=branch,
                client_id=change.client_id,
                plan_id=plans.get(change.plan_no),
                from_manager_id=change.from_id,
                to_manager_id=change.to_id,
                reason=change.reason,
                effective_on=change.on,
                confirm_by=trading.add_trading(change.on, CONFIRM_DAYS),
                substitute_until=ends - timedelta(days=1) if ends else None,
                tier=standing.tier,
                value=standing.value,
                assets_fen=standing.assets_fen,
                commission_fen=standing.commission_fen,
            )
        )
    return made


def _stand_in(changes: list[Change], until: dict[tuple[int, int], date]) -> None:
    """Write who stands in, from today on where the change takes effect later: nobody loses sight in between."""
    today = timezone.localdate()
    groups: dict[tuple[date, date, str], list[tuple[int, int]]] = {}
    for change in changes:
        pair = change.client_id, change.from_id
        if pair in until:
            groups.setdefault((min(today, change.on), until[pair], change.plan_no), []).append(pair)
    for (since, ends, plan_no), pairs in groups.items():
        keep_substitutes(pairs, since=since, until=ends, reason="交接期代理", plan_no=plan_no)
