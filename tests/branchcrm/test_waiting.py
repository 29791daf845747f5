"""等您处理: what other parts of the house wait for the reader to do stands where his day begins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from complaints import operations
from complaints.models import Complaint
from office.models import Employee
from office.queries.desk import waiting_for
from tests.complaints.making import MORNING, complain, walked
from tests.conftest import Cast
from tests.retention.making import ask

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
TO_APPROVE = "投诉方案或延期待您批准"


def told(who: Employee) -> dict[str, int]:
    """Return what waits for `who`: label → count."""
    return {one.label: one.count for one in waiting_for(who, timezone.now())}


def planned(cast: Cast) -> Complaint:
    """Return a complaint with a plan that nobody approved yet."""
    one = walked(cast, "handling")
    return operations.propose_plan(one, plan="致歉并在三日内书面说明", outcome="upheld", by=cast.chen, now=MORNING)


def test_a_plan_to_approve_stands_on_the_desk_of_who_may_and_of_nobody_else(cast: Cast) -> None:
    planned(cast)
    assert told(cast.zhao)[TO_APPROVE] == 1
    assert TO_APPROVE not in told(cast.chen)
    assert told(cast.li) == {}


def test_whom_a_complaint_names_has_nothing_of_it_on_his_desk(cast: Cast) -> None:
    operations.add_party(planned(cast), cast.zhao, by=cast.qian)
    assert told(cast.zhao) == {}


def test_an_overdue_complaint_of_ones_own_comes_first(cast: Cast) -> None:
    one = complain(cast)
    Complaint.objects.filter(pk=one.pk).update(due_at=timezone.now() - timedelta(days=1))
    first = waiting_for(cast.chen, timezone.now())[0]
    assert (first.label, first.count, first.presses) == ("投诉由您办理，其中 1 件已逾期", 1, True)


def test_the_counter_begins_its_day_with_the_requests_not_yet_carried_out(browse: Browse, cast: Cast) -> None:
    assert "等您处理" not in browse("zhou").get("/").content.decode()
    ask(cast)
    page = browse("zhou").get("/").content.decode()
    assert "等您处理" in page
    assert '<a href="/retention/clock/?part=owed">销户与转户未办结，全部</a>' in page
