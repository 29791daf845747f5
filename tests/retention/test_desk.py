"""The desk finds who stands before it, registers him in one form, and cannot go through the book of clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from clients.operations.search import write_tokens
from complaints.operations import take_in
from office.models import AuditEntry, Employee
from retention.models import ClosureRequest
from retention.queries import desk as limits
from retention.queries.card import card
from service_logs.models import Script
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
DESK = "/retention/desk/"


@pytest.fixture
def zheng(cast: Cast) -> Client:
    """A client of wang with a phone, an identity and search tokens."""
    made = make_client(
        cast.branch, "880100000042", name="郑云舟", manager=cast.wang, phone_tail="6021", phone_masked="138****6021",
        id_no_masked="3301************2X",
    )  # fmt: skip
    write_tokens([made.pk, cast.wu.pk])
    return made


def hits(browser: Browser, text: str) -> list[str]:
    return [hit["client"].client_no for hit in browser.get(DESK, {"q": text}).context["hits"]]


@pytest.mark.req("RET-06")
@pytest.mark.parametrize(
    "text", ["880100000042", "A880100000042", "a880100000042", "郑云舟", "云舟", "zheng", "zyz", "6021"]
)
def test_the_desk_finds_a_client_by_whatever_he_says(browse: Browse, zheng: Client, text: str) -> None:
    assert hits(browse("zhou"), text) == [zheng.client_no]


def test_a_hit_shows_no_name_in_full_and_is_written_down(browse: Browse, zheng: Client, cast: Cast) -> None:
    page = browse("zhou").get(DESK, {"q": "zyz"}).content.decode()
    assert "郑*" in page
    assert "138****6021" in page
    assert "郑云舟" not in page
    entry = AuditEntry.objects.get(action="retention.client_looked_up")
    assert (entry.actor, entry.after) == (cast.zhou, {"clients": [zheng.client_no]})


def test_the_desk_finds_nobody_of_another_branch_and_a_manager_his_own_alone(
    browse: Browse, cast: Cast, zheng: Client
) -> None:
    other = make_client(cast.other_branch, "880200000001", name="郑云舟")
    write_tokens([other.pk])
    assert hits(browse("zhou"), "郑云舟") == [zheng.client_no]
    assert hits(browse("zhou"), "A880200000001") == []
    assert hits(browse("li"), "郑云舟") == []
    assert hits(browse("wang"), "郑云舟") == [zheng.client_no]
    assert browse("zhou").get(f"{DESK}{other.pk}/").status_code == 404


def test_a_broad_search_shows_a_few_and_asks_for_more(browse: Browse, cast: Cast) -> None:
    made = [make_client(cast.branch, f"8801000009{number:02}", name="王强") for number in range(12)]
    write_tokens([client.pk for client in made])
    page = browse("zhou").get(DESK, {"q": "王强"})
    assert len(page.context["hits"]) == limits.HITS
    assert "请输入更完整的" in page.content.decode()
    assert browse("zhou").get(DESK, {"q": "王"}).status_code == 422


@pytest.mark.parametrize("path", [f"{DESK}?q=880100000001", "card"])
def test_nobody_goes_through_the_book_of_clients(browse: Browse, cast: Cast, path: str) -> None:
    address = f"{DESK}{cast.wu.pk}/" if path == "card" else path
    counter = browse("zhou")
    statuses = [counter.get(address).status_code for _ in range(limits.MINUTE_LIMIT + 1)]
    assert statuses == [200] * limits.MINUTE_LIMIT + [429]
    assert browse("li").get(address).status_code == 200  # each has his own limit


def test_the_card_counts_no_complaint_that_names_who_looks(cast: Cast) -> None:
    take_in(
        cast.branch, by=cast.qian, channel="phone", category="staff_attitude", client=cast.wu, parties=[cast.zhou],
        content="柜台办理时语气生硬，没有说明原因。", caller_name="吴越",
    )  # fmt: skip
    now = timezone.now()
    assert card(cast.wu, cast.zhou, now).open_complaints == 0
    assert card(cast.wu, cast.shen, now).open_complaints == 1


def test_the_card_tells_what_ends(cast: Cast) -> None:
    today = timezone.localdate()
    Client.objects.filter(pk=cast.wu.pk).update(
        risk_valid_to=today - timedelta(days=1), id_valid_to=today + timedelta(days=90)
    )
    cast.wu.refresh_from_db()
    [expiry] = card(cast.wu, cast.zhou, timezone.now()).expiries
    assert (expiry.what, expiry.is_over) == ("风险测评", True)


@pytest.mark.req("RET-06")
@pytest.mark.req("QUA-03")
def test_one_form_registers_and_tells_number_deadline_and_script(browse: Browse, cast: Cast) -> None:
    counter = browse("zhou")
    page = counter.get(f"{DESK}{cast.wu.pk}/")
    assert "您有权不作说明" in page.content.decode()
    assert cast.wu.name not in page.content.decode()
    arrived = timezone.localtime() - timedelta(minutes=12)
    form = {"kind": "transfer_sh", "channel": "counter", "arrived_at": f"{arrived:%Y-%m-%dT%H:%M}"}
    answer = counter.post(f"{DESK}{cast.wu.pk}/", form, follow=True)
    made = ClosureRequest.objects.get()
    assert 720 <= made.waited.total_seconds() < 840  # type: ignore[union-attr]  # he arrived
    shown = answer.content.decode()
    assert made.request_no in shown
    assert f"{timezone.localtime(made.due_at):%Y-%m-%d %H:%M}" in shown
    assert Script.objects.get(key="retention.other", branch=None).title in shown
    slip = counter.get(f"/retention/requests/{made.pk}/slip/").content.decode()
    assert "您有权不说明离开的原因" in slip
    assert AuditEntry.objects.filter(action="retention.slip_printed").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"is_partial": "on"}, "part"),
        ({"reason": "because"}, "reason"),
        ({"channel": "api"}, "channel"),
        ({"arrived_at": "yesterday"}, "arrived_at"),
    ],
)
def test_what_is_missing_is_said_at_its_field(browse: Browse, cast: Cast, change: dict[str, str], field: str) -> None:
    form = {"kind": "close", "channel": "counter", **change}
    answer = browse("zhou").post(f"{DESK}{cast.wu.pk}/", form)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


@pytest.mark.parametrize(
    ("form", "status"),
    [({"requested_at": "2026-01-05T10:00"}, 422), ({"settles_on": "9999-12-31"}, 422), ({}, 302)],
)
def test_a_date_that_cannot_be_is_refused(browse: Browse, cast: Cast, form: dict[str, str], status: int) -> None:
    wish = {"kind": "close", "channel": "counter", **form}
    assert browse("zhou").post(f"{DESK}{cast.wu.pk}/", wish).status_code == status


def test_a_card_behind_a_refused_form_is_counted_like_any_other(browse: Browse, cast: Cast) -> None:
    assert browse("zhou").post(f"{DESK}{cast.wu.pk}/", {"kind": "nothing"}).status_code == 422
    entry = AuditEntry.objects.get(action="retention.card_opened")
    assert (entry.actor, entry.after) == (cast.zhou, {"clients": [cast.wu.client_no]})


def test_nobody_of_marketing_names_a_day_of_settlement(browse: Browse, cast: Cast) -> None:
    page = browse("li").get(f"{DESK}{cast.wu.pk}/")
    assert "settles_on" not in page.context["form"].fields
    later = timezone.localdate() + timedelta(days=1)
    browse("li").post(f"{DESK}{cast.wu.pk}/", {"kind": "close", "channel": "counter", "settles_on": str(later)})
    assert ClosureRequest.objects.get().settles_on is None


def test_twice_the_same_is_answered_with_the_first(browse: Browse, cast: Cast) -> None:
    wish = {"kind": "close", "channel": "counter"}
    browse("zhou").post(f"{DESK}{cast.wu.pk}/", wish)
    answer = browse("zhou").post(f"{DESK}{cast.wu.pk}/", wish)
    assert answer.status_code == 409
    assert ClosureRequest.objects.get().request_no in answer.content.decode()


@pytest.mark.parametrize("name", ["retention:desk", "retention:desk_client"])
def test_the_desk_costs_the_same_however_many_clients(
    browse: Browse, cast: Cast, zheng: Client, query_budget: QueryBudget, name: str
) -> None:
    made: list[Any] = [make_client(cast.branch, f"8801000007{n:02}", name="郑好", manager=cast.wang) for n in range(6)]
    write_tokens([client.pk for client in made])
    counter = browse("zhou")
    Employee.objects.filter(pk=cast.zhou.pk).update(last_login=timezone.now())
    address = f"{DESK}?q=zheng" if name == "retention:desk" else f"{DESK}{zheng.pk}/"
    with query_budget(name):
        assert counter.get(address).status_code == 200
