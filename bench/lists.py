"""Figures of the client list: the page against the bare query for the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.floors import select_floor
from bench.harness import Figure, median_of
from bench.nights import the_branch
from clients.models import ClientStanding
from clients.queries.listing import listed, order_of
from office.models import Employee, Role
from office.paging import keyset_page

RUNS = 30
ALLOWANCE = 0.010  # seconds a page may take beside three times its query
PAGE = 50
DEEP = 0.9  # how far down the list the deep page lies
COLUMNS = "s.*, c.client_no, c.name, c.kind, c.phone_masked, c.risk_level, c.risk_valid_to, e.name"
FROM = (
    "FROM clients_clientstanding s JOIN clients_client c ON c.id = s.client_id"
    " LEFT JOIN office_employee e ON e.id = s.manager_id WHERE s.branch_id = %s"
)
OPEN = "AND NOT s.is_closed"  # as the page leaves them out, unless it searches
ORDER = f"ORDER BY s.value DESC, s.client_id LIMIT {PAGE}"


@dataclass(frozen=True)
class Case:
    """One list page: its query string, and what follows FROM in the bare query with its values."""

    name: str
    query: dict[str, str]
    condition: str
    values: list[Any]


def director() -> Employee:
    """Return who sees the whole branch."""
    return Employee.objects.filter(branch=the_branch(), roles__contains=[Role.MARKET_DIRECTOR]).order_by("pk")[0]


def signed_in(person: Employee) -> Browser:
    """Return a browser in which `person` is signed in."""
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.force_login(person, backend="office.rights.RoleBackend")
    return browser


def cases() -> list[Case]:
    """Return the four pages that are measured."""
    rows = ClientStanding.objects.filter(branch=the_branch())
    count = rows.count()
    deep = rows.order_by("-value", "-client_id")[int(count * DEEP)]
    cursor = keyset_page(listed(rows.filter(value__lte=deep.value), "-value"), order_of("-value"), "", 1).next
    name = rows.order_by("-value")[count // 3].client.name[:2]
    return [
        Case("list_first", {}, OPEN, []),
        Case("list_filter", {"tier": "gold"}, f"AND s.tier = %s {OPEN}", ["gold"]),
        Case(
            "list_search", {"q": name},
            "AND s.client_id IN (SELECT client_id FROM clients_searchtoken t WHERE t.branch_id = s.branch_id"
            " AND t.token LIKE %s)", [f"{name}%"],
        ),
        Case(
            "list_deep", {"after": cursor}, f"AND s.value <= %s AND (s.value < %s OR s.client_id > %s) {OPEN}",
            [deep.value, deep.value, deep.client_id],
        ),
    ]  # fmt: skip


def lists() -> list[Figure]:
    """Ask for each page through the whole of Django, without the network."""
    browser = signed_in(director())
    return [_measured(browser, case) for case in cases()]


def _measured(browser: Browser, case: Case) -> Figure:
    address = f"{reverse('clients:list')}?{urlencode(case.query)}"

    def ask() -> None:
        assert browser.get(address).status_code == 200, address

    seconds = median_of(RUNS, ask)
    with CaptureQueriesContext(connection) as asked:
        ask()
    in_queries = sum(float(query["time"]) for query in asked)
    floor = select_floor(f"SELECT {COLUMNS} {FROM} {case.condition} {ORDER}", [the_branch().pk, *case.values])
    more = {"floor": floor, "queries": len(asked), "query_seconds": in_queries, "rows": ClientStanding.objects.count()}
    return Figure(case.name, seconds, max(seconds - ALLOWANCE, 0.0) / floor, 3, more)
