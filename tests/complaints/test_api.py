"""Complaints by REST: how each stands, never a word of it; who is named in one does not know of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from complaints import operations
from complaints.models import Complaint
from office.models import Scope
from tests.budgets import QueryBudget
from tests.complaints.making import complain, walked
from tests.complaints.test_lists import fill
from tests.conftest import Cast
from tests.keys import System, make_service_key

pytestmark = pytest.mark.usefixtures("calendar")
SAID = {
    "content": "王经理三月二日电话推荐", "caller_name": "吴越", "phone": "13800001234",
    "service_wanted": "要求退还佣金", "special_requests": "不要再来电", "our_answers": "答复将核实",
}  # fmt: skip


@pytest.fixture
def system(cast: Cast) -> System:
    return System(make_service_key(cast.zhao, Scope.COMPLAINTS_READ)[1])


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["no"] for row in answer.json()["results"]]


@pytest.mark.req("CMP-04")
def test_a_key_reads_how_a_complaint_stands_and_until_when(cast: Cast, system: System) -> None:
    one = complain(cast, now=timezone.now())
    body = system.get(f"complaints/{one.no}/").json()
    assert body == system.get("complaints/").json()["results"][0]
    told = {name: body[name] for name in ("no", "branch", "client_no", "state", "category", "handler", "urgency")}
    assert told == {
        "no": one.no, "branch": "8801", "client_no": cast.wu.client_no, "state": "accepted",
        "category": "staff_attitude", "handler": cast.chen.staff_no, "urgency": "normal",
    }  # fmt: skip
    clocks = {clock["step"]: clock for clock in body["clocks"]}
    assert set(clocks) == {"receipt", "result", "limit"}
    assert all(clock["left"] and not clock["is_late"] for clock in clocks.values())


def test_no_word_name_or_telephone_number_leaves_by_rest(
    cast: Cast, system: System, browse: Callable[[str], Browser]
) -> None:
    one = walked(cast, "closed", complaint=complain(cast, **SAID))
    words = [*SAID.values(), "1234", one.plan, one.cause_note, one.feedback_text]
    for answer in (
        system.get("complaints/"),
        system.get(f"complaints/{one.no}/"),
        browse("chen").get(f"/api/v1/complaints/{one.no}/"),
        browse("qian").get("/api/v1/complaints/"),
    ):
        assert answer.status_code == 200
        text = json.dumps(answer.json(), ensure_ascii=False)
        assert [word for word in words if word and word in text] == []


def test_words_are_not_even_asked_of_the_database(cast: Cast, system: System, django_assert_num_queries: Any) -> None:
    complain(cast, **SAID)
    with django_assert_num_queries(5) as asked:
        system.get("complaints/")
    statements = " ".join(query["sql"] for query in asked.captured_queries)
    assert '"complaints_complaint"."no"' in statements
    for column in ("content", "caller_name", "phone", "account_no", "plan", "our_answers", "feedback_text"):
        assert f'"complaints_complaint"."{column}"' not in statements


@pytest.mark.parametrize("named", ["li", "chen", "zhao", "qian"])
def test_who_is_named_does_not_know_of_it_by_rest(cast: Cast, named: str, browse: Callable[[str], Browser]) -> None:
    person = getattr(cast, named)
    by = cast.zhao if named != "zhao" else cast.qian
    one = complain(cast, by=by, parties=[person])
    other = complain(cast, by=by, content="另一件投诉：对账单两月未寄到")
    assert numbers(browse(named).get("/api/v1/complaints/")) == [other.no]
    assert numbers(browse(named).get(f"/api/v1/complaints/?client_no={cast.wu.client_no}")) == [other.no]
    named_no, unknown = (browse(named).get(f"/api/v1/complaints/{no}/") for no in (one.no, "TS-2608-9999"))
    assert (named_no.status_code, named_no.json()) == (404, unknown.json())


def test_a_key_of_another_branch_or_without_the_scope_reads_nothing(cast: Cast, system: System) -> None:
    one = complain(cast)
    other = System(make_service_key(cast.sun, Scope.COMPLAINTS_READ)[1])
    assert numbers(other.get("complaints/")) == []
    assert other.get(f"complaints/{one.no}/").status_code == 404
    assert System(make_service_key(cast.zhao, Scope.CLIENTS_READ)[1]).get("complaints/").status_code == 403


def test_filters_keep_what_they_say(cast: Cast, system: System) -> None:
    late = complain(cast)
    ended = walked(
        cast, "withdrawn", complaint=complain(cast, channel="letter", content="另一件投诉：对账单两月未寄到")
    )
    fresh = complain(cast, now=timezone.now(), content="第三件投诉：网点排队时间过长")
    Complaint.objects.filter(pk=late.pk).update(due_at="2026-08-25T09:00:00Z", urgency="serious")
    for query, expected in (
        ("is_open=true", {late, fresh}),
        ("is_open=false", {ended}),
        ("is_overdue=true", {late}),
        ("is_overdue=false", {ended, fresh}),
        ("state=withdrawn", {ended}),
        ("channel=letter", {ended}),
        ("urgency=serious", {late}),
        (f"handler={cast.chen.staff_no}&is_open=true", {late, fresh}),
        ("handler=9999", set()),
        ("received_until=2026-09-01T00:00:00%2B08:00", {late, ended}),
    ):
        assert set(numbers(system.get(f"complaints/?{query}"))) == {one.no for one in expected}, query
    assert system.get("complaints/?q=x").status_code == 422  # there is no search in words


def test_a_joined_complaint_is_marked_and_names_no_other(cast: Cast, system: System) -> None:
    first, repeat = complain(cast), complain(cast, content="同一件事再次来电反映，要求答复")
    operations.merge(repeat, first, reason="同一事由", by=cast.chen, now=timezone.now())
    body = system.get(f"complaints/{repeat.no}/").json()
    assert body["is_merged"] is True
    assert first.no not in json.dumps(body)
    assert numbers(system.get("complaints/?is_open=true")) == [first.no]


def test_a_list_costs_as_much_for_thousands_as_for_fifty(
    cast: Cast, system: System, browse: Callable[[str], Browser], query_budget: QueryBudget
) -> None:
    li = browse("li")
    system.get("complaints/")  # that the key is used is noted once a minute
    for first, last in ((1, 50), (51, 5000)):
        fill(cast, first, last)
        with query_budget("api:complaints"):
            assert len(numbers(system.get("complaints/?limit=50"))) == 50
        with query_budget("api:complaints.person"):
            assert len(numbers(li.get("/api/v1/complaints/?limit=50"))) == 50
