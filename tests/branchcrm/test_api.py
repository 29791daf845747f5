"""The foundation of the REST interface, tried through the list of clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from office.models import ApiCall, Employee, Scope, ServiceKey
from office.operations.keys import KeyWish, make_key
from tests.budgets import QueryBudget
from tests.conftest import Cast, fresh_cache, make_branch, make_client
from tests.keys import System, make_service_key


@pytest.fixture
def system(cast: Cast) -> System:
    """The counter, with every scope at the first branch."""
    return System(make_service_key(cast.zhao)[1])


def test_a_key_reads_the_clients_of_its_branch_masked(cast: Cast, system: System) -> None:
    make_client(cast.other_branch, "880200000001", name="别处")
    body = system.get("clients/").json()
    assert [row["client_no"] for row in body["results"]] == [cast.wu.client_no]
    assert body["next"] is None
    assert body["results"][0]["name_masked"] == "吴*"
    assert body["results"][0]["manager"] == "1001"
    assert "吴越" not in json.dumps(body, ensure_ascii=False)


def test_a_person_reads_by_his_session_what_he_sees_on_pages(cast: Cast, browse: Callable[[str], Browser]) -> None:
    assert len(browse("li").get("/api/v1/clients/").json()["results"]) == 1
    assert browse("wang").get("/api/v1/clients/").json()["results"] == []


def test_a_person_with_an_issued_password_changes_it_first(cast: Cast, browse: Callable[[str], Browser]) -> None:
    Employee.objects.filter(pk=cast.li.pk).update(must_change_password=True)
    answer = browse("li").get("/api/v1/clients/")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/json")


def test_a_person_writes_only_from_our_own_pages(cast: Cast) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(cast.shen, backend="office.rights.RoleBackend")
    headers = {"Idempotency-Key": "k"}
    wish = {"as_of": "2026-08-21"}
    assert strict.post("/api/v1/feeds/", wish, content_type="application/json", headers=headers).status_code == 403
    strict.get("/api/")  # sets the cookie the viewer sends back
    headers["X-CSRFToken"] = strict.cookies["csrftoken"].value
    assert strict.post("/api/v1/feeds/", wish, content_type="application/json", headers=headers).status_code == 201


def test_nobody_and_a_wrong_key_are_told_so_in_the_one_shape(cast: Cast) -> None:
    for headers in ({}, {"Authorization": "Bearer bcrm_00000000_x"}, {"Authorization": "Bearer"}):
        answer = Browser().get("/api/v1/clients/", headers=headers)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert set(answer.json()) == {"message", "extra"}


def test_a_key_without_the_scope_is_refused(cast: Cast) -> None:
    _, secret = make_service_key(cast.zhao, Scope.EVENTS)
    assert System(secret).get("clients/").status_code == 403


def test_what_is_nowhere_is_told_in_the_one_shape(system: System) -> None:
    answer = system.get("nowhere/at/all")
    assert (answer.status_code, set(answer.json())) == (404, {"message", "extra"})


def test_pages_follow_by_cursor_without_loss(cast: Cast, system: System) -> None:
    made = [make_client(cast.branch, f"8801000001{n:02}").client_no for n in range(5)]
    seen, cursor = [], ""
    for _ in range(10):
        body = system.get(f"clients/?limit=2{cursor}").json()
        seen += [row["client_no"] for row in body["results"]]
        if body["next"] is None:
            break
        cursor = f"&cursor={body['next']}"
    assert seen == [cast.wu.client_no, *made]


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=",
        "tier=gold&tier=gold",
        "limit=0",
        "limit=9999",
        "limit=00000000019999",
        "limit=%EF%BC%95",
        f"limit={'0' * 5000}1",
        "tier=gold2",
        "colour=red",
        "opened_from=x",
    ],
)
def test_a_wrong_question_is_refused_with_its_reason(system: System, query: str) -> None:
    answer = system.get(f"clients/?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["extra"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"as_of": "2026-08-21", "control_totals": {"a\\u0000": {}}}', 400),
        (b'{"as_of": "2026-08-21", "control_totals": {"a\\\\u0000": {}}}', 201),
        (b'{"as_of": "\\ud800"}', 400), (b'{"as_of": NaN}', 400), (b"[1]", 400), (b"{", 400), (b"\xff", 400),
        (b"[" * 100_000, 400), (b'{"as_of": "' + b"x" * 300_000 + b'"}', 413),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(system: System, body: bytes, status: int) -> None:
    headers = {**system.headers, "Idempotency-Key": "k"}
    answer = system.browser.post("/api/v1/feeds/", body, content_type="application/json", headers=headers)
    assert answer.status_code == status


def test_moments_of_any_zone_are_understood(system: System) -> None:
    assert system.get("tasks/?due_until=2294-02-12T11:26:07%2B20:19").status_code == 200
    assert system.get("tasks/?due_until=0001-01-01T00:00:00%2B20:19").status_code == 422


def test_filters_narrow_the_list(cast: Cast, system: System) -> None:
    make_client(cast.branch, "880100000099", standing={"tier": "gold"})
    assert [row["client_no"] for row in system.get("clients/?tier=gold").json()["results"]] == ["880100000099"]
    assert len(system.get("clients/?manager=1001").json()["results"]) == 1


def test_a_known_answer_is_not_sent_again(cast: Cast, system: System) -> None:
    first = system.get("clients/")
    again = system.get("clients/", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_client(cast.branch, "880100000002")
    assert system.get("clients/", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_caller_is_slowed_down_by_his_own_limit(cast: Cast) -> None:
    _, secret = make_service_key(cast.zhao, calls_per_minute=2)
    statuses = [System(secret).get("clients/").status_code for _ in range(6)]
    assert 429 in statuses  # a window may end in between, so at most four pass
    limited = System(secret).get("clients/")
    assert limited.status_code == 200 or 0 < int(limited["Retry-After"]) <= 60
    assert System(make_service_key(cast.zhao)[1]).get("clients/").status_code == 200


def test_whoever_may_not_call_is_slowed_down_as_well(cast: Cast) -> None:
    _, secret = make_service_key(cast.zhao, Scope.EVENTS, calls_per_minute=2)
    for path in ("clients/", "nowhere/"):
        fresh_cache()
        assert 429 in [System(secret).get(path).status_code for _ in range(6)]


def test_whoever_calls_too_often_does_not_fill_the_book(cast: Cast) -> None:
    _, secret = make_service_key(cast.zhao, calls_per_minute=1)
    for _ in range(70):
        System(secret).get("clients/")
    assert ApiCall.objects.filter(status=429).count() <= 120  # sixty a minute, should the minute turn meanwhile


def test_an_address_answers_by_its_own_methods_and_with_its_slash(cast: Cast, system: System) -> None:
    whole, head = system.get("clients/"), system.browser.head("/api/v1/clients/", headers=system.headers)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert head["Cache-Control"] == whole["Cache-Control"] == "private, no-cache"
    for method in ("options", "patch", "delete", "trace"):
        answer = getattr(system.browser, method)("/api/v1/clients/", headers=system.headers)
        assert (answer.status_code, set(answer.json())) == (405, {"message", "extra"}), method
    for call in (system.browser.get, system.browser.post):
        answer = call("/api/v1/clients", headers=system.headers)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_what_one_key_read_is_not_known_to_another(cast: Cast, system: System) -> None:
    first = system.get("clients/")
    other = System(make_service_key(cast.sun)[1])
    answer = other.get("clients/", **{"If-None-Match": first["ETag"]})
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert {"Authorization", "Cookie"} <= {name.strip() for name in first["Vary"].split(",")}


def test_a_key_of_two_branches_reads_both_and_no_third(cast: Cast) -> None:
    make_client(cast.other_branch, "880200000001")
    make_client(make_branch("8803", "观澜营业部"), "880300000001")
    head_office = Employee.objects.create_superuser("9001", "x", name="总部")
    ends = timezone.now() + timedelta(days=1)
    wish = KeyWish("报表", [Scope.CLIENTS_READ], [cast.branch, cast.other_branch], ends)
    both = System(make_key(wish, by=head_office)[1])
    found = [row["client_no"] for row in both.get("clients/").json()["results"]]
    assert found == [cast.wu.client_no, "880200000001"]


@pytest.mark.parametrize("client_no", ["８８０１０００００００１", "٨٨٠١٠٠٠٠٠٠٠١", "8801%2500"])
def test_digits_of_other_scripts_name_no_client(cast: Cast, system: System, client_no: str) -> None:
    assert system.get(f"clients/?client_no={client_no}").json()["results"] == []
    assert system.get(f"counter/clients/{client_no}/").status_code == 404


def test_every_call_stands_in_the_book_without_personal_values(cast: Cast, system: System) -> None:
    system.get("clients/?tier=gold")
    system.get("nowhere/")
    found = list(ApiCall.objects.order_by("pk").values_list("method", "route", "status", "key__name", "subjects"))
    assert found == [
        ("GET", "api:client_list", 200, "柜台系统", []),
        ("GET", "api:nothing", 404, "柜台系统", ["nowhere/"]),
    ]


def test_strangers_cannot_fill_the_book(cast: Cast) -> None:
    for _ in range(70):
        Browser().get("/api/v1/clients/", headers={"Authorization": "Bearer x"})
    assert ApiCall.objects.count() <= 120  # sixty a minute, should the minute turn meanwhile


def test_the_use_of_a_key_is_noted(cast: Cast, system: System) -> None:
    system.get("clients/")
    assert ServiceKey.objects.get().last_used_at is not None


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*"])
def test_the_answer_is_json_whatever_is_accepted(system: System, accept: str) -> None:
    answer = system.get("clients/", Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_lists_cost_the_same_however_long(cast: Cast, system: System, query_budget: QueryBudget) -> None:
    for n in range(60):
        make_client(cast.branch, f"8801000001{n:02}", manager=cast.li)
    for route in ("clients", "scores", "tasks"):
        with query_budget(f"api:{route}"):
            assert system.get(f"{route}/").status_code == 200


def test_scores_and_tasks_are_read_by_a_key(cast: Cast, system: System) -> None:
    row: dict[str, Any] = {"value": 61.5, "score_run_id": 1, "rank": 1}
    make_client(cast.branch, "880100000077", standing=row)
    assert [(each["client_no"], each["value"]) for each in system.get("scores/").json()["results"]] == [
        ("880100000077", 61.5)
    ]
    assert system.get("tasks/").json() == {"results": [], "next": None}
