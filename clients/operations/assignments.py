"""Who is responsible for a client: the one writer of the service relation and of the manager that lists show."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from clients.models import ServiceAssignment

BATCH = 5_000


@transaction.atomic
def assign_clients(
    pairs: Sequence[tuple[int, int | None]],
    *,
    on: date,
    reason: str,
    plan_no: str = "",
    role: str = ServiceAssignment.Role.MAIN,
) -> int:
    """Make each employee of `pairs` (client id, employee id or None) responsible from `on`; returns how many.

    The present assignment is closed, never overwritten, and so is a substitute's; the development relation is
    untouched.
    """
    clients = [client for client, _ in pairs]
    open_ones = ServiceAssignment.objects.filter(client__in=clients, ends_on=None, role__in=["main", "interim"])
    open_ones.update(ends_on=on)
    end_substitutes(clients, on=on)
    ServiceAssignment.objects.bulk_create(
        [
            ServiceAssignment(
                client_id=client, employee_id=employee, role=role, starts_on=on, reason=reason, plan_no=plan_no
            )
            for client, employee in pairs
            if employee is not None
        ],
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clients_clientstanding s SET manager_id = wanted.employee_id"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(client_id, employee_id)"
            " WHERE s.client_id = wanted.client_id AND s.manager_id IS DISTINCT FROM wanted.employee_id",
            [clients, [employee for _, employee in pairs]],
        )
    return len(pairs)


def keep_substitutes(pairs: Sequence[tuple[int, int]], *, since: date, until: date, reason: str, plan_no: str) -> int:
    """Let each employee of `pairs` (client id, employee id) stand in from `since`; `until` is the first day without."""
    rows = [
        ServiceAssignment(
            client_id=client,
            employee_id=employee,
            role=ServiceAssignment.Role.SUBSTITUTE,
            starts_on=since,
            ends_on=until,
            reason=reason,
            plan_no=plan_no,
        )
        for client, employee in pairs
    ]
    return len(ServiceAssignment.objects.bulk_create(rows, batch_size=BATCH))


def end_substitutes(clients: Sequence[int], *, on: date) -> int:
    """Let nobody stand in for these clients from `on`; returns how many did."""
    standing_in = ServiceAssignment.objects.filter(
        client__in=clients, role=ServiceAssignment.Role.SUBSTITUTE, ends_on__gt=on
    )
    return standing_in.update(ends_on=Greatest("starts_on", Value(on)))
