"""Who won a client: development relations as entered, and what an independent visit made of them (RVS-03)."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from clients.errors import NeedsRecording, NotIndependent
from clients.models import Client, DevelopmentRelation
from clients.queries.subjects import bar_of
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


@transaction.atomic
def confirm_relation(relation: DevelopmentRelation, *, visit: str, on: date, by: Employee) -> bool:
    """Confirm who won a client after the visit named `visit` by `by`; return whether it was pending (RVS-01).

    Raises NotIndependent if `by` serves or won the client, or holds a marketing post.
    """
    _refuse_dependent(relation, on, by)
    return _turn(relation, "confirmed", ("pending_visit",), by, {"visit": visit})


@transaction.atomic
def deny_relation(relation: DevelopmentRelation, *, recording_ref: str, visit: str, on: date, by: Employee) -> bool:
    """End a relation that the client does not recognise; return whether it was in force (RVS-03).

    Raises NeedsRecording without the reference of the recording, NotIndependent as `confirm_relation` does.
    """
    if not recording_ref.strip():
        raise NeedsRecording("否认开发关系须有录音编号；补录后关系即删除")
    _refuse_dependent(relation, on, by)
    evidence = {"visit": visit, "recording_ref": recording_ref.strip()}
    return _turn(relation, "denied", ("pending_visit", "confirmed"), by, evidence)


def _refuse_dependent(relation: DevelopmentRelation, on: date, by: Employee) -> None:
    hindrance = bar_of(by, relation.client_id, relation.client.branch_id, on)
    if hindrance is not None:
        raise NotIndependent(f"{by.name}{hindrance.value}，不能认定开发关系；须由独立回访认定")


def _turn(
    relation: DevelopmentRelation, state: str, before: tuple[str, ...], by: Employee, evidence: dict[str, str]
) -> bool:
    changed = DevelopmentRelation.objects.filter(pk=relation.pk, state__in=before).update(state=state)
    if changed:
        old, relation.state = relation.state, state
        record(
            f"clients.relation_{state}", relation, by=by, before={"state": old}, after={"state": state, **evidence},
            branch_id=relation.client.branch_id,
        )  # fmt: skip
    return bool(changed)
