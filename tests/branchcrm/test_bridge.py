"""What complaints ask for reaches whoever must act, and never whoever they name."""

from __future__ import annotations

import pytest

from branchcrm.bridge import raise_pending, raise_same_day
from complaints.operations.parties import add_party
from service_logs.models import Signal, Task
from tests.complaints.making import MORNING, complain
from tests.conftest import Cast


@pytest.mark.req("CMP-10")
def test_a_complaint_is_a_task_of_its_handler_at_once(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_same_day(cast.branch, MORNING)
    task = Task.objects.get(rule__code="complaint_steps")
    assert task.owner_id == complaint.handler_id
    assert complaint.no in task.why


def test_looked_at_every_minute_it_stays_one_task(cast: Cast) -> None:
    complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    assert raise_pending(cast.branch, MORNING).changed == 0
    assert Task.objects.filter(rule__code="complaint_steps").count() == 1


def test_whom_it_names_sees_neither_task_nor_signal_even_when_named_later(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    add_party(complaint, cast.li, by=cast.qian, now=MORNING)
    raise_pending(cast.branch, MORNING)
    assert not Task.objects.visible_to(cast.li).exists()
    assert not Signal.objects.visible_to(cast.li).exists()
    assert Task.objects.visible_to(cast.chen).exists()


def test_a_caller_who_is_no_client_makes_no_task(cast: Cast) -> None:
    complain(cast, client=None)
    assert raise_pending(cast.branch, MORNING).seen == 0
