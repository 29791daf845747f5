"""Background work of retention; `watch_clocks` is called by beat, `tell_managers` by whoever registered by REST."""

from celery import shared_task
from django.utils import timezone

from office.models import Branch
from retention.operations import closures
from retention.operations.breaches import tell_breaches


@shared_task(acks_late=True, ignore_result=True)
def watch_clocks() -> None:
    """Tell compliance of every request past its deadline, and managers of any they were not told of."""
    now = timezone.now()
    for branch in Branch.objects.order_by("pk"):
        tell_breaches(branch, now)
        closures.tell_managers(branch, now)


@shared_task(acks_late=True, ignore_result=True)
def tell_managers(branch_id: int) -> None:
    """Tell the managers of a branch of the requests just registered."""
    closures.tell_managers(Branch.objects.get(pk=branch_id), timezone.now())
