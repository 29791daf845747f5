"""Two people, or a person and the night, at the same plan or client: one of them does it, the other hears why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from clients.models import ClientStanding, ServiceAssignment
from clients.operations.assignments import assign_clients
from complaints.operations.seeding import seed_limits
from office.audit import record
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry, Employee, JobRun
from segmentation.models import AllocationPlan, PlanLine, TierHistory
from segmentation.operations.planning import (
    PlanNotReady,
    apply_plan,
    appoint_interim,
    approve_plan,
    decide_lines,
    publish_plan,
    undo_plan,
)
from segmentation.operations.proposing import propose_plan
from segmentation.operations.scoring import score_branch
from segmentation.operations.tiers import OverrideRefused, end_override, override_tier
from segmentation.operations.weights import Proposal, propose_weights
from segmentation.operations.windows import roll_windows
from segmentation.operations.wishes import ask_for_plan
from service_logs.operations.seeding import seed_catalogue
from tests.conftest import TODAY, Cast
from tests.races import together
from tests.segmentation.plan_branch import AS_OF, approved, clients, holders, manager

EFFECTIVE = date(2026, 8, 25)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendar")]


def refusals(found: list[object], kind: type[DomainError]) -> int:
    assert all(isinstance(result, kind) for result in found if isinstance(result, Exception)), found
    return sum(isinstance(result, kind) for result in found)


@pytest.fixture(autouse=True)
def catalogue(cast: Cast, calendar: TradingCalendar) -> Iterator[None]:
    """A transactional test empties the tables; what migrations wrote is there before and after."""
    _seed()
    yield
    _seed()


def _seed() -> None:
    seed_catalogue()
    seed_limits()


@pytest.fixture
def gone(cast: Cast) -> Employee:
    """A manager with ten clients who has left; another has room for them."""
    leaver = manager(cast, "3001", team=cast.team)
    manager(cast, "3002", 900)
    clients(cast, leaver, 10, 100)
    Employee.objects.filter(pk=leaver.pk).update(is_active=False, left_on=date(2026, 8, 20))
    return leaver


@pytest.mark.req("ALC-11")
def test_a_plan_applied_twice_at_once_hands_over_once(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)

    def apply() -> object:
        return apply_plan(AllocationPlan.objects.get(pk=plan.pk), on=EFFECTIVE, by=cast.zhao)

    found = together(apply, apply)
    assert refusals(found, PlanNotReady) == 1
    assert (10, 0) in found
    handed = ServiceAssignment.objects.filter(plan_no=plan.plan_no)
    assert handed.count() == handed.values("client").distinct().count() == 10


def test_an_undo_twice_at_once_gives_back_once(cast: Cast) -> None:
    busy = manager(cast, "3001", minutes=100)
    manager(cast, "3002", minutes=1000)
    made = clients(cast, busy, 120, 100)
    plan = approved(cast, "candidates")
    moved, _ = apply_plan(plan, on=EFFECTIVE, by=cast.zhao)

    def undo() -> object:
        return undo_plan(AllocationPlan.objects.get(pk=plan.pk), on=TODAY, by=cast.zhao)

    found = together(undo, undo)
    assert refusals(found, PlanNotReady) == 1
    assert moved in found
    assert holders(made) == {busy.pk}
    assert ServiceAssignment.objects.filter(client__in=made, ends_on=None).count() == 120


@pytest.mark.req("ALC-11")
def test_who_looks_at_an_old_page_decides_no_line_of_a_plan_that_has_moved_on(cast: Cast, gone: Employee) -> None:
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    publish_plan(plan, by=cast.zhao)
    old = AllocationPlan.objects.get(pk=plan.pk)
    approve_plan(plan, by=cast.zhao)
    with pytest.raises(PlanNotReady):
        decide_lines(old, old.lines.all(), approve=False, remark="迟了", by=cast.zhao)
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    with pytest.raises(PlanNotReady):
        decide_lines(old, old.lines.all(), approve=False, remark="迟了", by=cast.zhao)
    assert set(plan.lines.values_list("state", flat=True)) == {"applied"}


def test_a_line_of_a_plan_undone_meanwhile_is_not_undone_again(cast: Cast) -> None:
    busy = manager(cast, "3001", minutes=100)
    manager(cast, "3002", minutes=1000)
    clients(cast, busy, 120, 100)
    plan = approved(cast, "candidates")
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    old = AllocationPlan.objects.get(pk=plan.pk)
    undo_plan(plan, on=TODAY, by=cast.zhao)
    some = PlanLine.objects.filter(plan=plan, state="undone").values_list("pk", flat=True)[:1]
    with pytest.raises(PlanNotReady):
        undo_plan(old, on=TODAY, by=cast.zhao, only=list(some))


def test_two_plans_made_at_once_get_two_numbers(cast: Cast, gone: Employee) -> None:
    def propose() -> object:
        return propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao).plan_no

    assert sorted(map(str, together(propose, propose, propose))) == ["P-2608-01", "P-2608-02", "P-2608-03"]


def test_the_night_leaves_a_client_who_is_being_given_to_somebody(cast: Cast, gone: Employee) -> None:
    given = ClientStanding.objects.filter(manager=gone).order_by("pk")[0]
    locked = Barrier(2)

    def give() -> object:
        with transaction.atomic():
            ClientStanding.objects.select_for_update(of=("self",)).get(pk=given.pk)
            locked.wait(timeout=10)
            _until_somebody_waits()
            return assign_clients([(given.client_id, cast.wang.pk)], on=TODAY, reason="总监指定")

    def night() -> object:
        locked.wait(timeout=10)
        return appoint_interim(cast.branch, TODAY)

    assert together(give, night)[1] == {"moved": 9, "without_heir": 0}
    given.refresh_from_db()
    assert given.manager_id == cast.wang.pk


def _until_somebody_waits() -> None:
    """Hold the lock until another session of this database queues for one, at most five seconds."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT pg_sleep(0.05), (SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
            if cursor.fetchone()[1]:
                return


