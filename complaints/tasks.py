"""Background work of complaints."""

from celery import shared_task
from django.utils import timezone

from complaints.operations.deadlines import tick
from complaints.operations.files import remove_expired
from complaints.operations.survey_watch import watch_runs
from complaints.operations.yearly import remind_of_report
from office.models import Branch


@shared_task(acks_late=True, ignore_result=True)
def watch_deadlines() -> None:
    """Remind of what is nearly due and tell who must know of what is late; beat calls this every ten minutes."""
    for branch in Branch.objects.order_by("code"):
        tick(branch, timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def remind_of_reports() -> None:
    """From 31 March to the end of April tell who hands in the yearly report that it is due; beat calls this daily."""
    for branch in Branch.objects.order_by("code"):
        remind_of_report(branch, timezone.localdate())


@shared_task(acks_late=True, ignore_result=True)
def watch_surveys() -> None:
    """Close runs whose last day has passed and write the reminders that are due; beat calls this every hour."""
    for branch in Branch.objects.order_by("code"):
        watch_runs(branch, timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def remove_expired_papers() -> None:
    """Delete the papers whose twenty years are over, but for those under a hold; once a month is enough."""
    for branch in Branch.objects.order_by("code"):
        remove_expired(branch, timezone.localdate())
