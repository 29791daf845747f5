"""The list of tasks: what it shows to whom, how it is narrowed, and what is done to many at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Client
from office.dates import TradingCalendar
from office.models import AuditEntry, Leave, SavedView
from service_logs.models import Channel, Contact, Kind, Signal, Task
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import noticed, on, owe, owe_contact, today

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LIST = "/service/tasks/"


def titles(response: Any) -> list[str]:
    return [task.title for task in response.context["page"]]


def client(cast: Cast, number: int, name: str = "乙", **fields: Any) -> Client:
    return make_client(
        cast.branch, f"88010000{number:04d}", name=name, manager=fields.pop("manager", cast.li), **fields
    )


def state(task: Task) -> str:
    task.refresh_from_db()
    return task.state


def test_a_manager_sees_the_tasks_of_the_own_clients_and_those_given_to_him(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "自己的")
    other = client(cast, 2, manager=cast.wang)
    owe(other, cast.wang, "同事的")
    owe(other, cast.li, "交给我的")
    assert sorted(titles(browse("li").get(LIST))) == ["交给我的", "自己的"]
    assert titles(browse("wang").get(LIST)) == ["同事的", "交给我的"]
    assert titles(browse("sun").get(LIST)) == []


def test_a_substitute_sees_the_absent_ones_tasks(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "代办")
    assert titles(browse("wang").get(LIST)) == []
    Leave.objects.create(employee=cast.li, substitute=cast.wang, starts_on=today(), ends_on=today())
    assert titles(browse("wang").get(LIST)) == ["代办"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=owed", ["逾期必做", "计划", "事件"]),
        ("state=done", ["已办"]),
        ("state=done&done=today", ["已办"]),
        ("due=late&state=owed", ["逾期必做"]),
        ("due=today&state=owed", ["逾期必做", "计划"]),
        ("due=later", ["事件"]),
        ("kind=mandatory&state=owed", ["逾期必做", "计划"]),
        ("kind=optional", ["事件"]),
        ("kind=aim", ["事件"]),
        ("source=plan", ["计划"]),
        ("tier=platinum", ["事件"]),
        ("owner=none", ["逾期必做"]),
        ("owner=LI&state=owed", ["计划", "事件"]),
        ("owner=LI&owner=none&state=owed", ["逾期必做", "计划", "事件"]),
        ("state=owed&due_since=TODAY", ["计划", "事件"]),
        ("state=owed&made=1999-12-31", []),
        ("channel=messages", ["计划"]),
        ("channel=visit", ["事件"]),
        ("rule=RULE", ["事件"]),
        ("state=owed&kind=aim&due=late", []),
        ("due=nonsense&state=owed", ["逾期必做", "计划", "事件"]),
    ],
)
def test_the_list_is_narrowed_by(browse: Browse, cast: Cast, query: str, found: list[str]) -> None:
    second, third = client(cast, 2), client(cast, 3, standing={"tier": "platinum"})
    owe(cast.wu, None, "逾期必做", days=-1)
    owe_contact(second, cast.li, channel=Channel.SMS)
    Task.objects.filter(source="plan").update(title="计划")
    event = noticed(third, cast.li, "anniversary", days=9, channel=Channel.VISIT)
    Task.objects.filter(pk=event.pk).update(title="事件")
    owe(cast.wu, cast.li, "已办", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    for word, value in {"RULE": event.rule_id, "LI": cast.li.pk, "TODAY": today()}.items():
        query = query.replace(word, str(value))
    assert titles(browse("zhao").get(f"{LIST}?{query}")) == found


def test_a_planned_contact_is_overdue_when_its_rhythm_has_ended_as_its_mark_says(browse: Browse, cast: Cast) -> None:
    late = owe_contact(cast.wu, cast.li, late=3)  # made last night: its task is due today
    owe_contact(client(cast, 2), cast.li)
    response = browse("li").get(f"{LIST}?state=owed&due=late")
    assert [task.pk for task in response.context["page"].rows] == [late.pk]
    assert "逾 3 天" in response.content.decode()
    assert "逾期 3 天" in browse("li").get(late.get_absolute_url()).content.decode()


def test_what_is_past_by_now_is_told_from_what_lies_ahead(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, None, "逾期必做", days=-1)
    owe(client(cast, 2), cast.li, "以后", days=9)
    assert titles(browse("zhao").get(f"{LIST}?state=kept&due=past")) == ["逾期必做"]


@pytest.mark.parametrize("sort", ["due", "-due", "client", "-value", "made", "nonsense"])
def test_pages_hold_every_task_once_and_lead_back(browse: Browse, cast: Cast, sort: str) -> None:
    for number in range(119):
        owe(cast.wu, cast.li, f"待办 {number}", days=number % 5)
    browser, seen, pages, url = browse("li"), [], [], f"?sort={sort}"
    while url:
        response = browser.get(f"{LIST}{url}")
        pages.append([task.pk for task in response.context["page"]])
        seen += pages[-1]
        url = response.context["next_url"]
    assert len(seen) == len(set(seen)) == 119
    back = browser.get(f"{LIST}{response.context['previous_url']}")
    assert [task.pk for task in back.context["page"]] == pages[-2]


def test_of_the_same_deadline_the_more_valuable_client_comes_first(browse: Browse, cast: Cast) -> None:
    owe(client(cast, 2, standing={"value": 1.0}), cast.li, "值低")
    owe(client(cast, 3, standing={"value": 9.0}), cast.li, "值高")
    owe(cast.wu, cast.li, "更早", days=-1)
    assert titles(browse("li").get(LIST)) == ["更早", "值高", "值低"]


def test_the_bare_list_holds_what_is_owed(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "待办")
    owe(cast.wu, cast.li, "已办", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    assert titles(browse("li").get(LIST)) == ["待办"]
    assert sorted(titles(browse("li").get(f"{LIST}?state=all"))) == ["已办", "待办"]


def test_a_view_is_saved_under_a_name(browse: Browse, cast: Cast) -> None:
    SavedView.objects.create(employee=cast.li, page="service_logs:task_list", name="白金力争", query="kind=aim")
    views = browse("li").get(f"{LIST}?kind=aim").context["views"]
    assert [view["label"] for view in views if view["current"]] == ["白金力争"]


def test_empty_lists_say_why(browse: Browse, cast: Cast) -> None:
    assert "没有未完成的任务" in browse("li").get(LIST).content.decode()
    assert "没有符合全部条件的任务" in browse("li").get(f"{LIST}?state=done").content.decode()


def test_the_list_costs_the_same_for_few_and_many(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    for number in range(50):
        noticed(client(cast, number + 2), cast.li, "anniversary")
    browser = browse("li")
    with query_budget("service_logs:task_list"):
        browser.get(f"{LIST}?state=owed")


def test_a_task_says_why_in_words_and_figures(browse: Browse, cast: Cast) -> None:
    facts = {"occurred_on": str(today()), "amount_fen": 35_000_000, "part_share": 0.224}
    task = noticed(cast.wu, cast.li, "large_outflow", facts=facts)
    owe(cast.wu, cast.li, "送对账单")
    page = browse("li").get(f"{LIST}{task.pk}/").content.decode()
    assert "转出 350,000.00 元，占转出前资产 22.4%" in page
    assert "送对账单" in page  # the same call
    assert "不联系，直接办结" not in page


def test_what_is_owed_as_a_talk_is_not_ticked_off(browse: Browse, cast: Cast) -> None:
    task = noticed(cast.wu, cast.li, "large_outflow")
    answer = browse("li").post(f"{LIST}{task.pk}/done/", {"result": "已办"})
    assert answer.status_code == 409
    assert "须记服务日志" in answer.content.decode()
    assert state(task) == Task.State.OPEN


def test_a_task_by_hand_is_ended_with_a_word(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    assert browse("li").post(f"{LIST}{task.pk}/done/", {"result": ""}).status_code == 422
    browse("li").post(f"{LIST}{task.pk}/done/", {"result": "客户自行办妥"})
    assert (state(task), task.result, task.done_by) == (Task.State.DONE, "客户自行办妥", cast.li)


def made(**fields: Any) -> dict[str, Any]:
    return {
        "title": "季度回顾", "kind": "optional", "channel": "phone", "due_on": str(today()), "minutes": "10", **fields,
    }  # fmt: skip


def test_one_task_is_made_for_each_chosen_client_one_may_see(
    browse: Browse, cast: Cast, calendar: TradingCalendar
) -> None:
    second, foreign = client(cast, 2), client(cast, 3, manager=cast.wang)
    url = f"{LIST}new/?clients={cast.wu.pk},{second.pk},{foreign.pk}"
    assert browse("li").get(url).context["count"] == 2
    answer = browse("li").post(f"{LIST}new/", made(clients=f"{cast.wu.pk},{second.pk},{foreign.pk}"))
    assert answer.status_code == 302
    assert set(Task.objects.values_list("client", "owner", "kind", "source")) == {
        (cast.wu.pk, cast.li.pk, "optional", "manual"), (second.pk, cast.li.pk, "optional", "manual"),
    }  # fmt: skip


def test_the_client_list_hands_its_ticked_clients_over(browse: Browse, cast: Cast) -> None:
    page = browse("li").post(f"{LIST}new/", {"ids": [cast.wu.pk]})
    assert (page.status_code, page.context["count"]) == (200, 1)
    assert f"{LIST}new/" in browse("li").get("/clients/").content.decode()


@pytest.mark.parametrize(("typed", "field"), [({"title": ""}, "title"), ({"due_on": "2020-01-01"}, "due_on")])
def test_a_mistake_is_told_at_its_field(browse: Browse, cast: Cast, typed: dict[str, str], field: str) -> None:
    answer = browse("li").post(f"{LIST}new/", made(clients=str(cast.wu.pk), **typed))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def ask(task: Task, **fields: Any) -> dict[str, Any]:
    return {"ids": [task.pk], "asked": "1", "back": "state=owed", **fields}


def test_a_leader_gives_tasks_to_a_member_of_the_team(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, None)
    page = browse("chen").post(f"{LIST}assign/", {"ids": [task.pk]})
    assert list(page.context["form"].fields["owner"].queryset) == [cast.li, cast.chen]
    answer = browse("chen").post(f"{LIST}assign/", ask(task, owner=cast.li.pk, reason="休假"))
    assert answer["Location"] == f"{LIST}?state=owed"
    assert Task.objects.get().owner == cast.li
    assert browse("chen").post(f"{LIST}assign/", ask(task, owner=cast.wang.pk, reason="x")).status_code == 422


@pytest.mark.req("MOT-02")
def test_only_optional_tasks_are_put_off(browse: Browse, cast: Cast, calendar: TradingCalendar) -> None:
    must, free = owe(cast.wu, cast.li, "必办"), owe(cast.wu, cast.li, "选办", kind=Kind.OPTIONAL)
    later = str(today() + timedelta(days=7))
    page = browse("li").post(f"{LIST}postpone/", {"ids": [must.pk, free.pk]})
    assert "1 件必做保持原时限" in page.content.decode()
    browse("li").post(f"{LIST}postpone/", {**ask(free, due_on=later), "ids": [must.pk, free.pk]})
    must.refresh_from_db()
    free.refresh_from_db()
    assert (must.due_at, free.due_at > on(5)) == (on(0), True)


def test_tasks_are_cancelled_with_a_reason_by_those_who_lead(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    assert browse("li").post(f"{LIST}cancel/", ask(task, reason="重复")).status_code == 403
    assert browse("chen").post(f"{LIST}cancel/", ask(task, reason=" ")).status_code == 422
    browse("chen").post(f"{LIST}cancel/", ask(task, reason="重复"))
    assert state(task) == Task.State.CANCELLED
    assert AuditEntry.objects.get(action="service_logs.task_cancelled").reason == "重复"


def test_tasks_out_of_sight_are_untouched(browse: Browse, cast: Cast) -> None:
    task = owe(client(cast, 2, manager=cast.wang), cast.wang)
    page = browse("chen").post(f"{LIST}cancel/", ask(task, reason="越权"))
    assert state(task) == Task.State.OPEN
    assert page.status_code == 302


@pytest.mark.req("COM-02")
def test_a_batch_of_messages_is_written_down_for_each_client(
    browse: Browse, cast: Cast, calendar: TradingCalendar
) -> None:
    cast.branch.quiet_from, cast.branch.quiet_until = "00:00", "00:00"
    cast.branch.save()
    tasks = [owe_contact(one, cast.li, channel=Channel.SMS) for one in (cast.wu, client(cast, 2))]
    ids = [task.pk for task in tasks]
    refused = browse("li").post(f"{LIST}messages/", {"ids": ids, "asked": "1", "text": "稳赚的产品"})
    assert refused.status_code == 422
    browse("li").post(f"{LIST}messages/", {"ids": ids, "asked": "1", "text": "8月市场概况"})
    assert [state(task) for task in tasks] == ["done", "done"]
    assert Contact.objects.filter(result="sms_delivered", summary="8月市场概况").count() == 2


def test_an_export_holds_what_was_seen_and_is_audited(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "=1+1")
    owe(cast.wu, cast.li, "已办", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    answer = browse("zhao").post(f"{LIST}export/?state=owed", {"reason": "周会"})
    table = pd.read_excel(BytesIO(answer.content), engine="calamine", dtype=str)
    assert table["事项"].tolist() == ["=1+1"]
    entry = AuditEntry.objects.get(action="service_logs.tasks_exported")
    assert ((entry.after or {})["rows"], entry.reason, entry.actor) == (1, "周会", cast.zhao)
    assert browse("zhao").post(f"{LIST}export/", {"reason": ""}).status_code == 422


def test_compliance_closes_its_own_tasks_and_nobody_elses(browse: Browse, cast: Cast) -> None:
    own, foreign = noticed(cast.wu, cast.qian, "suspicious"), owe(cast.wu, cast.li)
    assert "直接办结" in browse("qian").get(own.get_absolute_url()).content.decode()
    assert browse("qian").post(f"{own.get_absolute_url()}done/", {"result": "已报送"}).status_code == 302
    assert state(own) == "done"
    assert browse("qian").post(f"{foreign.get_absolute_url()}done/", {"result": "已办"}).status_code == 403
    assert state(foreign) == "open"


@pytest.mark.parametrize(("name", "seen"), [("li", 0), ("zhao", 0), ("qian", 1)])
def test_what_compliance_handles_is_visible_to_nobody_else(name: str, seen: int, cast: Cast) -> None:
    noticed(cast.wu, cast.qian, "suspicious")
    user = getattr(cast, name)
    assert (Task.objects.visible_to(user).count(), Signal.objects.visible_to(user).count()) == (seen, seen)
