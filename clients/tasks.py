"""Counter files as background work; `manage.py feed import` is the twin by hand."""

from celery import shared_task
from django.utils import timezone

from clients.operations.deliveries import import_received, import_waiting
from clients.operations.rest_feeds import closed_feeds, give_up_abandoned, import_closed


@shared_task(acks_late=True, ignore_result=True)
def import_batch(batch_id: int) -> None:
    """Take in the files of a batch opened on the page; a batch that is finished is left alone."""
    import_received(batch_id)


@shared_task(acks_late=True, ignore_result=True)
def import_deliveries() -> None:
    """Take in what the counter has dropped since the last look; beat calls this before the nights."""
    import_waiting()
    give_up_abandoned(timezone.now())
    for feed_id in closed_feeds():  # each by itself: one that breaks its worker must not hold up the others
        import_rest_feed.delay_on_commit(feed_id)


@shared_task(acks_late=True, ignore_result=True)
def import_rest_feed(feed_id: int) -> None:
    """Take in a delivery that came by REST and was closed."""
    import_closed(feed_id)
