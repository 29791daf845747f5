"""What happens by day becomes a task at once, once, and out of sight of whoever it concerns."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from office.dates import SHANGHAI
from office.models import Employee, Role, Scope
from office.operations.keys import KeyWish, make_key
from service_logs.models import Signal, Task
from service_logs.operations.events import Event, raise_events
from service_logs.operations.tasks import make_tasks
from tests.conftest import Cast, make_client, make_employee

TUESDAY_TEN = datetime(2026, 8, 18, 10, 0, tzinfo=SHANGHAI)


def event(client: Client, code: str = "complaint_steps", **fields: Any) -> Event:
    fields.setdefault("occurrence", "TS-2608-0001:accepted")
    fields.setdefault("occurred_on", date(2026, 8, 18))
    return Event(code, client.pk, facts={"no": "TS-2608-0001", "step": "受理"}, **fields)


@pytest.fixture
def service(cast: Cast) -> Employee:
    return make_employee("1010", "何敏", cast.branch, Role.SERVICE_STAFF)


@pytest.mark.req("MOT-01")
def test_an_event_of_the_day_is_a_task_within_the_same_day(cast: Cast) -> None:
    ledger = raise_events(cast.branch, [event(cast.wu)], now=TUESDAY_TEN)
    task = Task.objects.get()
    assert (ledger.seen, ledger.changed) == (1, 1)
    assert (task.owner, task.state, task.opened_on) == (cast.li, "open", date(2026, 8, 18))
    assert task.due_at.astimezone(SHANGHAI) == datetime(2026, 8, 19, 17, 0, tzinfo=SHANGHAI)  # one working day


def test_the_same_event_again_makes_nothing(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu)], now=TUESDAY_TEN)
    ledger = raise_events(cast.branch, [event(cast.wu), event(cast.wu)], now=TUESDAY_TEN)
    assert (ledger.changed, ledger.skipped["已有同一事件"]) == (0, 2)
    assert Signal.objects.count() == Task.objects.count() == 1


def test_the_night_after_finds_nothing_left_to_do(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu)], now=TUESDAY_TEN)
    assert make_tasks(cast.branch, date(2026, 8, 18)).changed == 0


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param(datetime(2026, 8, 18, 16, 59, tzinfo=SHANGHAI), date(2026, 8, 18), id="before the close"),
        pytest.param(datetime(2026, 8, 18, 17, 0, tzinfo=SHANGHAI), date(2026, 8, 19), id="after the close"),
        pytest.param(datetime(2026, 8, 21, 23, 59, tzinfo=SHANGHAI), date(2026, 8, 24), id="Friday midnight"),
        pytest.param(datetime(2026, 10, 1, 9, 0, tzinfo=SHANGHAI), date(2026, 10, 8), id="National Day"),
    ],
)
def test_what_comes_after_work_is_due_when_work_goes_on(cast: Cast, now: datetime, due: date) -> None:
    raise_events(cast.branch, [event(cast.wu, "leaving", occurred_on=now.date())], now=now)
    assert Task.objects.get().due_at.astimezone(SHANGHAI).date() == due


def test_nobody_the_event_concerns_owns_or_sees_its_task(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu, avoid=frozenset({cast.li.pk, cast.zhao.pk}))], now=TUESDAY_TEN)
    task = Task.objects.get()
    assert task.owner == cast.qian  # the manager and the director are named: compliance is left
    for person in (cast.li, cast.zhao):
        assert not Task.objects.visible_to(person).exists()
        assert not Signal.objects.visible_to(person).exists()
    assert Task.objects.visible_to(cast.chen).exists()


def test_who_is_named_later_loses_the_task_and_the_sight_of_it(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu)], now=TUESDAY_TEN)
    raise_events(cast.branch, [event(cast.wu, avoid=frozenset({cast.li.pk}))], now=TUESDAY_TEN)
    assert Task.objects.get().owner == cast.zhao
    assert not Task.objects.visible_to(cast.li).exists()


def test_a_named_owner_keeps_it_unless_he_is_concerned(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu, owner_id=cast.wang.pk)], now=TUESDAY_TEN)
    other = event(cast.wu, occurrence="b", owner_id=cast.wang.pk, avoid=frozenset({cast.wang.pk}))
    raise_events(cast.branch, [other], now=TUESDAY_TEN)
    assert [task.owner for task in Task.objects.order_by("pk")] == [cast.wang, cast.li]


def test_a_visit_after_a_complaint_is_made_by_somebody_else(cast: Cast, service: Employee) -> None:
    raise_events(cast.branch, [event(cast.wu, "complaint_visit")], now=TUESDAY_TEN)
    assert Task.objects.get().owner == service


def test_clients_who_left_or_belong_elsewhere_are_counted_not_served(cast: Cast) -> None:
    gone, foreign = make_client(cast.branch, "880100000002"), make_client(cast.other_branch, "880200000001")
    Client.objects.filter(pk=gone.pk).update(status=Client.Status.CLOSED)
    ledger = raise_events(cast.branch, [event(gone), event(foreign)], now=TUESDAY_TEN)
    assert (ledger.changed, ledger.skipped["客户已销户或不在本营业部"]) == (0, 2)


def test_another_system_is_told_nothing_that_is_hidden_from_somebody(cast: Cast) -> None:
    raise_events(cast.branch, [event(cast.wu, avoid=frozenset({cast.li.pk}))], now=TUESDAY_TEN)
    raise_events(cast.branch, [event(cast.wu, occurrence="b")], now=TUESDAY_TEN)
    wish = KeyWish("柜台", [Scope.TASKS_READ], [cast.branch], timezone.now() + timedelta(days=9))
    key, _ = make_key(wish, by=cast.zhao)
    assert [task.signal.occurrence for task in Task.objects.visible_to(key) if task.signal] == ["b"]
