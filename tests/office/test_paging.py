"""Keyset paging: every row once in both directions, whatever ties there are, and no cursor that fails."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from clients.models import ClientStanding
from office.models import Employee
from office.paging import capped_count, count_beside, keyset_page
from tests.conftest import Cast, make_client

pytestmark = pytest.mark.django_db
SIZE = 4


def forged(order: list[str], values: list[object], direction: str = "n") -> str:
    text = json.dumps([direction, order, values])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.fixture
def tied(cast: Cast) -> None:
    """Eleven clients of three values and two amounts."""
    for number in range(10):
        standing = {"value": number % 3, "assets_fen": number % 2, "rank": number}
        make_client(cast.branch, f"8802{number:04d}", standing=standing)


@pytest.mark.parametrize(
    "order",
    [
        ["-value", "client_id"],
        ["value", "-client_id"],
        ["assets_fen", "client_id"],
        ["-assets_fen", "-client_id"],
        ["-value", "assets_fen", "client_id"],
        ["client__pinyin", "client_id"],
        ["-client__branch__code", "-client_id"],
    ],
)
def test_pages_hold_every_row_once_in_both_directions(tied: None, order: list[str]) -> None:
    rows = ClientStanding.objects.select_related("client__branch")
    wanted = list(rows.order_by(*order).values_list("pk", flat=True))
    pages, cursor = [keyset_page(rows, order, "", SIZE)], ""
    while cursor := pages[-1].next:
        pages.append(keyset_page(rows, order, cursor, SIZE))
    assert [row.pk for page in pages for row in page] == wanted
    back = pages[-1]
    for page in reversed(pages[:-1]):
        back = keyset_page(rows, order, back.previous, SIZE)
        assert [row.pk for row in back] == [row.pk for row in page]
    assert not back.previous


@pytest.mark.parametrize(
    ("order", "values"),
    [
        (["-value", "client_id"], ["much", 1]),
        (["-value", "client_id"], [1.0, "x"]),
        (["-value", "client_id"], [1.0, float("inf")]),
        (["last_trade_on", "client_id"], ["yesterday", 1]),
        (["client__name", "client_id"], ["a\x00b", 1]),
        (["client__name", "client_id"], ["\ud800", 1]),
        (["-value", "client_id"], [1.0]),
        (["value", "client_id"], [1.0, 1]),
    ],
)
def test_a_forged_cursor_shows_the_first_page(cast: Cast, order: list[str], values: list[object]) -> None:
    asked = order if order[0] != "value" else ["-value", "client_id"]
    for direction in "np":
        page = keyset_page(ClientStanding.objects.all(), asked, forged(order, values, direction), SIZE)
        assert (len(page), page.next, page.previous) == (1, "", "")


def test_a_moment_without_a_zone_is_no_place_in_a_list(cast: Cast) -> None:
    order = ["-last_login", "pk"]
    assert len(keyset_page(Employee.objects.all(), order, forged(order, ["2026-08-21T10:00:00", 1]), SIZE)) == SIZE


def test_nesting_without_end_is_no_cursor(cast: Cast) -> None:
    cursor = urlsafe_b64encode(b"[" * 3_000).decode()
    assert len(keyset_page(ClientStanding.objects.all(), ["-value", "client_id"], cursor, SIZE)) == 1


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_no_cursor_fails(cast: Cast, value: object) -> None:
    for order in (["-value", "client_id"], ["last_trade_on", "client_id"], ["client__name", "client_id"]):
        keyset_page(ClientStanding.objects.all(), order, forged(order, [value, value]), SIZE).rows.sort(key=id)


def test_a_page_without_neighbours_is_its_own_count(tied: None, django_assert_num_queries: object) -> None:
    rows = ClientStanding.objects.all()
    whole, part = keyset_page(rows, ["client_id"], "", 50), keyset_page(rows, ["client_id"], "", SIZE)
    with django_assert_num_queries(0):  # type: ignore[operator]  # a fixture of pytest-django
        assert count_beside(whole, rows) == 11
    assert count_beside(part, rows) == 11


def test_a_short_list_is_counted_each_time_and_a_long_one_once_a_minute(tied: None, cast: Cast) -> None:
    rows = ClientStanding.objects.visible_to(cast.zhao)
    count = rows.count()
    assert capped_count(rows, cap=count) == count
    ClientStanding.objects.filter(client=cast.wu).delete()
    assert capped_count(rows, cap=count) == count - 1
    long = [capped_count(rows, cap=3)]
    ClientStanding.objects.all().delete()
    assert [*long, capped_count(rows, cap=3)] == [4, 4]


def test_what_one_person_counts_is_not_told_to_another(tied: None, cast: Cast) -> None:
    assert capped_count(ClientStanding.objects.visible_to(cast.zhao), cap=3) == 4
    assert capped_count(ClientStanding.objects.visible_to(cast.wang), cap=3) == 0


def test_a_list_is_counted_where_nothing_remembers(tied: None, cast: Cast, settings: Settings) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert capped_count(ClientStanding.objects.visible_to(cast.zhao), cap=3) == 4
