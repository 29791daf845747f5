"""Counter files as background work; `manage.py feed import` is the twin by hand."""

from celery import shared_task
from django.utils import timezone

from clients.operations.deliveries import import_received, import_waiting
from clients.operations.rest_feeds import give_up_abandoned, import_all_closed, import_closed


@shared_task(acks_late=True, ignore_result=True)
def import_batch(batch_id: int) -> None:
    """Take in the files of a batch opened on the page; a batch that is finished is left alone."""
    import_received(batch_id)


@shared_task(acks_late=True, ignore_result=True)
def import_deliveries() -> None:
    """Take in what the counter has dropped since the last look; beat calls this before the nights."""
    import_waiting()
    import_all_closed()
    give_up_abandoned(timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def import_rest_feed(feed_id: int) -> None:
    """Take in a delivery that came by REST and was closed."""
    import_closed(feed_id)
