"""One rule says who may be given clients; every path that assigns uses it."""

from datetime import date

import pytest

from office.eligibility import Hindrance, Post, hindrance

TODAY = date(2026, 8, 24)


def post(**changed: object) -> Post:
    facts: dict[str, object] = {"is_active": True, "left_on": None, "is_serving": True, "is_registered": True}
    return Post(**{**facts, **changed})  # type: ignore[arg-type]  # the table below names the fields


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"is_active": False}, Hindrance.INACTIVE),
        ({"left_on": date(2026, 8, 24)}, Hindrance.LEFT),
        ({"left_on": date(2026, 8, 25)}, None),
        ({"is_serving": False}, Hindrance.NOT_SERVING),
        ({"is_registered": False}, Hindrance.UNREGISTERED),
        ({"leave_days": 29}, None),
        ({"leave_days": 30}, Hindrance.ON_LEAVE),
        ({"is_active": False, "left_on": date(2026, 1, 1)}, Hindrance.INACTIVE),
    ],
)
def test_what_keeps_somebody_from_being_given_clients(changed: dict[str, object], expected: Hindrance | None) -> None:
    assert hindrance(post(**changed), TODAY) is expected


def test_who_is_needed_at_the_desk_today_may_not_be_on_leave_at_all() -> None:
    assert hindrance(post(leave_days=1), TODAY, longest_leave_days=0) is Hindrance.ON_LEAVE
