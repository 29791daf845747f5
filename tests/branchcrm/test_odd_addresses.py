"""No page falls over what somebody typed behind its question mark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse

from tests.access.row import PEOPLE, Row
from tests.access.table import ACCESS
from tests.conftest import Cast

NAMES = (
    *("since", "until", "made", "due_since", "month", "year", "day", "as_of", "date", "from", "to"),
    *("q", "find", "after", "cursor", "page", "sort", "client", "contact", "manager", "sheet", "complaint", "limit"),
)
ODD = ("0001-01-01", "9999-12-31", "0001-01", "9999-12", "0000", "99999999999999999999", "\x00", "²", "[", "-1")
PAGES = [row for row in ACCESS if row.method == "get" and "200" in row.expected and not row.route.startswith("api:")]


@pytest.mark.usefixtures("calendar")
@pytest.mark.parametrize("odd", ODD)
def test_no_page_falls_over_an_odd_address(cast: Cast, browse: Callable[[str], Browser], odd: str) -> None:
    browsers = {person: browse(person) for person in PEOPLE}
    for row in PAGES:
        with transaction.atomic():
            assert asked(row, cast, browsers, odd) < 500, row.route
            transaction.set_rollback(True)


def asked(row: Row, cast: Cast, browsers: dict[str, Browser], odd: str) -> int:
    """Return the status of the page for the first who may open it."""
    person = PEOPLE[row.expected.split().index("200")]
    address = reverse(row.route, kwargs=dict(row.kwargs(cast)) if row.kwargs else None)
    return browsers[person].get(address, dict.fromkeys(NAMES, odd)).status_code
