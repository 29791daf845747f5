"""Who sees which clients."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from office.models import Leave
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


@pytest.mark.parametrize(("starts", "ends", "stands_in"), [(0, 0, True), (-3, -1, False), (1, 2, False), (-1, 1, True)])
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


def test_only_the_market_director_may_apply_a_plan() -> None:
    assert GRANTS["segmentation.apply_plan"] == {"market_director"}


def test_a_leaver_is_not_employed_from_the_day_of_leaving(cast: Cast) -> None:
    cast.li.left_on = date(2026, 8, 24)
    assert cast.li.is_employed(date(2026, 8, 23))
    assert not cast.li.is_employed(date(2026, 8, 24))
