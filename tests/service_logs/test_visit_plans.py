"""The plan of a year is drawn once, in proportion and again the same; head office draws its checks at random."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client, DevelopmentRelation, ServiceAssignment
from office.dates import TradingCalendar
from office.models import Employee, Notice, Role
from service_logs.errors import BadSetting, OwnVisit
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.operations.spot_checks import draw_check, record_finding
from service_logs.operations.visit_nights import keep_plan
from service_logs.operations.visit_plans import add_mandatory, make_plan
from service_logs.operations.visits import record_visit
from service_logs.rules.visits import Member, draw, outcome, spread, target
from tests.conftest import TODAY, Cast, make_client, make_employee
from tests.service_logs.desk import noticed
from tests.service_logs.visiting import hu, owed_visit, said, won_by

TIERS = ("general", "silver", "gold", "platinum", "diamond")
member = st.builds(Member, st.integers(1, 10**6), st.sampled_from(TIERS), st.integers(1, 5), st.booleans())
people = st.lists(member, unique_by=lambda one: one.client_id, max_size=150)


@given(people, st.integers(0, 60), st.integers(0, 2**31))
def test_a_draw_is_of_the_size_asked_for_without_doubles_and_repeatable(
    everybody: list[Member], size: int, seed: int
) -> None:
    drawn = draw(everybody, size, seed)
    assert len(drawn) == len(set(drawn)) == min(size, len(everybody))
    assert draw(reversed(everybody), size, seed) == drawn


@given(people, st.integers(1, 60), st.integers(0, 2**31))
def test_each_tier_gets_its_share_to_within_one(everybody: list[Member], size: int, seed: int) -> None:
    drawn = Counter(one.tier for one in draw(everybody, size, seed))
    wanted = min(size, len(everybody))
    for tier, count in Counter(one.tier for one in everybody).items():
        assert abs(drawn[tier] - wanted * count / len(everybody)) < 1 + 1e-6


@pytest.mark.parametrize(("base", "ratio", "count"), [(0, 0.1, 0), (1, 0.1, 1), (100, 0.1, 10), (101, 0.1, 11)])
def test_the_target_is_rounded_up(base: int, ratio: float, count: int) -> None:
    assert target(base, ratio) == count


def test_visits_are_laid_over_the_year() -> None:
    days = spread(4, date(2026, 1, 1), date(2026, 12, 31))
    assert days == sorted(days)
    assert days[-1] == date(2026, 12, 31)
    assert days[0] > date(2026, 3, 1)


def test_an_alarm_weighs_more_than_a_denied_relation() -> None:
    assert outcome({"mandate": "contrary"}, denies_relation=True) == "alarming"
    assert outcome({}, denies_relation=True) == "denied"


def plan(cast: Cast, *, ratio: str = "0.10", seed: int = 7) -> VisitPlan:
    return make_plan(cast.branch, year=2026, ratio=Decimal(ratio), seed=seed, by=cast.qian, today=TODAY)


def branch_of(cast: Cast, count: int = 30) -> Employee:
    """Give the branch somebody who visits and `count` more clients of wang; return the visitor."""
    for number in range(count):
        make_client(cast.branch, f"8801{number + 100:08}", manager=cast.wang)
    return hu(cast)


def test_the_plan_takes_a_tenth_of_last_years_clients_without_dormant_and_suspended(
    cast: Cast, calendar: TradingCalendar
) -> None:
    visitor = branch_of(cast)
    for number, status in enumerate(["dormant", "suspended", "prospect", "opening"]):
        make_client(cast.branch, f"88020000000{number}", status=status)
    made = plan(cast)
    assert (made.base_count, made.target) == (31, 4)
    visits = ReturnVisit.objects.filter(plan=made)
    assert {visit.caller_id for visit in visits} == {visitor.pk}
    assert all(visit.is_sample and TODAY <= visit.due_on <= date(2026, 12, 31) for visit in visits)
    assert {(row["dimension"], row["population"]) for row in made.strata} >= {("tier", 31), ("manager", 30)}


def test_a_plan_is_made_once_whatever_seed_is_tried_next(cast: Cast, calendar: TradingCalendar) -> None:
    branch_of(cast)
    made = plan(cast)
    drawn = set(made.visits.values_list("client_id", flat=True))
    assert plan(cast, seed=8) == made
    assert set(made.visits.values_list("client_id", flat=True)) == drawn


def test_less_than_the_rule_asks_for_is_no_plan(cast: Cast, calendar: TradingCalendar) -> None:
    with pytest.raises(BadSetting):
        plan(cast, ratio="0.05")


def test_who_must_be_visited_is_added_once_with_the_deadline_of_his_reason(
    cast: Cast, calendar: TradingCalendar
) -> None:
    visitor = branch_of(cast, 0)
    made = plan(cast)
    fresh = make_client(cast.branch, "880100000201", manager=cast.wang, opened_on=date(2026, 8, 20))
    pending = make_client(cast.branch, "880100000202", manager=cast.wang)
    won_by(pending, cast.wang)
    rich = make_client(cast.branch, "880100000203", manager=cast.wang, standing={"assets_fen": 10_000_001 * 100})
    complaining = make_client(cast.branch, "880100000204", manager=cast.wang)
    task = noticed(complaining, visitor, "complaint_visit")
    assert task.signal is not None
    type(task.signal).objects.filter(pk=task.signal.pk).update(occurred_on=date(2026, 8, 21))
    gone = make_employee("1020", "程远", cast.branch, Role.CLIENT_MANAGER, left_on=date(2026, 8, 3))
    left = make_client(cast.branch, "880100000205", manager=cast.wang)
    ServiceAssignment.objects.create(client=left, employee=gone, starts_on=date(2021, 1, 4), ends_on=date(2026, 8, 3))
    assert add_mandatory(made, by=cast.qian, today=TODAY).changed == 5
    assert add_mandatory(made, by=cast.qian, today=TODAY).changed == 0
    due = dict(made.visits.exclude(kind="existing").values_list("client_id", "due_on"))
    assert due[fresh.pk] == date(2026, 9, 18)  # thirty calendar days end on a Saturday
    assert due[complaining.pk] == date(2026, 8, 28)
    assert due[left.pk] == date(2026, 9, 2)
    assert due[rich.pk] == date(2026, 9, 23)  # known after the half of the year: a month from then
    kinds = dict(made.visits.values_list("client_id", "kind"))
    assert [kinds[one.pk] for one in (fresh, pending, rich, complaining, left)] == [
        "new_account", "relation", "key", "complaint", "departing_manager",
    ]  # fmt: skip


def test_the_night_keeps_the_plan_up_and_tells_of_what_is_overdue_once_a_week(
    cast: Cast, calendar: TradingCalendar
) -> None:
    assert keep_plan(cast.branch, TODAY).seen == 0  # no plan, nothing to keep up
    visitor = branch_of(cast, 0)
    plan(cast)
    fresh = make_client(cast.branch, "880100000201", manager=cast.wang, opened_on=date(2026, 7, 20))
    assert keep_plan(cast.branch, TODAY).changed == 1
    visit = ReturnVisit.objects.get(client=fresh)
    assert (visit.kind, visit.caller) == ("new_account", visitor)
    told = dict(Notice.objects.values_list("employee__name", "text"))
    assert told == {"胡安": "您有 1 件回访已逾期", "钱书": "1 件回访已逾期"}
    assert keep_plan(cast.branch, TODAY).changed == 0
    assert Notice.objects.count() == 2
    Employee.objects.filter(pk=visitor.pk).update(left_on=TODAY, is_active=False)
    assert keep_plan(cast.branch, date(2026, 8, 25)).detail["重新分派"] == 2
    visit.refresh_from_db()
    assert visit.caller == cast.qian


def test_nobody_gets_the_visits_of_own_clients_and_none_is_given_to_who_sells(
    cast: Cast, calendar: TradingCalendar
) -> None:
    branch_of(cast, 20)
    visitor = Employee.objects.get(staff_no="1010")
    won_by(Client.objects.get(client_no="880100000100"), visitor)
    made = plan(cast, ratio="1")
    given = dict(made.visits.values_list("client__client_no", "caller"))
    assert given.pop("880100000100") == cast.qian.pk
    assert set(given.values()) == {visitor.pk}


def confirmed(cast: Cast, count: int) -> list[DevelopmentRelation]:
    rows = [make_client(cast.branch, f"8801{number + 300:08}", manager=cast.li) for number in range(count)]
    return [won_by(client, cast.li, "confirmed") for client in rows]


@pytest.mark.req("RVS-04")
def test_head_office_draws_confirmed_relations_at_random_once_per_seed(cast: Cast, calendar: TradingCalendar) -> None:
    hu(cast)
    confirmed(cast, 12)
    won_by(cast.wu, cast.wang)  # pending: not drawn
    check = draw_check(cast.branch, size=5, seed=3, by=cast.qian, today=TODAY)
    assert (check.population, check.size, check.visits.count()) == (12, 5, 5)
    assert set(check.visits.values_list("relation__state", flat=True)) == {"confirmed"}
    assert draw_check(cast.branch, size=5, seed=3, by=cast.qian, today=TODAY) == check
    assert ReturnVisit.objects.count() == 5


@pytest.mark.req("RVS-04")
def test_a_finding_names_who_answers_and_is_not_made_by_who_visited(cast: Cast, calendar: TradingCalendar) -> None:
    visitor = hu(cast)
    relation = confirmed(cast, 1)[0]
    first = owed_visit(relation.client, kind="relation")
    record_visit(first, said(recognised="yes"), version=1, by=visitor, today=TODAY)
    visit = draw_check(cast.branch, size=1, seed=3, by=cast.qian, today=TODAY).visits.get()
    with pytest.raises(OwnVisit):
        record_finding(visit, "in_order", responsible=None, note="", version=visit.version, by=visitor, today=TODAY)
    with pytest.raises(BadSetting):
        record_finding(
            visit, "no_recording", responsible=None, note="", version=visit.version, by=cast.qian, today=TODAY
        )
    record_finding(
        visit, "no_recording", responsible=visitor, note="未存录音", version=visit.version, by=cast.qian, today=TODAY
    )
    assert (visit.finding, visit.responsible) == ("no_recording", visitor)
