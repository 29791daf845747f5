"""Who won a client: development relations as the ledger of the counter enters them."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from clients.models import Client, DevelopmentRelation
from office.audit import record
from office.models import Branch, Employee

Entry = tuple[int, int, str, date]  # client id, employee id, state, day entered
BATCH = 5_000


@transaction.atomic
def enter_relations(branch: Branch, entries: Sequence[Entry], *, by: Employee) -> int:
    """Enter development relations of clients of the branch who have none yet; return how many were entered.

    The day of opening is the client's own; the relation is entered on the next trading day or later
    (T+1), which the caller gives. Nothing is entered over a relation that exists.
    """
    clients = Client.objects.filter(branch=branch, pk__in=[entry[0] for entry in entries])
    opened = dict(clients.filter(development=None).values_list("pk", "opened_on"))
    rows = [
        DevelopmentRelation(
            client_id=client, employee_id=employee, state=state, opened_on=opened[client] or entered_on,
            entered_on=entered_on,
        )
        for client, employee, state, entered_on in entries
        if client in opened
    ]  # fmt: skip
    DevelopmentRelation.objects.bulk_create(rows, batch_size=BATCH)
    if rows:
        record("clients.relations_entered", "clients.developmentrelation", by=by, after={"rows": len(rows)})
    return len(rows)
