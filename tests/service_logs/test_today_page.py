"""今日工作台: whom to call first, who sees what of it, and what it says when there is nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Client, ClientStanding
from office.models import Branch, Employee, Leave
from service_logs.models import Kind, Task
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import noticed, on, owe, owe_contact, tell, today

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]


def client(cast: Cast, number: int, name: str, owner: Employee, **standing: Any) -> Client:
    return make_client(cast.branch, f"88010000{number:04d}", manager=owner, name=name, standing=standing)


def names(lines: list[Any]) -> list[str]:
    return [line.client.name for line in lines]


def shown(browse: Browse, who: str, query: str = "") -> Any:
    return browse(who).get(f"/{query}").context


@pytest.mark.req("MOT-01")
def test_mandatory_tasks_come_by_deadline_then_by_value(browse: Browse, cast: Cast) -> None:
    for number, name, value, days, hour in [
        (2, "晚值高", 90.0, 0, 17), (3, "晚值低", 10.0, 0, 17), (4, "下午两点", 5.0, 0, 14), (5, "逾期", 1.0, -2, 17),
        (6, "后天", 99.0, 2, 17),
    ]:  # fmt: skip
        owe(client(cast, number, name, cast.li, value=value), cast.li, days=days, hour=hour)
    found = shown(browse, "li")["list"]
    assert names(found.due) == ["逾期", "下午两点", "晚值高", "晚值低"]
    assert names(found.later) == ["后天"]
    assert (found.due_count, found.late_count, found.earliest) == (4, 1, on(0, 14))


def test_a_client_stands_once_with_all_that_fits_into_the_call(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "产品到期", minutes=8)
    owe_contact(cast.wu, cast.li, late=3, is_primary=False)
    owe(cast.wu, cast.li, "客户周年", kind=Kind.OPTIONAL, days=2, is_primary=False)
    context = shown(browse, "li")
    found = context["list"]
    assert (names(found.due), found.contacts, found.optional, found.contacts_merged) == (["吴越"], [], [], 1)
    assert [task.title for task in found.due[0].rest] == ["周联系", "客户周年"]
    assert found.due[0].minutes == 8
    page = browse("li").get("/").content.decode()
    assert "同一通来电：周联系（逾 3 天）·选做：客户周年" in page


def test_a_step_of_a_complaint_in_the_same_call_says_which_step_it_is(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "产品到期", minutes=8)
    facts = {"no": "TS-2611-0001", "step": "处理"}
    noticed(cast.wu, cast.li, "complaint_steps", facts=facts, is_primary=False, days=1)
    assert "同一通来电：投诉 TS-2611-0001 处理（" in browse("li").get("/").content.decode()


@pytest.mark.req("COM-01")
def test_contacts_come_with_the_longest_overdue_first_in_plum(browse: Browse, cast: Cast) -> None:
    late = client(cast, 2, "逾期客户", cast.li, value=1.0, last_contact_on=today() - timedelta(days=2))
    fresh = client(cast, 3, "今日到期", cast.li, value=90.0, last_contact_on=today() - timedelta(days=7))
    owe_contact(late, cast.li, late=5)
    owe_contact(fresh, cast.li)
    response = browse("li").get("/")
    assert names(response.context["list"].contacts) == ["逾期客户", "今日到期"]
    page = response.content.decode()
    assert '<span class="stt c">' in page.split("12 天前")[0].rsplit("<td", 1)[1]
    assert '<span class="stt w">' in page.split("7 天前")[0].rsplit("<td", 1)[1]
    assert response.context["figures"].contacts_late == 1


@pytest.mark.req("MOT-02", "MOT-03")
def test_optional_tasks_stand_apart_aims_first_and_count_in_no_figure(browse: Browse, cast: Cast) -> None:
    plain, aim = (
        client(cast, 2, "银卡客户", cast.li, tier="silver"),
        client(cast, 3, "白金客户", cast.li, tier="platinum"),
    )
    noticed(plain, cast.li, "anniversary", priority=99.0)
    noticed(aim, cast.li, "anniversary", priority=1.0)
    response = browse("li").get("/")
    assert names(response.context["list"].optional) == ["白金客户", "银卡客户"]
    assert (response.context["figures"].must_total, response.context["list"].due_count) == (0, 0)
    assert "力争</span>" in response.content.decode()


def test_the_strip_counts_done_and_due_and_minutes(browse: Browse, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=cast.wu.pk).update(grade="vip")
    done: dict[str, Any] = {"state": Task.State.DONE, "done_at": on(0, 9), "done_by": cast.li}
    owe(cast.wu, cast.li, "已办", **done)
    owe(client(cast, 2, "乙", cast.li), cast.li, "未办", minutes=6)
    tell(cast.wu, cast.li, duration_min=9)
    figures = shown(browse, "li")["figures"]
    assert (figures.must_done, figures.must_total, figures.last_done_at) == (1, 2, on(0, 9))
    assert (figures.minutes_used, figures.minutes_open, figures.minutes_budget) == (9, 6, 240)
    assert (figures.vip_reached, figures.vip_total) == (0, 1)


def test_a_manager_sees_the_own_day_only(browse: Browse, cast: Cast) -> None:
    owe(client(cast, 2, "同事的客户", cast.wang), cast.wang)
    assert names(shown(browse, "li")["list"].due) == []
    assert names(shown(browse, "wang")["list"].due) == ["同事的客户"]


@pytest.mark.parametrize("asked", ["?scope=branch", "?scope=team", "?scope=nonsense"])
def test_a_manager_cannot_widen_the_scope(browse: Browse, cast: Cast, asked: str) -> None:
    owe(client(cast, 2, "同事的客户", cast.wang), cast.wang)
    context = shown(browse, "li", asked)
    assert (context["scope"], names(context["list"].due)) == ("own", [])


def test_a_substitute_finds_the_absent_ones_clients_on_the_own_list(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    Leave.objects.create(employee=cast.li, substitute=cast.wang, starts_on=today(), ends_on=today())
    response = browse("wang").get("/")
    assert names(response.context["list"].due) == ["吴越"]
    assert "李清<span" in response.content.decode()


def test_a_leader_sees_the_team_by_person_and_may_narrow_to_the_own_day(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, days=-1)
    owe(client(cast, 2, "他队客户", cast.wang), cast.wang)
    context = shown(browse, "chen")
    assert (context["scope"], names(context["list"].due)) == ("team", ["吴越"])
    assert [(row.name, row.due, row.late) for row in context["people"]][:1] == [("李清", 1, 1)]
    assert names(shown(browse, "chen", "?scope=own")["list"].due) == []


def test_a_director_sees_the_branch_and_what_nobody_has(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    owe(client(cast, 2, "无人负责", cast.wang), None)
    response = browse("zhao").get("/")
    assert sorted(names(response.context["list"].due)) == ["吴越", "无人负责"]
    assert response.context["unassigned"] == 1
    assert "1 件没有负责人" in response.content.decode()


def test_what_compliance_handles_is_hidden_from_the_manager(browse: Browse, cast: Cast) -> None:
    noticed(cast.wu, cast.qian, "suspicious")
    response = browse("li").get("/")
    assert (response.context["list"].due, list(response.context["alerts"])) == ([], [])
    assert "有 1 件任务交给您" in browse("qian").get("/").content.decode()


def test_alerts_say_what_the_night_noticed_in_words(browse: Browse, cast: Cast) -> None:
    facts = {"occurred_on": str(today() - timedelta(days=1)), "amount_fen": 35_000_000, "part_share": 0.224}
    task = noticed(cast.wu, cast.li, "large_outflow", facts=facts)
    Task.objects.filter(pk=task.pk).update(state=Task.State.EXPIRED)
    page = browse("li").get("/").content.decode()
    assert "大额资金转出" in page
    assert "转出 350,000.00 元，占转出前资产 22.4%" in page


def test_birthdays_of_today_are_named(browse: Browse, cast: Cast) -> None:
    now = today().month * 100 + today().day
    Client.objects.filter(pk=cast.wu.pk).update(birth_md=now)
    context = shown(browse, "li")
    assert ([row.client.name for row in context["birthdays"]], context["birthday_counts"]["week"]) == (["吴越"], 1)
    more = [make_client(cast.branch, f"88010000070{place}", manager=cast.li).pk for place in range(7)]
    Client.objects.filter(pk__in=more).update(birth_md=now)  # more than are named
    assert shown(browse, "li")["birthday_counts"] == {"today": 8, "week": 8}
    assert "今日 8 位" in browse("li").get("/").content.decode()
    assert list(shown(browse, "wang")["birthdays"]) == []


def test_an_empty_day_and_a_finished_day_say_so(browse: Browse, cast: Cast) -> None:
    assert "没有待办的必做" in browse("li").get("/").content.decode()
    owe(cast.wu, cast.li, state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    page = browse("li").get("/").content.decode()
    assert "今日必做已全部完成，1 件，最后一件 09:00" in page


def test_late_data_is_said_once_with_its_source(browse: Browse, cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch.pk).update(data_as_of=today() - timedelta(days=4), degraded_on=today())
    page = browse("li").get("/").content.decode()
    assert page.count("06:00 前柜台数据未齐") == 1
    assert "夜间作业只生成了" in page


def test_who_has_no_clients_is_shown_the_doors_open_to_him(browse: Browse, cast: Cast) -> None:
    counter, administrator = browse("zhou").get("/"), browse("shen").get("/")
    assert "挽留" in [door.label for door in counter.context["doors"]]  # the desk where requests are registered
    assert "系统" in [door.label for door in administrator.context["doors"]]
    assert "系统" not in [door.label for door in counter.context["doors"]]


def test_htmx_gets_the_day_without_the_frame(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    part = browse("li").get("/", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<div id="day"')
    assert "吴越" in part


def test_the_page_is_only_read(browse: Browse, cast: Cast) -> None:
    assert browse("li").post("/").status_code == 405


@pytest.mark.parametrize(("who", "name"), [("li", "today"), ("zhao", "today:branch")])
def test_the_day_costs_the_same_for_few_and_many(
    browse: Browse, cast: Cast, query_budget: QueryBudget, who: str, name: str
) -> None:
    for number in range(2, 52):
        one = client(cast, number, f"客户{number}", cast.li, value=float(number))
        owe(one, cast.li, days=number % 3 - 1)
        owe_contact(one, cast.li, late=number % 5)
        noticed(one, cast.li, "anniversary")
    browser = browse(who)
    with query_budget(name):
        browser.get("/")


def test_the_line_under_the_title_follows_what_is_logged(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    whole = browse("li").get("/").content.decode()
    again = browse("li").get("/", headers={"HX-Request": "true"}).content.decode()
    assert (whole.count('id="day-lead"'), "hx-swap-oob" in whole) == (1, False)
    assert '<span hx-swap-oob="innerHTML:#day-lead">' in again
