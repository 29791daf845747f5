"""`due_at` is written once: no operation, page, back office, import, call or statement of ours moves it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError, connection, models, transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from office.dates import SHANGHAI
from office.errors import DomainError
from office.models import Employee, Role
from retention import operations
from retention.models import ClosureRequest
from retention.operations.breaches import tell_breaches
from retention.operations.closures import register_request
from retention.tasks import watch_clocks
from tests.clients.deliveries import row, take_in
from tests.conftest import Cast
from tests.keys import System, make_service_key

pytestmark = [pytest.mark.django_db, pytest.mark.req("RET-06"), pytest.mark.req("DNI-07"),
              pytest.mark.usefixtures("calendar")]  # fmt: skip

CLOCK = ("due_at", "requested_at", "settles_on")
FAR = "2027-01-04T17:00"
# What somebody would send who wants a later deadline, beside whatever the forms of the house ask for.
WANTED = {
    "due_at": FAR, "due_at_0": "2027-01-04", "due_at_1": "17:00", "deadline_at": FAR, "requested_at": FAR,
    "settles_on": "2027-01-04", "freed_due_at": FAR, "version": "1", "block": "judicial", "evidence": "冻结文书 12 号",
    "note": "客户当面说明", "reason": "other", "words": "x", "kind": "close", "channel": "counter",
    "state": "registered", "result": "reached", "outcome": "kept", "q": "吴越", "name": "x",
}  # fmt: skip


@pytest.fixture
def asked(cast: Cast) -> ClosureRequest:
    """Wu's request of today."""
    return register_request(cast.wu, kind="close", channel="counter", by=cast.zhou)


def clock(request: ClosureRequest) -> tuple[Any, ...]:
    return tuple(ClosureRequest.objects.values_list(*CLOCK).get(pk=request.pk))


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every named route of the house with its converters, the back office apart."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace not in ("admin", "djdt"):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            for name, converters in routes(pattern, space):
                yield name, {**pattern.pattern.converters, **converters}
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield prefix + pattern.name, dict(pattern.pattern.converters)


def address(name: str, converters: dict[str, Any], request: ClosureRequest) -> str:
    """Return the route's address with the request's id wherever a number is asked for."""
    return reverse(name, kwargs={key: _filled(key, kind, request) for key, kind in converters.items()})


def _filled(key: str, converter: Any, request: ClosureRequest) -> object:
    if key == "client_no":
        return request.client.client_no
    return request.pk if "Int" in type(converter).__name__ else "clients" if key == "kind" else "tier"


ALL_ROUTES = dict(routes(get_resolver()))


def test_the_walk_meets_the_routes_of_the_request() -> None:
    mine = {name for name, converters in ALL_ROUTES.items() if name.startswith("retention:request_") and converters}
    assert {f"retention:request_{act}" for act in ("hold", "free", "complete", "withdraw", "detail")} <= mine
    assert {"api:counter_request", "api:counter_requests", "api:request_list"} <= set(ALL_ROUTES)


@pytest.mark.parametrize("app", sorted({name.partition(":")[0] for name in ALL_ROUTES}))
def test_no_route_moves_it_whoever_posts(cast: Cast, asked: ClosureRequest, app: str) -> None:
    stood = clock(asked)
    boss = Employee.objects.create_superuser(
        "9999", "Branch-2026-pass", name="全权", branch=cast.branch, roles=[role.value for role in Role]
    )
    people, accepted = [boss, cast.zhou, cast.zhao] if app == "retention" else [boss], set()
    for person in people:
        browser = Browser(raise_request_exception=False)
        browser.force_login(person, backend="office.rights.RoleBackend")
        for name, converters in ALL_ROUTES.items():
            if name.partition(":")[0] != app or name == "office:logout":
                continue
            with transaction.atomic():
                answer = browser.post(address(name, converters, asked), WANTED)
                accepted |= {name} if answer.status_code == 302 else set()
                assert clock(asked) == stood, name
                transaction.set_rollback(True)
    if app == "retention":  # the walk is no walk past closed doors
        assert {f"retention:request_{act}" for act in ("hold", "complete", "withdraw")} <= accepted


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_call_moves_it(cast: Cast, asked: ClosureRequest, method: str) -> None:
    stood, system = clock(asked), System(make_service_key(cast.zhao)[1])
    body = {**WANTED, "client_no": cast.wu.client_no, "event_no": "E9", "account_no": f"A{cast.wu.client_no}"}
    for name, converters in ALL_ROUTES.items():
        if name.startswith("api:"):
            headers = {**system.headers, "Idempotency-Key": name}
            send = getattr(system.browser, method)
            send(address(name, converters, asked), body, content_type="application/json", headers=headers)
            assert clock(asked) == stood, name


# --- Operations -----------------------------------------------------------------------------------


