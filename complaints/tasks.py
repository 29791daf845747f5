"""Background work of complaints."""

from celery import shared_task
from django.utils import timezone

from complaints.operations.deadlines import tick
from complaints.operations.files import remove_expired
from office.models import Branch


@shared_task(acks_late=True, ignore_result=True)
def watch_deadlines() -> None:
    """Remind of what is nearly due and tell who must know of what is late; beat calls this every ten minutes."""
    for branch in Branch.objects.order_by("code"):
        tick(branch, timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def remove_expired_papers() -> None:
    """Delete the papers whose twenty years are over, but for those under a hold; once a month is enough."""
    for branch in Branch.objects.order_by("code"):
        remove_expired(branch, timezone.localdate())
