"""What people want of allocation: a plan to be made, a manager to stay or to go."""

from datetime import date

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from clients.models import Client
from office.audit import record
from office.errors import DomainError
from office.jobs import LEASE
from office.models import Branch, Employee, JobRun
from segmentation.models import ClientSuggestion, ManagerWish, SuitedKinds
from segmentation.queries.plans import PROPOSE_JOB


@transaction.atomic
def ask_for_plan(branch: Branch, as_of: date, *, by: Employee) -> JobRun:
    """Note that a full plan is wanted; the task that computes it takes the run up.

    Raises DomainError while one is being computed, unless that has shown no sign of life for the length of a lease.
    """
    open_ = [JobRun.State.WAITING, JobRun.State.RUNNING]
    with connection.cursor() as cursor:  # of two who ask at once the second sees the run of the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [PROPOSE_JOB, branch.pk])
    runs = JobRun.objects.filter(branch=branch, name=PROPOSE_JOB)
    last = runs.order_by("-pk").first()
    if last is not None and last.state in open_ and (last.started_at or timezone.now()) > timezone.now() - LEASE:
        raise DomainError("已有一份方案正在生成，完成后请刷新页面")
    edition = runs.filter(as_of=as_of).aggregate(last=Max("edition"))["last"] or 0
    record("segmentation.plan_asked", "分配方案", by=by, after={"as_of": as_of.isoformat()})
    return JobRun.objects.create(
        name=PROPOSE_JOB, branch=branch, as_of=as_of, edition=edition + 1, started_at=timezone.now()
    )


@transaction.atomic
def record_wish(client: Client, wish: ManagerWish, *, by: Employee) -> ManagerWish:
    """Write down what the client said about a manager; a later word replaces the earlier one about the same person."""
    kept, _ = ManagerWish.objects.update_or_create(
        client=client,
        employee=wish.employee,
        defaults={"kind": wish.kind, "said_on": wish.said_on, "note": wish.note},
    )
    record("segmentation.wish_recorded", client, by=by, after={"kind": kept.kind, "employee": kept.employee_id})
    return kept


@transaction.atomic
def state_kinds(employee: Employee, kinds: list[str], note: str) -> bool:
    """Write down which kinds of clients suit `employee`, in his own words; returns whether anything changed."""
    stated, _ = SuitedKinds.objects.select_for_update().get_or_create(employee=employee)
    before = {"kinds": stated.kinds, "note": stated.note}
    stated.kinds, stated.note = kinds, note.strip()[:160]
    after = {"kinds": stated.kinds, "note": stated.note}
    if before == after:
        return False
    stated.save(update_fields=["kinds", "note", "changed_at"])
    record("segmentation.kinds_stated", "适合的客户", by=employee, before=before, after=after)
    return True


@transaction.atomic
def suggest_client(client: Client, kind: str, note: str, *, on: date, by: Employee) -> ClientSuggestion:
    """Write down that `by` would like to have or give up the client; a later word replaces his earlier one.

    Raises DomainError if he asks for a client he serves, or gives up one he does not.
    """
    is_his = client.standing.manager_id == by.pk
    if is_his == (kind == ClientSuggestion.Kind.WANT):
        raise DomainError("客户已在您名下，无须再建议" if is_his else "只能建议转出自己名下的客户")
    said, _ = ClientSuggestion.objects.update_or_create(
        employee=by, client=client, defaults={"branch_id": client.branch_id, "kind": kind, "note": note, "said_on": on}
    )
    record("segmentation.client_suggested", client, by=by, after={"kind": kind}, reason=note[:200])
    return said


@transaction.atomic
def withdraw_suggestion(suggestion: ClientSuggestion, *, by: Employee) -> None:
    """Take back one's own word about a client. Raises DomainError for anybody else's."""
    if suggestion.employee_id != by.pk:
        raise DomainError("只能撤回自己的建议")
    record("segmentation.suggestion_withdrawn", suggestion.client, by=by, before={"kind": suggestion.kind})
    suggestion.delete()
