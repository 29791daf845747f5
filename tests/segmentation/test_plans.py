"""What a plan proposes and what becomes of it: published, decided, applied under lock, undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.models import ClientStanding, ServiceAssignment
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry, Employee, Leave, Registration
from segmentation.models import AllocationPlan, ManagerWish, PlanLine
from segmentation.operations.planning import (
    NotTheDirector,
    PlanNotReady,
    apply_plan,
    appoint_interim,
    approve_plan,
    decide_lines,
    publish_plan,
    reject_plan,
    undo_plan,
)
from segmentation.operations.proposing import plan_departure, propose_plan
from segmentation.queries.allocation import eligible_managers
from service_logs.operations.plan import plan_contacts
from service_logs.operations.tasks import expire_tasks
from tests.conftest import TODAY, Cast
from tests.segmentation.plan_branch import AS_OF, approved, clients, holders, manager
from tests.service_logs import facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
EFFECTIVE = date(2026, 8, 25)


def leave(employee: Employee) -> None:
    Employee.objects.filter(pk=employee.pk).update(is_active=False, left_on=date(2026, 8, 20))


@pytest.fixture
def gone(cast: Cast) -> Employee:
    """A manager with 30 clients who has left; two others have room for them."""
    leaver = manager(cast, "3001")
    manager(cast, "3002", 600)
    manager(cast, "3003", 600)
    clients(cast, leaver, 30, 100)
    leave(leaver)
    return leaver


def test_when_a_manager_leaves_everybody_is_placed_and_nobody_overloaded(cast: Cast, gone: Employee) -> None:
    """Test 8 of nightly.md §8."""
    development = ServiceAssignment.objects.filter(role="development").count()
    before = set(ClientStanding.objects.filter(branch=cast.branch).values_list("client_id", flat=True))
    apply_plan(approved(cast), on=EFFECTIVE, by=cast.zhao)
    standings = ClientStanding.objects.filter(branch=cast.branch)
    assert set(standings.values_list("client_id", flat=True)) == before
    assert not standings.filter(manager__in=[gone.pk]).exists()
    assert not standings.filter(manager=None).exists()
    plan = AllocationPlan.objects.get()
    assert all(load.minutes_after <= load.capacity_minutes for load in plan.loads.all())
    assert ServiceAssignment.objects.filter(role="development").count() == development


@pytest.mark.req("ALC-01")
def test_every_line_says_why_who_came_near_and_what_it_gains(cast: Cast, gone: Employee) -> None:
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    lines = list(plan.lines.all())
    assert len(lines) == 30
    for line in lines:
        assert line.get_reason_display() == "原经理离岗"
        assert line.runner_up_id not in {None, line.to_manager_id, gone.pk}
        assert line.fit_after is not None
        assert line.margin == pytest.approx(line.fit_after - (line.runner_up_fit or 0), abs=0.11)
    assert plan.metrics["points"]["after"] > plan.metrics["points"]["before"]
    assert plan.metrics["lower_bound"] <= plan.metrics["cost"] + 0.1


@pytest.mark.req("ALC-01")
def test_a_manager_reads_a_published_plan_and_no_draft(cast: Cast, gone: Employee) -> None:
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    assert not AllocationPlan.objects.visible_to(cast.li).exists()
    assert AllocationPlan.objects.visible_to(cast.zhao).exists()
    publish_plan(plan, by=cast.zhao)
    assert PlanLine.objects.visible_to(cast.li).count() == 30
    assert not AllocationPlan.objects.visible_to(cast.sun).exists()


@pytest.mark.parametrize(
    ("client", "skill"),
    [
        pytest.param({"value_type": "commission"}, "single_stock", marks=pytest.mark.req("ALC-02")),
        pytest.param({"tier": "platinum"}, "asset_allocation", marks=pytest.mark.req("ALC-03")),
    ],
)
def test_the_client_goes_to_who_is_good_at_what_he_needs(cast: Cast, client: dict[str, str], skill: str) -> None:
    leaver, other = manager(cast, "3001"), manager(cast, "3002", skills={"margin": 5})
    fitting = manager(cast, "3003", skills={skill: 5})
    made = clients(cast, leaver, 3, 100, **client)
    leave(leaver)
    apply_plan(approved(cast), on=EFFECTIVE, by=cast.zhao)
    assert holders(made) == {fitting.pk}
    assert other.pk != fitting.pk


@pytest.mark.req("ALC-03")
def test_a_diamond_client_goes_to_a_registered_adviser(cast: Cast) -> None:
    leaver = manager(cast, "3001")
    manager(cast, "3002", skills={"asset_allocation": 5})
    adviser = manager(cast, "3003", registration=Registration.ADVISER)
    made = clients(cast, leaver, 2, 100, tier="diamond")
    leave(leaver)
    apply_plan(approved(cast), on=EFFECTIVE, by=cast.zhao)
    assert holders(made) == {adviser.pk}


@pytest.mark.req("ALC-04")
def test_an_older_client_goes_to_the_patient_manager(cast: Cast) -> None:
    leaver = manager(cast, "3001")
    manager(cast, "3002", skills={"single_stock": 5})
    patient = manager(cast, "3003", skills={"patience": 5, "affinity": 5})
    made = clients(cast, leaver, 1, 100)
    made[0].birth_date = date(1950, 1, 1)
    made[0].save(update_fields=["birth_date"])
    leave(leaver)
    apply_plan(approved(cast), on=EFFECTIVE, by=cast.zhao)
    assert holders(made) == {patient.pk}


@pytest.mark.req("ALC-09", "VAL-05")
def test_who_exceeds_all_capacity_is_pooled_the_least_valuable_first(cast: Cast) -> None:
    manager(cast, "3001", minutes=5)
    for employee in (cast.li, cast.wang, cast.chen):
        leave(employee)
    precious = clients(cast, None, 5, 100, value=90.0)
    clients(cast, None, 5, 200, value=5.0)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    placed = set(plan.lines.exclude(to_manager=None).values_list("client_id", flat=True))
    assert plan.pooled_count == 6
    assert {client.pk for client in precious} & placed
    assert all(load.minutes_after <= load.capacity_minutes for load in plan.loads.all())


@pytest.mark.req("VAL-05")
def test_an_overloaded_manager_is_relieved_within_the_limits(cast: Cast) -> None:
    busy, idle = manager(cast, "3001", minutes=100), manager(cast, "3002", minutes=3000)
    clients(cast, busy, 120, 100)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    load = plan.loads.get(manager=busy)
    assert load.minutes_after < load.minutes_before
    assert plan.lines.filter(from_manager=busy).count() <= 6
    assert set(plan.lines.values_list("reason", flat=True)) == {"overload"}
    assert plan.lines.filter(to_manager=idle).exists()


def test_no_book_loses_more_than_5_percent_and_no_branch_more_than_10(cast: Cast) -> None:
    poor = [manager(cast, f"30{number:02d}") for number in range(3)]
    good = manager(cast, "3009", minutes=5000, skills={"single_stock": 5, "digital_tools": 5})
    clients(cast, good, 40, 9000, value_type="commission", value=90.0)
    for number, owner in enumerate(poor):
        clients(cast, owner, 40, 1000 * (number + 1), value_type="commission", value=90.0)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.FULL, by=cast.zhao)
    assert plan.lines.exists()
    for owner in poor:
        assert plan.lines.filter(from_manager=owner).count() <= 2
    assert plan.lines.count() <= 12


def test_a_client_who_asked_to_stay_or_moved_lately_stays(cast: Cast) -> None:
    poor = manager(cast, "3001")
    manager(cast, "3002", minutes=5000, skills={"single_stock": 5, "digital_tools": 5})
    one, two, three = clients(cast, poor, 3, 100, value_type="commission", value=90.0)
    ManagerWish.objects.create(client=one, employee=poor, kind="stay", said_on=AS_OF)
    old = ServiceAssignment.objects.get(client=two)
    ServiceAssignment.objects.filter(pk=old.pk).update(ends_on=AS_OF - timedelta(days=10))
    ServiceAssignment.objects.create(client=two, employee=poor, starts_on=AS_OF - timedelta(days=10))
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.FULL, by=cast.zhao)
    assert set(plan.lines.values_list("client_id", flat=True)) <= {three.pk}


def test_a_manager_the_client_refused_gets_nothing_and_keeps_nothing(cast: Cast) -> None:
    unwanted, other = manager(cast, "3001"), manager(cast, "3002")
    (client,) = clients(cast, unwanted, 1, 100)
    for employee in (unwanted, cast.li, cast.wang):
        ManagerWish.objects.create(client=client, employee=employee, kind="refuse", said_on=AS_OF)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    line = plan.lines.get(client=client)
    assert line.reason == PlanLine.Reason.REFUSED
    assert line.to_manager_id in {other.pk, cast.chen.pk}


def test_a_night_replaces_last_nights_candidates_and_repeats_itself(cast: Cast, gone: Employee) -> None:
    one = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    first = list(one.lines.order_by("client").values_list("client", "to_manager", "reason"))
    two = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    assert list(AllocationPlan.objects.all()) == [two]
    assert list(two.lines.order_by("client").values_list("client", "to_manager", "reason")) == first


@pytest.mark.req("ALC-11")
def test_only_a_market_director_applies_or_undoes(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    for somebody in (cast.li, cast.chen, cast.shen):
        with pytest.raises(NotTheDirector) as refused:
            apply_plan(plan, on=EFFECTIVE, by=somebody)
        assert refused.value.status == 403
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    with pytest.raises(NotTheDirector):
        undo_plan(plan, on=TODAY, by=cast.li)


def test_a_plan_skips_no_step(cast: Cast, gone: Employee) -> None:
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    for too_early in (
        lambda: approve_plan(plan, by=cast.zhao),
        lambda: apply_plan(plan, on=EFFECTIVE, by=cast.zhao),
        lambda: undo_plan(plan, on=TODAY, by=cast.zhao),
        lambda: decide_lines(plan, plan.lines.all(), approve=True, by=cast.zhao),
    ):
        with pytest.raises(PlanNotReady):
            too_early()
    publish_plan(plan, by=cast.zhao)
    with pytest.raises(PlanNotReady):
        publish_plan(plan, by=cast.zhao)


def test_a_core_client_needs_his_name_approved_before_the_plan_is(cast: Cast, gone: Employee) -> None:
    ClientStanding.objects.filter(manager=gone, client__client_no="880100000100").update(is_core=True)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    publish_plan(plan, by=cast.zhao)
    with pytest.raises(PlanNotReady, match="1 位"):
        approve_plan(plan, by=cast.zhao)
    decide_lines(plan, plan.lines.filter(needs_named_approval=True), approve=True, by=cast.zhao)
    approve_plan(plan, by=cast.zhao)
    assert not plan.lines.exclude(state="approved").exists()


def test_rejecting_needs_a_reason_and_keeps_the_client(cast: Cast, gone: Employee) -> None:
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    publish_plan(plan, by=cast.zhao)
    kept = plan.lines.order_by("pk").first()
    assert kept is not None
    with pytest.raises(DomainError, match="原因"):
        decide_lines(plan, plan.lines.filter(pk=kept.pk), approve=False, by=cast.zhao)
    decide_lines(plan, plan.lines.filter(pk=kept.pk), approve=False, remark="客户不同意", by=cast.zhao)
    approve_plan(plan, by=cast.zhao)
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    assert holders([kept.client]) == {gone.pk}
    with pytest.raises(DomainError):
        reject_plan(plan, reason="", by=cast.zhao)


def test_apply_passes_over_what_has_changed_since(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    lines = list(plan.lines.order_by("pk")[:2])
    ClientStanding.objects.filter(client=lines[0].client_id).update(manager=cast.wang)
    ClientStanding.objects.filter(client=lines[1].client_id).update(is_closed=True)
    moved, passed = apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    assert (moved, passed) == (28, 2)
    remarks = dict(plan.lines.filter(state="skipped").values_list("pk", "remark"))
    assert remarks == {lines[0].pk: "方案生成后客户经理已变更", lines[1].pk: "客户已销户"}


def test_apply_passes_over_a_new_manager_who_may_not_serve_any_more(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    heir = plan.lines.order_by("pk").values_list("to_manager", flat=True)[0]
    Employee.objects.filter(pk=heir).update(registration_valid_to=date(2026, 8, 1))
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    assert not plan.lines.filter(to_manager=heir, state="applied").exists()
    assert plan.lines.filter(state="skipped", remark__contains="执业登记").exists()


def test_apply_gives_no_client_to_who_has_gone_to_another_branch(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    there = Employee.objects.get(pk=plan.lines.order_by("pk").values_list("to_manager", flat=True)[0])
    Employee.objects.filter(pk=there.pk).update(branch=cast.other_branch, team=None)
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    assert not ClientStanding.objects.filter(client__plan_lines__plan=plan, manager=there).exists()
    left_out = plan.lines.filter(to_manager=there)
    assert set(left_out.values_list("state", "remark")) == {("skipped", "新经理已不在本营业部")}


def test_undo_gives_everybody_back_whose_manager_is_still_there(cast: Cast) -> None:
    busy = manager(cast, "3001", minutes=100)
    manager(cast, "3002", minutes=1000)
    made = clients(cast, busy, 120, 100)
    plan = approved(cast, "candidates")
    moved, _ = apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    assert holders(made) != {busy.pk}
    assert plan.undo_until == date(2026, 9, 8)
    assert undo_plan(plan, on=TODAY, by=cast.zhao) == moved
    assert holders(made) == {busy.pk}
    assert ServiceAssignment.objects.filter(client__in=made, ends_on=None).count() == 120


def test_undo_of_one_line_leaves_the_others(cast: Cast) -> None:
    busy = manager(cast, "3001", minutes=100)
    manager(cast, "3002", minutes=1000)
    clients(cast, busy, 120, 100)
    plan = approved(cast, "candidates")
    moved, _ = apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    one = plan.lines.filter(state="applied").order_by("pk").values_list("pk", flat=True)[0]
    assert undo_plan(plan, on=TODAY, by=cast.zhao, only=[one]) == 1
    plan.refresh_from_db()
    assert plan.state == "applied"
    assert plan.lines.filter(state="applied").count() == moved - 1


def test_undo_ends_with_its_last_day(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    with pytest.raises(PlanNotReady, match="撤销期"):
        undo_plan(plan, on=date(2026, 9, 9), by=cast.zhao)


def test_every_step_stands_in_the_audit_book(cast: Cast, gone: Employee) -> None:
    plan = approved(cast)
    apply_plan(plan, on=EFFECTIVE, by=cast.zhao)
    actions = set(AuditEntry.objects.filter(subject_id=str(plan.pk)).values_list("action", flat=True))
    assert {"segmentation.plan_published", "segmentation.plan_approved", "segmentation.plan_applied"} <= actions


def test_the_night_appoints_the_team_leader_and_moves_nobody_else(cast: Cast) -> None:
    others = ClientStanding.objects.exclude(manager=cast.li).count()
    leave(cast.li)
    assert appoint_interim(cast.branch, TODAY) == {"moved": 1, "without_heir": 0}
    assert holders([cast.wu]) == {cast.chen.pk}
    assert ServiceAssignment.objects.get(client=cast.wu, ends_on=None).role == "interim"
    assert appoint_interim(cast.branch, TODAY) == {"moved": 0, "without_heir": 0}
    assert ClientStanding.objects.exclude(client=cast.wu).count() == others
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    assert plan.lines.get().reason == PlanLine.Reason.INTERIM


def test_without_a_team_leader_the_market_director_answers_and_is_asked_once(cast: Cast) -> None:
    leave(cast.li)
    Employee.objects.filter(pk__in=[cast.li.pk, cast.chen.pk]).update(team=None)
    assert appoint_interim(cast.branch, TODAY) == {"moved": 1, "without_heir": 0}
    assert holders([cast.wu]) == {cast.zhao.pk}
    assert appoint_interim(cast.branch, TODAY) == {"moved": 0, "without_heir": 0}
    assert ServiceAssignment.objects.filter(client=cast.wu, ends_on=None).count() == 1


def test_the_night_finds_an_interim_owner_for_whose_manager_went_to_another_branch(cast: Cast) -> None:
    Employee.objects.filter(pk=cast.li.pk).update(branch=cast.other_branch, team=None)
    assert appoint_interim(cast.branch, TODAY) == {"moved": 1, "without_heir": 0}
    assert holders([cast.wu]) == {cast.zhao.pk}
    assert appoint_interim(cast.other_branch, TODAY)["moved"] == 0


def test_eligibility_is_one_rule(cast: Cast, calendar: TradingCalendar) -> None:
    ill = manager(cast, "3001")
    Leave.objects.create(employee=ill, starts_on=AS_OF, ends_on=AS_OF + timedelta(days=40))
    unregistered = manager(cast, "3002", registration=Registration.NONE)
    found = eligible_managers(cast.branch, AS_OF)
    assert found[ill.pk] is not None
    assert found[unregistered.pk] is not None
    assert found[cast.li.pk] is None


def test_a_departure_plan_is_made_only_for_who_has_left(cast: Cast, gone: Employee) -> None:
    with pytest.raises(DomainError, match="仍在服务岗位"):
        plan_departure(cast.li, AS_OF, by=cast.zhao)
    plan = plan_departure(gone, AS_OF, by=cast.zhao)
    assert plan.lines.count() == 30
    assert plan.kind == AllocationPlan.Kind.DEPARTURE


@pytest.mark.req("ALC-07")
def test_whom_his_manager_neglects_is_offered_to_another(cast: Cast) -> None:
    careless, careful = manager(cast, "3001"), manager(cast, "3002")
    (cared_for,) = clients(cast, careful, 1, 200, grade="vip", value=80.0)
    facts.seen(cared_for, last_talk_on=date(2026, 9, 4))
    (client,) = clients(cast, careless, 1, 100, grade="vip", value=80.0)
    facts.seen(client, last_talk_on=date(2026, 8, 17))
    night = facts.NIGHT
    for _ in range(15):  # two weekly calls fall due and nobody makes them
        expire_tasks(cast.branch, night)
        plan_contacts(cast.branch, night)
        night += timedelta(days=1)
    plan = propose_plan(cast.branch, night - timedelta(days=1), AllocationPlan.Kind.CANDIDATES, by=None)
    line = plan.lines.get(client=client)
    assert line.reason == PlanLine.Reason.NEGLECTED
    assert line.to_manager_id == careful.pk
    assert plan.metrics["neglected"]["after"] < plan.metrics["neglected"]["before"]


def test_a_night_that_proposes_again_tells_the_audit_once(cast: Cast) -> None:
    clients(cast, manager(cast, "3001"), 3, 100)
    manager(cast, "3002")
    for day in (AS_OF, AS_OF, AS_OF + timedelta(days=1)):
        propose_plan(cast.branch, day, AllocationPlan.Kind.CANDIDATES, by=None)
    assert AuditEntry.objects.filter(action="segmentation.plan_proposed").count() == 2
