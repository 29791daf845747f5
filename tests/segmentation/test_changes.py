"""A client asks for another manager: the director decides, the present manager learns the outcome alone (ALC-08)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from clients.models import Client, ClientStanding, ServiceAssignment
from office.errors import DomainError
from office.models import AuditEntry, Employee, Notice, Role
from segmentation.models import Handover, ManagerChangeRequest, ManagerWish
from segmentation.operations.changes import (
    ChangeRefused,
    ask_for_change,
    grant_change,
    refuse_change,
    withdraw_change,
)
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]


def ask(cast: Cast, **fields: object) -> ManagerChangeRequest:
    return ask_for_change(cast.wu, channel="counter", by=cast.zhou, **fields)  # type: ignore[arg-type]  # named by the test


def manager_of(cast: Cast) -> Employee | None:
    return ClientStanding.objects.get(client=cast.wu).manager


@pytest.mark.req("ALC-08")
def test_asking_changes_nothing_until_a_director_grants_it(cast: Cast) -> None:
    change = ask(cast, wished=cast.wang, reason="service", words="三个月没有联系")
    assert manager_of(cast) == cast.li
    grant_change(change, cast.wang, by=cast.zhao, version=1)
    assert manager_of(cast) == cast.wang
    ended, opened = ServiceAssignment.objects.filter(client=cast.wu, role="main").order_by("pk")
    assert (ended.employee, ended.ends_on, opened.employee) == (cast.li, opened.starts_on, cast.wang)
    assert Handover.objects.get(client=cast.wu).to_manager == cast.wang
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"segmentation.change_asked", "segmentation.change_granted"} <= actions


def test_who_was_left_stands_in_no_longer_and_gets_the_client_by_no_plan(cast: Cast) -> None:
    grant_change(ask(cast, wished=cast.wang), cast.wang, by=cast.zhao, version=1)
    assert not ServiceAssignment.objects.filter(client=cast.wu, role="substitute").exists()
    assert dict(ManagerWish.objects.values_list("employee", "kind")) == {cast.li.pk: "refuse", cast.wang.pk: "stay"}


def test_the_present_manager_hears_the_outcome_without_a_name(cast: Cast, browse: Browse) -> None:
    change = ask(cast)
    assert not Notice.objects.filter(employee=cast.li).exists()
    assert [notice.employee for notice in Notice.objects.all()] == [cast.zhao]
    grant_change(change, cast.wang, by=cast.zhao, version=1)
    told = Notice.objects.get(employee=cast.li)
    assert (told.text, told.url) == ("一位客户改由 王珂 服务，您的客户名单已更新", "")
    assert cast.wu.name not in browse("li").get("/notices/").content.decode()


@pytest.mark.parametrize("posts", [[Role.CLIENT_MANAGER], [Role.MARKET_DIRECTOR, Role.CLIENT_MANAGER]])
def test_the_present_manager_sees_no_request_whatever_his_posts(cast: Cast, posts: list[str]) -> None:
    change = ask(cast)
    cast.li.roles = posts
    assert not ManagerChangeRequest.objects.visible_to(cast.li).exists()
    refuse_change(change, note="近期刚交接", by=cast.zhao, version=1)
    assert not ManagerChangeRequest.objects.visible_to(cast.li).exists()
    assert manager_of(cast) == cast.li


def test_refusing_needs_words_and_the_counter_is_told(cast: Cast) -> None:
    change = ask(cast)
    with pytest.raises(DomainError, match="写明不同意的原因"):
        refuse_change(change, note=" ", by=cast.zhao, version=1)
    refuse_change(change, note="近期刚交接", by=cast.zhao, version=1)
    assert (change.state, change.note, change.decided_by) == ("refused", "近期刚交接", cast.zhao)
    assert Notice.objects.filter(employee=cast.zhou, key=f"change-refused:{change.pk}").exists()
    assert ask(cast).pk != change.pk  # he may ask again


def test_of_two_directors_one_decides(cast: Cast) -> None:
    change = ask(cast)
    same = ManagerChangeRequest.objects.get(pk=change.pk)
    withdraw_change(change, note="客户来电撤回", by=cast.zhou, version=1)
    with pytest.raises(DomainError, match="已有变化，现为「客户撤回」"):
        grant_change(same, cast.wang, by=cast.zhao, version=1)
    assert manager_of(cast) == cast.li


def test_a_client_has_one_open_request(cast: Cast) -> None:
    ask(cast)
    with pytest.raises(ChangeRefused, match="正在等待决定"):
        ask(cast)


@pytest.mark.parametrize(
    ("to", "words"),
    [("li", "正是现客户经理"), ("zhou", "不在服务岗位"), ("sun", "不在本营业部"), ("gone", "账号已停用")],
)
def test_only_who_may_be_given_clients_gets_one(cast: Cast, to: str, words: str) -> None:
    Employee.objects.filter(pk=cast.chen.pk).update(is_active=False)
    person = cast.chen if to == "gone" else cast.people[to]
    change = ask(cast)
    with pytest.raises(ChangeRefused, match=words):
        grant_change(change, person, by=cast.zhao, version=1)
    with pytest.raises(ChangeRefused, match=words):
        ask_for_change(make_client(cast.branch, "880100000009", manager=cast.li), channel="phone", by=cast.zhou,
                       wished=person)  # fmt: skip


def test_whom_the_client_refused_before_he_does_not_get_unless_he_asks(cast: Cast) -> None:
    ManagerWish.objects.create(client=cast.wu, employee=cast.wang, kind="refuse", said_on="2026-08-03")
    change = ask(cast)
    with pytest.raises(ChangeRefused, match="客户曾表示不要"):
        grant_change(change, cast.wang, by=cast.zhao, version=1)
    withdraw_change(change, note="客户改要王珂", by=cast.zhou, version=1)
    grant_change(ask(cast, wished=cast.wang), cast.wang, by=cast.zhao, version=1)
    assert manager_of(cast) == cast.wang


def test_who_has_left_is_given_to_nobody_and_his_request_can_still_be_settled(cast: Cast) -> None:
    change = ask(cast)
    Client.objects.filter(pk=cast.wu.pk).update(status="closed")
    with pytest.raises(ChangeRefused, match="已销户"):
        grant_change(change, cast.wang, by=cast.zhao, version=1)
    assert manager_of(cast) == cast.li
    refuse_change(change, note="客户已销户", by=cast.zhao, version=1)
    assert not ServiceAssignment.objects.filter(client=cast.wu, employee=cast.wang).exists()


def test_nobody_gives_a_client_to_himself(cast: Cast) -> None:
    cast.zhao.roles = [Role.MARKET_DIRECTOR, Role.CLIENT_MANAGER]
    cast.zhao.save()
    with pytest.raises(ChangeRefused, match="不能把客户批给自己"):
        grant_change(ask(cast), cast.zhao, by=cast.zhao, version=1)


def test_the_counter_asks_and_the_director_grants_on_pages(cast: Cast, browse: Browse) -> None:
    counter, director = browse("zhou"), browse("zhao")
    page = counter.get(f"/value/clients/{cast.wu.pk}/change/")
    assert cast.wu.name not in page.content.decode()  # the desk sees no name
    wish = {"wished": cast.wang.pk, "reason": "contact", "channel": "counter", "words": "联系不上"}
    address = counter.post(f"/value/clients/{cast.wu.pk}/change/", wish)["Location"]
    assert "联系不上" in director.get(address).content.decode()
    bad = director.post(f"{address}grant/", {"version": 1, "to": cast.zhou.pk})
    assert bad.status_code == 422
    stale = director.post(f"{address}grant/", {"version": 7, "to": cast.wang.pk})
    assert (stale.status_code, manager_of(cast)) == (409, cast.li)
    assert director.post(f"{address}grant/", {"version": 1, "to": cast.wang.pk}).status_code == 302
    assert "改由 <b>王珂</b> 服务" in counter.get(address).content.decode()
    assert "已同意" in director.get(f"/value/clients/{cast.wu.pk}/changes/").content.decode()


def test_the_list_costs_the_same_however_long(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(12):
        client = make_client(cast.branch, f"8801000001{number:02}", manager=cast.li)
        ask_for_change(client, channel="counter", by=cast.zhou, wished=cast.wang)
    director = browse("zhao")
    with query_budget("segmentation:change_list"):
        assert len(director.get("/value/changes/").context["page"]) == 12
