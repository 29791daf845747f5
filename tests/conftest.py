"""The cast of every test: the same few people of two branches, made by plain functions with fixed values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from django.test import Client as Browser

from clients.models import Account, Client, ClientStanding, ServiceAssignment
from office import queries
from office.dates import TradingCalendar
from office.models import Branch, Employee, Registration, Role, Team
from office.operations.calendar import seed_calendar
from office.queries.days import forget_calendars
from tests.budgets import query_budget

__all__ = ["query_budget"]  # a fixture of every test, written down in tests/budgets.py

PASSWORD = "Branch-2026-pass"
TODAY = date(2026, 8, 24)  # Monday; the data is of Friday 2026-08-21


def make_branch(code: str = "8801", name: str = "滨江营业部", **fields: Any) -> Branch:
    return Branch.objects.create(code=code, name=name, **fields)


def make_employee(staff_no: str, name: str, branch: Branch, *roles: Role, **fields: Any) -> Employee:
    fields.setdefault("registration", Registration.GENERAL)
    fields.setdefault("hired_on", date(2020, 1, 2))
    return Employee.objects.create_user(staff_no, PASSWORD, name=name, branch=branch, roles=list(roles), **fields)


def make_client(
    branch: Branch, client_no: str = "880100000001", *, manager: Employee | None = None, **fields: Any
) -> Client:
    """Make a client with one account, a standing and, given a manager, an open main assignment."""
    standing = fields.pop("standing", {})
    fields.setdefault("name", "吴越")
    fields.setdefault("opened_on", date(2021, 3, 1))
    client = Client.objects.create(branch=branch, client_no=client_no, **fields)
    Account.objects.create(branch=branch, client=client, account_no=f"A{client_no}", opened_on=client.opened_on)
    ClientStanding.objects.create(client=client, branch=branch, manager=manager, **standing)
    if manager:
        ServiceAssignment.objects.create(client=client, employee=manager, starts_on=date(2021, 3, 1))
    return client


@dataclass
class Cast:
    """Two branches and who works there; attributes are employees, `wu` is a client of li."""

    branch: Branch
    other_branch: Branch
    team: Team
    people: dict[str, Employee] = field(default_factory=dict)
    wu: Client = field(init=False)

    def __getattr__(self, name: str) -> Employee:
        try:
            found: Employee = self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None
        return found


def fresh_cache() -> None:
    """Turn to an empty cache that no other test or process counts in; threads take it from the settings."""
    prefix = uuid4().hex
    caches.settings["default"]["KEY_PREFIX"] = prefix
    cache.key_prefix = prefix


@pytest.fixture(autouse=True)
def _own_cache() -> None:
    """Let every test begin with an empty cache; never clear it, for it is one for all who run tests."""
    fresh_cache()


@pytest.fixture
def cast(db: None) -> Cast:
    """li and wang are client managers, chen leads the team, zhao directs, qian is compliance, zhou the counter."""
    branch, other = make_branch(), make_branch("8802", "望江营业部")
    team = Team.objects.create(branch=branch, name="一团队")
    made = Cast(branch, other, team)
    for staff_no, key, name, role, home in [
        ("1001", "li", "李清", Role.CLIENT_MANAGER, branch),
        ("1002", "wang", "王珂", Role.CLIENT_MANAGER, branch),
        ("1003", "chen", "陈立", Role.TEAM_LEADER, branch),
        ("1004", "zhao", "赵启明", Role.MARKET_DIRECTOR, branch),
        ("1005", "qian", "钱书", Role.COMPLIANCE, branch),
        ("1006", "zhou", "周宁", Role.COUNTER, branch),
        ("1007", "shen", "沈以宁", Role.SYSTEM_ADMIN, branch),
        ("2001", "sun", "孙达", Role.MARKET_DIRECTOR, other),
    ]:
        in_team = team if key in {"li", "chen"} else None
        made.people[key] = make_employee(staff_no, name, home, role, team=in_team)
    Team.objects.filter(pk=team.pk).update(leader=made.chen)
    made.wu = make_client(branch, manager=made.li)
    return made


@pytest.fixture
def browse(cast: Cast) -> Callable[[str], Browser]:
    """Return a function that signs one of the cast in: `browse("li").get(…)`; `browse("nobody")` stays outside."""

    def sign_in(name: str) -> Browser:
        browser = Browser()
        if name != "nobody":
            browser.force_login(cast.people[name], backend="office.rights.RoleBackend")
        return browser

    return sign_in


@pytest.fixture(scope="session")
def _seeded_calendar(django_db_setup: None, django_db_blocker: Any) -> None:
    """Put the calendar into the test database once; 8,400 rows in every test would cost a quarter of a second each."""
    with django_db_blocker.unblock():
        seed_calendar()


@pytest.fixture
def calendar(_seeded_calendar: None, db: None) -> TradingCalendar:
    """The trading calendar of the seed, 2004 to 2026, in the table and as an object."""
    seed_calendar()  # a no-op, unless a transactional test emptied the tables
    forget_calendars()
    return queries.calendar()
