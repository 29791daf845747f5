"""Two people, or a person and the watch, at the same complaint: one of them does it, the other hears why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from complaints import operations
from complaints.models import Complaint
from complaints.operations.seeding import seed_limits
from office.dates import TradingCalendar
from office.errors import Conflict
from office.models import AuditEntry
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import Cast
from tests.races import together

pytestmark = pytest.mark.django_db(transaction=True)
LATE = at("2026-08-26T09:00")


@pytest.fixture(autouse=True)
def limits(cast: Cast, calendar: TradingCalendar) -> Iterator[None]:
    """A transactional test empties the tables; the defaults are there before and after."""
    seed_limits()
    yield
    seed_limits()


def test_two_who_take_the_same_step_do_it_once(cast: Cast) -> None:
    one = walked(cast, "handling")
    one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen, now=MORNING)
    done = together(*[lambda by=by: operations.approve_plan(one, by=by, now=MORNING) for by in (cast.zhao, cast.qian)])
    assert sum(isinstance(result, Conflict) for result in done) == 1
    assert AuditEntry.objects.filter(action="complaints.plan_approved").count() == 1
    assert one.clocks.filter(step="feedback").count() == 1


def test_who_is_named_while_he_approves_has_not_approved(cast: Cast) -> None:
    one = walked(cast, "handling")
    one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen, now=MORNING)
    together(
        lambda: operations.approve_plan(one, by=cast.zhao, now=MORNING),
        lambda: operations.add_party(one, cast.zhao, by=cast.chen, now=MORNING),
    )
    now = Complaint.objects.get(pk=one.pk)
    assert now.approver is None or not now.parties.exists()


def test_a_transferred_case_that_comes_twice_at_once_is_counted_once(cast: Cast) -> None:
    done = together(*[lambda: complain(cast, channel="hotline_12386", transfer_no="ZB-1") for _ in range(2)])
    assert sorted(type(result).__name__ for result in done) == ["Complaint", "KnownTransfer"]
    assert complain(cast).no == "TS-2608-0002"


def test_complaints_that_come_at_once_get_numbers_of_their_own(cast: Cast) -> None:
    made = together(*[lambda: complain(cast) for _ in range(4)])
    assert sorted(one.no for one in made) == [f"TS-2608-{n:04}" for n in range(1, 5)]


def test_two_watches_tell_of_a_late_clock_once(cast: Cast) -> None:
    one = complain(cast)
    ledgers = together(*[lambda: operations.tick(cast.branch, LATE) for _ in range(2)])
    assert sum(ledger.changed for ledger in ledgers) == 1
    assert one.steps.filter(act="escalate").count() == 1


def test_two_who_name_people_in_joined_complaints_do_not_wait_for_each_other(cast: Cast) -> None:
    main, repeat = complain(cast), complain(cast, now=at("2026-08-24T14:00"))
    repeat = operations.merge(repeat, main, reason="同一事项", by=cast.chen, now=at("2026-08-24T15:00"))
    main.refresh_from_db()
    done = together(
        lambda: operations.add_party(main, cast.li, by=cast.chen),
        lambda: operations.add_party(repeat, cast.wang, by=cast.chen),
    )
    assert sum(isinstance(result, Conflict) for result in done) <= 1
    for one in (main, repeat):
        assert one.parties.count() == 2 - sum(isinstance(result, Conflict) for result in done)
