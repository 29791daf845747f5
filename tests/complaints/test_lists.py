"""Lists stay quick: as many queries for 100,000 complaints as for 50, each read through an index."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection

from clients.operations.search import write_tokens
from complaints.models import Complaint
from complaints.queries import lists
from office.models import Employee
from tests.budgets import QueryBudget
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("calendar")
MANY = """
INSERT INTO complaints_complaint (branch_id, no, client_id, caller_name, account_no, account_index, account_masked,
    phone, phone_index, phone_masked, channel, category, transfer_no, received_at, content, people_count,
    service_wanted, special_requests, our_answers, business_class, persons_class, urgency, reasonableness,
    is_commission, state, due_at, is_paused, recorder_id, handler_id, cause_code, cause_note, plan, outcome,
    refusal_reason, appeal_text, reviewed_because, feedback_channel, feedback_text, ended_at, extension_reason,
    mediation, is_held, hold_reason, kept_until, made_at, version)
SELECT %(branch)s, 'TS-2601-' || lpad(n::text, 6, '0'), %(client)s, '投诉人' || n, '', '', '', '', '', '', 'phone',
    'other', '', %(now)s::timestamptz - n * interval '1 minute', '内容', 1, '', '', '', 'other', 'single', 'normal',
    'pending', false, CASE WHEN n %% 50 = 0 THEN 'accepted' ELSE 'withdrawn' END,
    CASE WHEN n %% 50 = 0 THEN %(now)s::timestamptz + n * interval '1 minute' END, false, %(handler)s, %(handler)s,
    '', '', '', '', '', '', '', '', '', CASE WHEN n %% 50 <> 0 THEN %(now)s::timestamptz END, '', 'none', false, '',
    '2046-01-01', now(), 1
