"""Every route stands in the access table, and every line of the table holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.row import PEOPLE, Row
from tests.access.table import ACCESS
from tests.conftest import Cast

UNLISTED = {"admin", "djdt"}  # namespaces with a gate of their own: superusers only


def route_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Yield the full name of every route, `app:name`; a nameless one as its pattern in angle brackets."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in UNLISTED:
                yield from route_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield prefix + pattern.name if pattern.name else f"<{prefix}{pattern.pattern}>"


def test_every_route_is_listed() -> None:
    named, listed = set(route_names(get_resolver())), {row.route for row in ACCESS}
    assert not named - listed, f"add a line to tests/access/ for: {sorted(named - listed)}"
    assert not listed - named, f"tests/access/ lists routes that do not exist: {sorted(listed - named)}"


def test_no_line_stands_twice_and_every_line_is_whole() -> None:
    lines = [str(row) for row in ACCESS]
    assert sorted(lines) == sorted(set(lines))
    assert [str(row) for row in ACCESS if len(row.expected.split()) != len(PEOPLE)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("row", ACCESS, ids=str)
def test_access(row: Row, cast: Cast) -> None:
    expected = dict(zip(PEOPLE, map(int, row.expected.split()), strict=True))
    assert {name: _status(row, cast, name) for name in PEOPLE} == expected


def _status(row: Row, cast: Cast, name: str) -> int:
    """Ask as one of the cast and forget what the request wrote."""
    browser = Browser()
    with transaction.atomic():
        kwargs = row.kwargs(cast) if row.kwargs else {}
        data = row.data(cast) if row.data else {}
        if name != "nobody":
            browser.force_login(cast.people[name], backend="office.rights.RoleBackend")
        response = _asked(browser, row, reverse(row.route, kwargs=dict(kwargs)), dict(data))
        transaction.set_rollback(True)
    return int(response.status_code)


def _asked(browser: Browser, row: Row, address: str, data: dict[str, Any]) -> HttpResponse:
    if not row.route.startswith("api:") or row.method == "get":
        return getattr(browser, row.method)(address, data)  # type: ignore[no-any-return]  # named by the row
    headers = {"Idempotency-Key": "access"}
    return getattr(browser, row.method)(  # type: ignore[no-any-return]  # named by the row
        address, data, content_type="application/json", headers=headers
    )


def test_the_back_office_is_for_superusers(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.zhao, backend="office.rights.RoleBackend")
    assert browser.get("/admin/").status_code == 302
