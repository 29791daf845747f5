"""What a plan did for service: contacts with those it moved, before and since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from office.models import Employee
from segmentation.models import AllocationPlan
from segmentation.operations.planning import apply_plan, undo_plan
from segmentation.queries.plan_effect import PlanEffect, plan_effect
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.segmentation.plan_branch import approved, clients, manager
from tests.service_logs.facts import at, entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
EFFECTIVE = date(2026, 8, 25)
LATER = EFFECTIVE + timedelta(days=20)


@pytest.fixture
def moved(cast: Cast) -> list[Client]:
    """Twelve clients of somebody who left."""
    leaver = manager(cast, "3001")
    manager(cast, "3002")
    made = clients(cast, leaver, 12, 100)
    Employee.objects.filter(pk=leaver.pk).update(is_active=False, left_on=date(2026, 8, 20))
    return made


@pytest.fixture
def plan(cast: Cast, moved: list[Client]) -> AllocationPlan:
    made = approved(cast)
    apply_plan(made, on=EFFECTIVE, by=cast.zhao)
    return made


def talk(cast: Cast, people: list[Client], day: date, reached: int, minutes: int = 6) -> None:
    """Let li call `people` on `day` and reach the first of them; calls in vain take a minute."""
    for number, client in enumerate(people):
        good = number < reached
        entry(client, cast.li, at(day, 10), "reached" if good else "not_reached", duration_min=minutes if good else 1)


def effect(plan: AllocationPlan, today: date = LATER) -> PlanEffect:
    found = plan_effect(plan, today)
    assert found is not None
    return found


@pytest.mark.req("ALC-05")
def test_success_and_minutes_before_stand_beside_those_since(
    cast: Cast, plan: AllocationPlan, moved: list[Client]
) -> None:
    talk(cast, moved[:10], EFFECTIVE - timedelta(days=3), 4, minutes=9)
    talk(cast, moved, EFFECTIVE + timedelta(days=3), 9, minutes=5)
    told = effect(plan)
    assert (told.days, told.before.tried, told.before.reached) == (20, 10, 4)
    assert (told.after.tried, told.after.reached) == (12, 9)
    assert [row.change for row in told.comparisons] == pytest.approx([2, 5, 35, (45 + 3) / 9 - (36 + 6) / 4])


@pytest.mark.req("ALC-05")
def test_both_spans_are_of_one_length_and_today_is_in_neither(
    cast: Cast, plan: AllocationPlan, moved: list[Client]
) -> None:
    edges = {-21: 0, -20: 1, -1: 1, 0: 2, 19: 2, 20: 0}
    for day in edges:
        entry(moved[0], cast.li, at(EFFECTIVE + timedelta(days=day), 0, 1))
    told = effect(plan)
    assert (told.before.tried, told.after.tried) == (2, 2)
    assert effect(plan, EFFECTIVE + timedelta(days=200)).days == 90
    assert effect(plan, EFFECTIVE - timedelta(days=1)).after.tried == 0


def test_only_attempts_at_moved_clients_count(cast: Cast, plan: AllocationPlan, moved: list[Client]) -> None:
    when = at(EFFECTIVE + timedelta(days=1), 10)
    entry(cast.wu, cast.li, when)
    entry(moved[0], cast.li, when, initiator="client", direction="in")
    entry(moved[0], cast.li, when, "sms_delivered", channel="sms")
    entry(moved[0], cast.li, when, undone_at=when)
    assert effect(plan).after.tried == 0
    entry(moved[0], cast.li, when, "callback_agreed")
    assert (effect(plan).after.tried, effect(plan).after.reached) == (1, 1)


def test_minutes_nobody_wrote_down_are_not_taken_for_none(
    cast: Cast, plan: AllocationPlan, moved: list[Client]
) -> None:
    when = at(EFFECTIVE + timedelta(days=1), 10)
    entry(moved[0], cast.li, when)
    assert effect(plan).after.minutes_each is None
    entry(moved[1], cast.li, when, duration_min=8)
    assert effect(plan).after.minutes_each == 8


def test_a_plan_not_applied_or_undone_has_no_effect(cast: Cast, moved: list[Client]) -> None:
    made = approved(cast)
    assert plan_effect(made, LATER) is None
    apply_plan(made, on=EFFECTIVE, by=cast.zhao)
    undo_plan(made, on=EFFECTIVE, by=cast.zhao)
    assert plan_effect(made, LATER) is None


@pytest.mark.req("ALC-05")
@pytest.mark.parametrize(("since", "is_compared"), [(9, False), (10, True)])
def test_the_page_compares_from_ten_contacts_on(
    since: int, is_compared: bool, browse: Browse, cast: Cast, plan: AllocationPlan, moved: list[Client]
) -> None:
    effective = timezone.localdate() - timedelta(days=30)
    AllocationPlan.objects.update(effective_on=effective)
    talk(cast, moved[:8], effective - timedelta(days=2), 4)
    talk(cast, moved[:since], effective + timedelta(days=2), 8)
    page = browse("zhao").get(plan.get_absolute_url()).content.decode()
    assert ("应用后联系还不足 10 次，暂不比较" in page) is not is_compared
    assert ("前后各 30 天" in page) is is_compared
    assert ("联系成功率（%）" in page and ">80.0<" in page and ">+30.0<" in page) is is_compared


def test_the_page_of_an_applied_plan_costs_the_same_for_few_and_for_many(
    browse: Browse, cast: Cast, plan: AllocationPlan, moved: list[Client], query_budget: QueryBudget
) -> None:
    talk(cast, moved, EFFECTIVE, 9)
    zhao = browse("zhao")
    with query_budget("segmentation:plan_detail applied"):
        zhao.get(plan.get_absolute_url())