FROM generate_series(%(first)s, %(last)s) n
"""


def fill(cast: Cast, first: int, last: int, **fields: Any) -> None:
    scope: dict[str, Any] = {
        "branch": cast.branch.pk, "client": cast.wu.pk, "handler": cast.chen.pk, "now": MORNING, "first": first,
        "last": last, **fields,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MANY, scope)
        cursor.execute("ANALYZE complaints_complaint")


def look(user: Employee) -> None:
    """Read what the list page reads, with what its rows say."""
    for wanted in ({"state": "open"}, {"order": "-received"}, {"handler": user.pk, "state": "open"}):
        rows = lists.complaint_list(user, wanted, MORNING)[: lists.PAGE_ROWS]
        assert [f"{row.client} {row.handler} {row.no}" for row in rows]
    lists.counts(user, MORNING)


def test_a_list_takes_as_many_queries_for_100000_complaints_as_for_50(cast: Cast, query_budget: QueryBudget) -> None:
    fill(cast, 1, 2500)
    with query_budget("complaints.queries.lists"):
        look(cast.chen)
    with query_budget("complaints.queries.lists.branch"):
        look_as_director(cast)
    fill(cast, 2501, 100_000)
    with query_budget("complaints.queries.lists"):
        look(cast.chen)
    started = time.perf_counter()
    with query_budget("complaints.queries.lists.branch"):
        look_as_director(cast)
    for sought in ("TS-2601-09", "投诉人7", "13800001111", "吴"):
        assert len(lists.complaint_list(cast.zhao, {"q": sought}, MORNING)[: lists.PAGE_ROWS]) in (0, 50)
    assert time.perf_counter() - started < 3  # seconds; it takes a fifth of that


def look_as_director(cast: Cast) -> None:
    for wanted in ({"state": "open"}, {"order": "-received"}, {"handler": cast.chen.pk, "state": "open"}):
        assert len(lists.complaint_list(cast.zhao, wanted, MORNING)[: lists.PAGE_ROWS]) == lists.PAGE_ROWS
    lists.counts(cast.zhao, MORNING)


def test_the_register_and_the_queue_are_read_through_their_indexes(cast: Cast) -> None:
    fill(cast, 1, 20_000)
    register = lists.complaint_list(cast.zhao, {"order": "-received"}, MORNING)[:50].explain()
    assert "complaint_by_receipt" in register
    queue = lists.complaint_list(cast.zhao, {"state": "open", "overdue": True}, MORNING)[:50].explain()
    assert "complaint_by_due" in queue


@pytest.mark.parametrize("sought", ["诉人19977", "人1997", "TS-2601-019977", "ZB-19977", "13800001111", "吴"])
def test_a_search_looks_into_indexes_and_reads_no_complaint_beside(cast: Cast, sought: str) -> None:
    fill(cast, 1, 20_000, client=None)
    Complaint.objects.filter(no="TS-2601-019977").update(transfer_no="ZB-19977", client=cast.wu)
    wanted = {"q": sought, "state": "open"}
    plan = lists.complaint_list(cast.zhao, wanted, MORNING)[:50].explain()
    assert "complaint_caller" in plan, plan
    assert "Seq Scan on complaints_complaint " not in plan, plan


@pytest.mark.parametrize(
    ("name", "sought", "is_found"),
    [
        ("王", "王", True), ("欧阳明月", "阳明", True), ("欧阳明月", "欧阳明月", True), ("欧阳明月", "欧月", False),
        ("Alexandra Smith", "xandra smi", True), ("Alexandra Smith", "XANDRA SMITH", True),
        ("Alexandra Smith", "Alexandra Jones", False), ("100%", "0%", True), ("100元", "0%", False),
    ],
)  # fmt: skip
def test_any_part_of_a_callers_name_finds_him_and_nothing_else_does(
    cast: Cast, name: str, sought: str, is_found: bool
) -> None:
    one = complain(cast, caller_name=name, client=None)
    assert set(lists.complaint_list(cast.zhao, {"q": sought}, MORNING)) == ({one} if is_found else set())
    assert not lists.complaint_list(cast.sun, {"q": sought}, MORNING).exists()


def test_whom_a_complaint_names_finds_its_caller_by_no_part_of_the_name(cast: Cast) -> None:
    complain(cast, caller_name="欧阳明月", parties=[cast.zhao])
    assert not lists.complaint_list(cast.zhao, {"q": "阳明"}, MORNING).exists()
    assert lists.complaint_list(cast.qian, {"q": "阳明"}, MORNING).exists()


def test_filters_narrow_and_orders_are_total(cast: Cast) -> None:
    one = complain(cast, phone="13800001111", account_no="A880100000001", transfer_no="ZB-9", caller_name="马先生")
    two = walked(cast, "closed", complaint=complain(cast, category="system_fault", caller_name="刘女士"))
    write_tokens([cast.wu.pk])

    def found(**wanted: Any) -> set[Complaint]:
        return set(lists.complaint_list(cast.zhao, wanted, at("2026-08-26T09:00")))

    for wanted in (
        {"q": one.no}, {"q": "马先"}, {"q": "138 0000 1111"}, {"q": "A880100000001"}, {"q": "ZB-9"},
        {"state": "open"}, {"state": "accepted"}, {"category": "staff_attitude"}, {"overdue": True},
    ):  # fmt: skip
        assert found(**wanted) == {one}, wanted
    assert found(q="吴") == {one, two}
    assert found(since=TODAY, until=TODAY, client=cast.wu.pk, handler=cast.chen.pk) == {one, two}
    assert found(unsatisfied=True) == found(q="138") == set()
    assert found(outcome="upheld") == {two}
    assert found(cause_code="none") == {one}
    counted = lists.counts(cast.zhao, at("2026-08-26T09:00"))
    assert (counted.open, counted.overdue, counted.due_soon, counted.unhandled) == (1, 1, 0, 0)
    assert lists.open_counts(cast.zhao, [cast.wu.pk]) == {cast.wu.pk: 1}
    assert [step.act for step in lists.timeline(two)[:1]] == ["take_in"]
    assert len(lists.clocks_of(two)) == 6