def doors() -> Iterator[tuple[str, Any]]:
    """Yield every public operation of retention."""
    for found in pkgutil.iter_modules(operations.__path__):
        module = importlib.import_module(f"retention.operations.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.__name__:
                yield f"{found.name}.{name}", function


DOORS = dict(doors())
GRIEVANCES = {"grievances.log_grievance(due_on)", "grievances.give_grievance(due_on)"}  # until when one is answered


def test_no_operation_takes_a_deadline_of_a_request() -> None:
    named = {f"{name}({parameter})" for name, door in DOORS.items() for parameter in inspect.signature(door).parameters}
    assert {one for one in named if "due" in one.partition("(")[2] or "deadline" in one} == GRIEVANCES


@pytest.mark.parametrize("state", ["registered", "blocked"])
@pytest.mark.parametrize("name", sorted(DOORS))
def test_no_operation_moves_it(cast: Cast, asked: ClosureRequest, name: str, state: str) -> None:
    if state == "blocked":
        DOORS["closures.hold_up"](asked, "judicial", "冻结文书 12 号", by=cast.zhou)
    stood, door = clock(asked), DOORS[name]
    given = {key: _given(key, cast, asked) for key, one in inspect.signature(door).parameters.items()
             if key not in ("args", "kwargs") and (one.default is one.empty or key == "now")}  # fmt: skip
    try:
        with transaction.atomic():
            door(**given)
    except (DomainError, TypeError, AttributeError, ValueError, models.ObjectDoesNotExist, DatabaseError):
        pass  # not meant for a request: it says so, and what matters is what stands afterwards
    assert clock(asked) == stood


def _given(key: str, cast: Cast, request: ClosureRequest) -> Any:
    known: dict[str, Any] = {
        "client": cast.wu, "by": cast.zhou, "branch": cast.branch, "now": timezone.now() + timedelta(days=40),
        "kind": "transfer_sh", "channel": "counter", "block": "judicial", "evidence": "依据", "note": "客户撤回",
        "reason": "other", "version": request.version, "as_of": date(2026, 8, 21), "text": "吴越", "rows": 1,
        "query": "", "subject": "x", "rows_": ClosureRequest.objects.all(), "on": date(2026, 8, 21),
    }  # fmt: skip
    return known.get(key, request)


def test_neither_a_breach_nor_the_clock_that_looks_for_it_moves_it(cast: Cast, asked: ClosureRequest) -> None:
    stood = clock(asked)
    tell_breaches(cast.branch, timezone.now() + timedelta(days=60))
    watch_clocks()
    assert clock(asked) == stood


# --- The back office, imports, and plain statements -----------------------------------------------


def test_no_page_of_the_back_office_changes_it(cast: Cast, asked: ClosureRequest) -> None:
    stood = clock(asked)
    boss = Employee.objects.create_superuser("9999", "Branch-2026-pass", name="全权", branch=cast.branch)
    browser = Browser(raise_request_exception=False)
    browser.force_login(boss, backend="office.rights.RoleBackend")
    for act in ("change", "delete", "history"):
        answer = browser.post(f"/admin/retention/closurerequest/{asked.pk}/{act}/", WANTED)
        assert answer.status_code in (403, 404)
    for model, page in admin.site._registry.items():
        assert not any(inline.model is ClosureRequest for inline in page.inlines), model
    assert clock(asked) == stood


def test_no_import_of_the_same_client_moves_it(cast: Cast, asked: ClosureRequest, tmp_path: Path) -> None:
    stood = clock(asked)
    for number, day in enumerate(("2026-08-20", "2026-08-21")):
        take_in(tmp_path / str(number), {
            "clients.csv": [row("clients", client_id=cast.wu.client_no, client_name="吴越改")],
            "trades.csv": [row("trades", trade_id=f"T{number}", date=day)],
            "daily_metrics.csv": [row("daily_metrics", date=day)],
            "account_events.csv": [row("account_events", event_id=f"C{number}", date=day, event_type="close_request")],
        })  # fmt: skip
    assert clock(asked) == stood


@pytest.mark.parametrize("field", [*CLOCK, "deadline_at"])
def test_no_statement_of_sql_moves_it(asked: ClosureRequest, field: str) -> None:
    stood = clock(asked)
    value = date(2027, 1, 4) if field == "settles_on" else datetime(2027, 1, 4, 17, tzinfo=SHANGHAI)
    statements: list[tuple[str, list[Any]]] = [
        (f"UPDATE retention_closurerequest SET {field} = %s WHERE id = %s", [value, asked.pk]),
        ("DELETE FROM retention_closurerequest WHERE id = %s", [asked.pk]),
    ]
    for sql, values in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    setattr(asked, field, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        asked.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        ClosureRequest.objects.bulk_update([asked], [field])
    assert clock(asked) == stood


def test_no_other_table_holds_a_second_deadline_of_a_request() -> None:
    pointing = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is ClosureRequest
    ]
    for model, _ in pointing:
        names = {field.name for field in model._meta.concrete_fields}
        assert not names & {"due_at", "due_on", "deadline_at"}, model
