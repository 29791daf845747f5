"""Plans as background work: computing one for a whole branch takes longer than a page should."""

from datetime import date

from celery import shared_task

from office.jobs import claimed
from office.models import Branch, Employee
from segmentation.models import AllocationPlan
from segmentation.operations.proposing import propose_plan
from segmentation.queries.plans import PROPOSE_JOB


@shared_task(acks_late=True, ignore_result=True)
def propose(branch_id: int, day: str, edition: int, by: int) -> None:
    """Compute the full plan of a branch as of `day` (ISO date) that an employee asked for."""
    branch, as_of = Branch.objects.get(pk=branch_id), date.fromisoformat(day)
    with claimed(PROPOSE_JOB, as_of, branch, edition=edition) as ledger:
        if ledger:
            plan = propose_plan(branch, as_of, AllocationPlan.Kind.FULL, by=Employee.objects.get(pk=by))
            ledger.seen, ledger.changed = int(plan.metrics["clients"]), plan.lines.count()
            ledger.detail = {"plan": plan.plan_no}
