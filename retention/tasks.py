"""Background work of retention; `watch_clocks` is called by beat."""

from celery import shared_task
from django.utils import timezone

from office.models import Branch
from retention.operations.breaches import tell_breaches


@shared_task(acks_late=True, ignore_result=True)
def watch_clocks() -> None:
    """Tell compliance of every request that passed its deadline since the last look."""
    now = timezone.now()
    for branch in Branch.objects.order_by("pk"):
        tell_breaches(branch, now)
