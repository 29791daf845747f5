"""The night and a person at the same task: what is done stays done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clients.models import Client
from office.dates import TradingCalendar
from service_logs.models import Task
from service_logs.operations.fitting import fit_into_day, lead_again
from service_logs.operations.task_edits import add_tasks
from service_logs.queries.posts import posts
from tests.conftest import Cast
from tests.service_logs.facts import MORNING, NIGHT

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_until_blocked() -> None:
    """Return when somebody waits for a row that this transaction holds."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
    raise TimeoutError("nobody waited")


def finish_during(work: Callable[[], object], task: Task) -> None:
    """Let somebody finish `task` in a transaction that ends only when `work` waits for it."""
    is_held = Event()

    def late() -> None:
        with closing(connection):
            is_held.wait(timeout=10)
            work()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(late)
        with transaction.atomic():
            Task.objects.filter(pk=task.pk).update(state="done", done_at=timezone.now())
            is_held.set()
            wait_until_blocked()
        done.result(timeout=10)


@pytest.fixture
def waiting(cast: Cast, calendar: TradingCalendar) -> Task:
    """A task that waits, though there is room for it, and leads nothing."""
    wu = Client.objects.get(pk=cast.wu.pk)
    task = add_tasks([wu], title="送对账单", due_on=MORNING, by=cast.li, today=NIGHT)[0]
    Task.objects.update(state="waiting", opened_on=None, is_primary=False)
    return task


@pytest.mark.django_db(transaction=True)
def test_the_night_reopens_nothing_that_was_finished_meanwhile(cast: Cast, waiting: Task) -> None:
    finish_during(lambda: fit_into_day(cast.branch, NIGHT, posts(cast.branch, MORNING)), waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_primary) == ("done", False)


@pytest.mark.django_db(transaction=True)
def test_what_is_finished_carries_no_minutes_of_the_rest(cast: Cast, waiting: Task) -> None:
    finish_during(lambda: lead_again([cast.wu.pk]), waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_primary) == ("done", False)