def test_an_override_ended_twice_at_once_ends_once(cast: Cast, calendar: TradingCalendar) -> None:
    override_tier(cast.wu, "diamond", reason="家族", until=date(2027, 1, 1), on=TODAY, by=cast.zhao)

    def end() -> object:
        return end_override(cast.wu, reason="客户来电", on=TODAY, by=cast.zhao).pk

    assert refusals(together(end, end), OverrideRefused) == 1
    assert TierHistory.objects.filter(client=cast.wu, reason="override_ended").count() == 1


def test_a_plan_of_the_night_that_is_just_being_submitted_is_not_replaced(cast: Cast) -> None:
    manager(cast, "3002", minutes=1000)
    clients(cast, manager(cast, "3001", minutes=100), 120, 100)
    shown = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    submitted = Barrier(2)

    def submit() -> object:
        with transaction.atomic():
            publish_plan(AllocationPlan.objects.get(pk=shown.pk), by=cast.zhao)
            submitted.wait(timeout=10)
            _until_somebody_waits()
            return None

    def night() -> object:
        submitted.wait(timeout=10)
        return propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None).plan_no

    assert together(submit, night) == [None, "P-2608-02"]
    shown.refresh_from_db()
    assert shown.state == "published"
    assert shown.lines.exists()


@pytest.mark.parametrize("work", ["plan", "score", "weights"])
def test_whoever_computes_for_a_branch_keeps_nobody_there_from_writing(cast: Cast, work: str) -> None:
    manager(cast, "3002", minutes=1000)
    computes: dict[str, Callable[[], object]] = {
        "plan": lambda: propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.FULL, by=cast.zhao),
        "score": lambda: (roll_windows(cast.branch, AS_OF), score_branch(cast.branch, AS_OF)),
        "weights": lambda: propose_weights(
            cast.branch, Proposal(Decimal("0.5"), Decimal("0.2"), Decimal("0.3")), by=cast.zhao
        ),
    }
    with transaction.atomic():
        computes[work]()
        assert together(lambda: _writes_within(cast, 2_000)) == [1]


def _writes_within(cast: Cast, milliseconds: int) -> int:
    """Write a line for the branch as any page does; fails if that waits for somebody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds}ms"])
    record("clients.unmasked", cast.wu, by=cast.li, branch_id=cast.branch.pk)
    return AuditEntry.objects.filter(action="clients.unmasked", branch=cast.branch).count()


def test_who_submits_a_plan_that_the_night_has_replaced_is_told_so(cast: Cast) -> None:
    manager(cast, "3002", minutes=1000)
    clients(cast, manager(cast, "3001", minutes=100), 120, 100)
    shown = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    with pytest.raises(PlanNotReady, match="取代"):
        publish_plan(shown, by=cast.zhao)
    with pytest.raises(PlanNotReady, match="取代"):
        decide_lines(shown, PlanLine.objects.none(), approve=True, by=cast.zhao)


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_who_ask_for_a_plan_at_once_one_is_told_it_is_being_made(cast: Cast, before: int) -> None:
    for _ in range(before):
        made = ask_for_plan(cast.branch, AS_OF, by=cast.zhao)
        JobRun.objects.filter(pk=made.pk).update(state=JobRun.State.DONE)

    def ask() -> object:
        return ask_for_plan(cast.branch, AS_OF, by=cast.zhao).pk

    assert refusals(together(ask, ask), DomainError) == 1
    assert JobRun.objects.filter(branch=cast.branch).count() == before + 1
