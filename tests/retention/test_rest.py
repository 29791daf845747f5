"""The counter system asks and registers by REST, within its branches and masked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.models import ApiCall, AuditEntry, Scope
from retention.models import ClosureRequest
from retention.operations.closures import complete, register_request
from retention.tasks import tell_managers, watch_clocks
from segmentation.models import ManagerChangeRequest
from service_logs.models import Task
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.keys import System, make_service_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
REQUESTS, CHANGES = "counter/closure-requests/", "counter/manager-change-requests/"


@pytest.fixture
def system(cast: Cast) -> System:
    """The counter, with every scope at the first branch."""
    return System(make_service_key(cast.zhao)[1])


def wish(cast: Cast, **fields: Any) -> dict[str, Any]:
    return {"client_no": cast.wu.client_no, "kind": "close", **fields}


def test_the_card_tells_what_the_counter_may_see_and_no_more(cast: Cast, system: System) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(id_no_masked="3301************2X", phone_masked="138****6021")
    ClientStanding.objects.filter(client=cast.wu).update(tier="gold", assets_fen=99_000_000)
    cast.wu.accounts.update(status="frozen")
    register_request(cast.wu, kind="transfer_sh", channel="counter", by=cast.zhou)
    body = system.get(f"counter/clients/{cast.wu.client_no}/").json()
    assert (body["name_masked"], body["phone_masked"], body["tier"]) == ("吴*", "138****6021", "gold")
    assert (body["manager"], body["open_complaints"], body["events"]) == ("1001", 0, ["转托管 / 撤指定 / 销户申请"])
    assert [ground["block"] for ground in body["lawful_grounds"]] == ["pledge_or_freeze"]
    assert [one["kind"] for one in body["open_requests"]] == ["transfer_sh"]
    assert "吴越" not in json.dumps(body, ensure_ascii=False)
    assert "99000000" not in json.dumps(body)


def test_a_key_finds_nobody_of_another_branch(cast: Cast, system: System) -> None:
    other = make_client(cast.other_branch, "880200000001")
    assert system.get(f"counter/clients/{other.client_no}/").status_code == 404
    assert system.post(REQUESTS, wish(cast, client_no=other.client_no)).status_code == 404
    assert system.post(CHANGES, {"client_no": other.client_no}).status_code == 404


@pytest.mark.req("RET-06")
def test_a_request_is_answered_at_once_with_deadline_card_and_script(cast: Cast, system: System) -> None:
    answer = system.post(REQUESTS, wish(cast, reason="commission"))
    body = answer.json()
    made = ClosureRequest.objects.get()
    assert (answer.status_code, body["request"]["request_no"]) == (201, made.request_no)
    assert body["request"]["due_at"] == timezone.localtime(made.due_at).isoformat()
    assert body["script"]["key"] == "retention.commission"
    assert body["card"]["client_no"] == cast.wu.client_no
    assert (made.registered_by, made.service_key.name, made.channel) == (None, "柜台系统", "api")  # type: ignore[union-attr]  # a key made it
    for _ in range(2):  # the worker that the call sent for, and beat that looks again
        tell_managers(cast.branch.pk)
        watch_clocks()
        assert Task.objects.filter(client=cast.wu, rule__code="leaving", owner=cast.li).count() == 1
    assert AuditEntry.objects.get(action="retention.request_registered").actor_name == "接口 柜台系统"
    assert ApiCall.objects.get(route="api:counter_requests").subjects == [cast.wu.client_no, made.request_no]
    assert system.get(f"{REQUESTS}{made.pk}/").json() == body["request"]


def test_the_same_key_registers_once_and_another_wish_of_the_same_is_told_the_first(cast: Cast, system: System) -> None:
    first = system.post(REQUESTS, wish(cast), key="k1")
    again = system.post(REQUESTS, wish(cast), key="k1")
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    other = system.post(REQUESTS, wish(cast), key="k2")
    assert (other.status_code, other.json()["extra"]["id"]) == (409, first.json()["request"]["id"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "leave"}, "kind"),
        ({"reason": "because"}, "reason"),
        ({"account_no": "A1"}, "account_no"),
        ({"requested_at": "soon"}, "requested_at"),
        ({"settles_on": "2026-13-01"}, "settles_on"),
        ({"client_no": "吴越"}, "client_no"),
    ],
)
def test_wrong_values_are_named(cast: Cast, system: System, fields: dict[str, str], field: str) -> None:
    answer = system.post(REQUESTS, wish(cast, **fields))
    assert (answer.status_code, list(answer.json()["extra"])) == (422, [field])


@pytest.mark.parametrize(
    "fields",
    [
        {"requested_at": "0001-01-01T00:00:00+14:00"},
        {"requested_at": "9999-12-31T23:59:59-12:00"},
        {"arrived_at": "9999-12-31T23:59:59Z"},
        {"settles_on": "9999-12-31"},
        {"is_partial": True},
    ],
)
def test_what_cannot_be_is_refused_with_words(cast: Cast, system: System, fields: dict[str, Any]) -> None:
    answer = system.post(REQUESTS, wish(cast, **fields))
    assert answer.status_code in (409, 422)
    assert answer.json()["message"]
    assert not ClosureRequest.objects.exists()


@pytest.mark.parametrize(
    ("scope", "call", "opens"),
    [
        (Scope.COUNTER_READ, "get counter/clients/880100000001/", 200),
        (Scope.COUNTER_WRITE, "get counter/clients/880100000001/", 403),
        (Scope.COUNTER_WRITE, f"post {REQUESTS}", 201),
        (Scope.COUNTER_READ, f"post {REQUESTS}", 403),
        (Scope.COUNTER_WRITE, f"post {CHANGES}", 201),
        (Scope.REQUESTS_READ, f"post {CHANGES}", 403),
        (Scope.REQUESTS_READ, "get closure-requests/", 200),
        (Scope.COUNTER_READ, "get closure-requests/", 403),
    ],
)
def test_a_scope_opens_what_it_names(cast: Cast, scope: Scope, call: str, opens: int) -> None:
    system = System(make_service_key(cast.zhao, scope)[1])
    verb, path = call.split()
    body = wish(cast) if path == REQUESTS else {"client_no": cast.wu.client_no}
    answer = system.get(path) if verb == "get" else system.post(path, body)
    assert answer.status_code == opens


def test_the_list_is_narrowed(cast: Cast, system: System) -> None:
    done = register_request(cast.wu, kind="close", channel="counter", by=cast.zhou)
    complete(done, by=cast.zhou)
    register_request(cast.wu, kind="transfer_sz", channel="phone", by=cast.zhou)

    def kinds(query: str) -> list[str]:
        return [row["kind"] for row in system.get(f"closure-requests/?{query}").json()["results"]]

    assert kinds("") == ["transfer_sz", "close"]
    assert kinds("state=done") == ["close"]
    assert kinds("kind=transfer_sz") == ["transfer_sz"]
    assert kinds("is_breached=true") == []
    assert kinds("is_breached=false&client_no=880100000001&limit=1") == ["transfer_sz"]
    assert kinds("deadline_until=2020-01-01T00:00:00Z") == []
    assert system.get("closure-requests/?state=gone").status_code == 422


@pytest.mark.req("ALC-08")
def test_a_client_asks_for_another_manager(cast: Cast, system: System) -> None:
    answer = system.post(CHANGES, {"client_no": cast.wu.client_no, "wished": "1002", "reason": "contact"})
    made = ManagerChangeRequest.objects.get()
    assert (answer.status_code, answer.json()["id"], made.wished) == (201, made.pk, cast.wang)
    assert system.post(CHANGES, {"client_no": cast.wu.client_no}).status_code == 409
    assert system.post(CHANGES, {"client_no": cast.wu.client_no, "wished": "9999"}).status_code == 422


def test_a_person_who_looks_by_rest_is_limited_as_at_the_desk(cast: Cast, browse: Browse) -> None:
    counter = browse("zhou")
    address = f"/api/v1/counter/clients/{cast.wu.client_no}/"
    assert [counter.get(address).status_code for _ in range(31)] == [200] * 30 + [429]


def test_question_and_request_cost_so_many_queries(cast: Cast, system: System, query_budget: QueryBudget) -> None:
    with query_budget("api:counter_client"):
        assert system.get(f"counter/clients/{cast.wu.client_no}/").status_code == 200
    with query_budget("api:counter_requests"):
        assert system.post(REQUESTS, wish(cast)).status_code == 201


@pytest.mark.parametrize("field", ["arrived_at", "requested_at"])
@pytest.mark.parametrize("moment", ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_moment_at_the_end_of_the_calendar_is_refused_in_words(system: System, field: str, moment: str) -> None:
    answer = system.post(REQUESTS, {"client_no": "880100000001", "kind": "close", field: moment})
    assert 400 <= answer.status_code < 500
    assert answer.json()["message"]
