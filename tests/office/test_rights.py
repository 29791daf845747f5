"""Who sees which clients."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from office.models import Employee, Leave, Role
from office.rights import GRANTS, Reach, reach
from tests.conftest import Cast, make_client

pytestmark = pytest.mark.django_db


def seen_by(cast: Cast, name: str) -> set[str]:
    return set(Client.objects.visible_to(cast.people[name]).values_list("client_no", flat=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("li", {"880100000001"}),
        ("wang", {"880100000002"}),
        ("chen", {"880100000001"}),
        ("zhao", {"880100000001", "880100000002", "880100000003"}),
        ("qian", {"880100000001", "880100000002", "880100000003"}),
        ("zhou", set()),
        ("sun", set()),
    ],
)
def test_everybody_sees_as_far_as_the_role_reaches(cast: Cast, name: str, expected: set[str]) -> None:
    make_client(cast.branch, "880100000002", manager=cast.wang)
    make_client(cast.branch, "880100000003")
    assert seen_by(cast, name) == expected


@pytest.mark.parametrize(
    ("starts", "ends", "stands_in"),
    [(0, 0, True), (-3, 0, True), (0, 3, True), (-1, 1, True), (-3, -1, False), (1, 2, False)],
)
def test_a_substitute_sees_the_clients_only_during_the_leave(
    cast: Cast, starts: int, ends: int, stands_in: bool
) -> None:
    today = timezone.localdate()
    Leave.objects.create(
        employee=cast.li,
        substitute=cast.wang,
        starts_on=today + timedelta(days=starts),
        ends_on=today + timedelta(days=ends),
    )
    assert ("880100000001" in seen_by(cast, "wang")) is stands_in


def test_who_left_sees_nothing(cast: Cast) -> None:
    cast.zhao.is_active = False
    assert reach(cast.zhao) == Reach.NONE
    assert not cast.zhao.has_perm("segmentation.apply_plan")


@pytest.mark.parametrize("role", list(Role))
def test_a_post_may_what_the_table_grants_it_and_nothing_else(role: Role) -> None:
    person = Employee(staff_no="1", roles=[role.value], is_active=True)
    assert {name for name in GRANTS if person.has_perm(name)} == {name for name in GRANTS if role in GRANTS[name]}
    assert not any(person.has_perm(name) for name in ("office.no_such", "clients.delete_client", "", "admin"))
    person.is_active = False
    assert not any(person.has_perm(name) for name in GRANTS)


def test_posts_add_up_and_none_may_nothing() -> None:
    both = Employee(staff_no="1", roles=[Role.COMPLIANCE.value, Role.CLIENT_MANAGER.value], is_active=True)
    assert both.has_perm("office.view_audit")
    assert both.has_perm("service_logs.do_task")
    assert not any(Employee(staff_no="2", roles=[], is_active=True).has_perm(name) for name in GRANTS)


def test_only_the_market_director_may_apply_a_plan() -> None:
    assert GRANTS["segmentation.apply_plan"] == {"market_director"}


def test_a_leaver_is_not_employed_from_the_day_of_leaving(cast: Cast) -> None:
    cast.li.left_on = date(2026, 8, 24)
    assert cast.li.is_employed(date(2026, 8, 23))
    assert not cast.li.is_employed(date(2026, 8, 24))
