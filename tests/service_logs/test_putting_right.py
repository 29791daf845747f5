"""What may be written, put right, handed on and put off, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from office.dates import SHANGHAI, TradingCalendar
from office.models import AuditEntry, Role
from service_logs.errors import BeforeTheTask, ForbiddenWords, NobodyToServe
from service_logs.models import Contact, Kind, Rule, ServiceStanding, Task
from service_logs.operations.contacts import correct_contact, log_contact, undo_contact
from service_logs.operations.history import PastContact, take_over
from service_logs.operations.settings import edit_rule
from service_logs.operations.task_edits import add_tasks, cancel, hand_over, postpone
from tests.conftest import Cast, make_client, make_employee
from tests.service_logs.desk import noticed, on, owe, owe_contact, tell, today
from tests.service_logs.facts import MORNING, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
DRAWER = "/service/contacts/new/"


def entry(cast: Cast, **fields: Any) -> dict[str, Any]:
    return {
        "client": cast.wu.pk, "channel": "phone", "result": "reached", "summary": "已说明", "next": "rhythm",
        "initiator": "staff", **fields,
    }  # fmt: skip


def told(cast: Cast, task: Task, result: str = "reached", **fields: Any) -> Contact:
    return log_contact(cast.wu, by=cast.li, result=result, summary="已联系", tasks=[task], **fields)


# Corrections


def test_a_talk_corrected_to_an_attempt_leaves_its_task_owed(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    contact = told(cast, task)
    correct_contact(contact, {"result": "not_reached"}, version=1, by=cast.li)
    task.refresh_from_db()
    assert (task.state, task.done_at, task.contact, task.result) == ("open", None, None, "not_reached")


def test_a_corrected_result_and_hour_are_told_by_the_task_too(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    contact = told(cast, task)
    earlier = contact.at - timedelta(minutes=90)
    correct_contact(contact, {"result": "refused", "at": earlier}, version=1, by=cast.li)
    task.refresh_from_db()
    assert (task.state, task.result, task.done_at) == ("done", "refused", earlier)


def test_a_corrected_summary_leaves_the_task_as_it_is(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    correct_contact(told(cast, task), {"summary": "已说明费率"}, version=1, by=cast.li)
    task.refresh_from_db()
    assert (task.state, task.result) == ("done", "reached")


def test_an_entry_taken_back_lets_one_task_of_the_call_lead_again(cast: Cast) -> None:
    tasks = [owe(cast.wu, cast.li, title, is_primary=title == "甲") for title in ("甲", "乙")]
    undo_contact(log_contact(cast.wu, by=cast.li, result="reached", summary="已联系", tasks=tasks), by=cast.li)
    assert sorted(Task.objects.values_list("is_primary", flat=True)) == [False, True]


# An answer comes after the question


def test_a_talk_before_the_event_does_not_end_its_task(browse: Browse, cast: Cast) -> None:
    task = noticed(cast.wu, cast.li, "large_outflow")  # of yesterday
    with pytest.raises(BeforeTheTask):
        told(cast, task, at=on(-3, 10))
    answer = browse("li").post(DRAWER, entry(cast, tasks=[task.pk], at=f"{on(-3, 10):%Y-%m-%dT%H:%M}"))
    assert answer.status_code == 422
    assert "早于所选任务" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_talk_on_the_day_of_the_event_ends_it(cast: Cast) -> None:
    task = noticed(cast.wu, cast.li, "large_outflow")
    told(cast, task, at=on(-1, 16))
    task.refresh_from_db()
    assert task.state == "done"


def test_an_older_talk_still_ends_the_planned_contact(cast: Cast) -> None:
    task = owe_contact(cast.wu, cast.li)
    told(cast, task, at=on(-4, 10))
    task.refresh_from_db()
    assert task.state == "done"


# Words


@pytest.mark.parametrize("field", ["summary", "need", "promise", "feedback"])
def test_an_entry_holds_no_forbidden_word_in_any_field(field: str, cast: Cast) -> None:
    values: dict[str, Any] = {"summary": "已联系", field: "客户要求保证收益"}
    with pytest.raises(ForbiddenWords):
        log_contact(cast.wu, by=cast.li, result="reached", **values)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("field", ["summary", "need", "promise"])
def test_the_drawer_names_the_word_at_its_field(field: str, browse: Browse, cast: Cast) -> None:
    values = entry(cast, promise_due_on=str(today())) if field == "promise" else entry(cast)
    answer = browse("li").post(DRAWER, {**values, field: "这只稳赚不赔"})
    assert answer.status_code == 422
    assert "稳赚不赔" in str(answer.context["form"].errors[field])


@pytest.mark.parametrize("field", ["summary", "need", "feedback"])
def test_a_correction_brings_no_forbidden_word_in(field: str, browse: Browse, cast: Cast) -> None:
    contact = tell(cast.wu, cast.li, days=-1)
    with pytest.raises(ForbiddenWords):
        correct_contact(contact, {field: "零风险"}, version=1, by=cast.li)
    page = browse("li").get(f"{contact.get_absolute_url()}edit/").context["form"]
    typed = {name: page[name].value() or "" for name in page.fields}
    typed |= {"at": f"{on(0, 0):%Y-%m-%dT%H:%M}", field: "零风险", "reason": "补充"}
    answer = browse("li").post(f"{contact.get_absolute_url()}edit/", typed)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


@pytest.mark.parametrize("field", ["title", "note"])
def test_a_task_by_hand_holds_no_forbidden_word(field: str, browse: Browse, cast: Cast) -> None:
    values: dict[str, Any] = {"title": "送对账单", "note": "", field: "告知内幕"}
    with pytest.raises(ForbiddenWords):
        add_tasks([cast.wu], due_on=today(), by=cast.li, today=today(), **values)
    answer = browse("li").post(f"/service/tasks/new/?client={cast.wu.pk}", {
        "kind": "optional", "channel": "phone", "due_on": str(today()), "minutes": 5, **values,
    })  # fmt: skip
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_how_a_task_was_done_holds_no_forbidden_word(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    assert browse("li").post(f"{task.get_absolute_url()}done/", {"result": "已给返佣"}).status_code == 422


@pytest.mark.parametrize("change", [{"script_hint": "说这只必涨"}, {"feedback": ["要求返佣"]}])
def test_a_setting_brings_no_forbidden_word_before_the_manager(change: dict[str, Any], cast: Cast) -> None:
    with pytest.raises(ForbiddenWords):
        edit_rule(Rule.objects.get(number=1), change, version=0, by=cast.zhao)


# Promises


@pytest.mark.req("SKL-05")
@pytest.mark.parametrize(
    ("promised", "due"),
    [
        (date(2026, 8, 28), date(2026, 8, 28)),
        (date(2026, 8, 29), date(2026, 8, 28)),  # a Saturday: on the Friday
        (date(2026, 10, 5), date(2026, 9, 30)),  # in the long holiday: before it
        (date(2026, 8, 24), date(2026, 8, 24)),
    ],
)
def test_a_promise_for_a_day_off_is_due_before_it(promised: date, due: date, cast: Cast) -> None:
    log_contact(
        cast.wu, by=cast.li, result="reached", summary="已联系", at=at(MORNING, 10), promise="寄材料",
        promise_due_on=promised,
    )  # fmt: skip
    task = Task.objects.get(rule__code="promise_due")
    assert task.due_at.astimezone(SHANGHAI) == datetime(due.year, due.month, due.day, 17, tzinfo=SHANGHAI)


def test_the_drawer_never_ticks_a_promise_and_says_so(browse: Browse, cast: Cast) -> None:
    rule = Rule.objects.get(code="promise_due")
    promise = owe(cast.wu, cast.li, "承诺：寄材料", rule=rule)
    other = owe(cast.wu, cast.li)
    answer = browse("li").get(f"{DRAWER}?client={cast.wu.pk}")
    assert {task.pk: ticked for task, ticked in answer.context["boxes"]} == {promise.pk: False, other.pk: True}
    assert "承诺不会预先勾选" in answer.content.decode()
    assert "承诺不预先勾选" in browse("li").get("/").content.decode()


# Handing on, putting off, withdrawing


def test_a_visit_that_the_manager_must_not_make_is_not_handed_to_him(cast: Cast) -> None:
    task = noticed(cast.wu, cast.chen, "new_account_visit")
    with pytest.raises(NobodyToServe):
        hand_over([task], cast.li, by=cast.zhao, today=today())
    assert hand_over([task], cast.wang, by=cast.zhao, today=today()) == 1


def test_a_task_is_not_handed_to_whom_it_concerns(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.chen, hidden_from=[cast.wang.pk])
    answer = browse("zhao").post("/service/tasks/assign/", {
        "ids": [task.pk], "owner": cast.wang.pk, "reason": "分担", "asked": "1",
    })  # fmt: skip
    assert answer.status_code == 409
    task.refresh_from_db()
    assert task.owner == cast.chen


def test_what_compliance_handles_stays_with_compliance(cast: Cast) -> None:
    task = noticed(cast.wu, cast.qian, "elderly_risk")
    with pytest.raises(NobodyToServe):
        hand_over([task], cast.li, by=cast.zhao, today=today())
    lu = make_employee("1099", "陆合", cast.branch, Role.COMPLIANCE)
    assert hand_over([task], lu, by=cast.qian, today=today()) == 1


def test_nothing_is_put_off_to_an_earlier_day(cast: Cast) -> None:
    task = owe(cast.wu, cast.li, kind=Kind.OPTIONAL, days=20)
    assert postpone([task], today() + timedelta(days=2), by=cast.li, today=today()) == 0
    task.refresh_from_db()
    assert task.due_at == on(20)
    assert not AuditEntry.objects.filter(action="service_logs.tasks_postponed").exists()


def test_what_ended_meanwhile_is_neither_moved_nor_told_as_moved(cast: Cast) -> None:
    task = owe(cast.wu, cast.li, kind=Kind.OPTIONAL)
    Task.objects.update(state=Task.State.EXPIRED)
    assert hand_over([task], cast.wang, by=cast.zhao, today=today()) == 0
    assert cancel([task], reason="重复", by=cast.zhao) == 0
    assert not AuditEntry.objects.filter(action__startswith="service_logs.task").exists()


@pytest.mark.parametrize("path", ["postpone", "new"])
def test_a_day_beyond_the_calendar_is_refused_in_words(path: str, browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li, kind=Kind.OPTIONAL)
    day = {"due_on": "2199-01-01"}
    common = {"title": "送对账单", "kind": "optional", "channel": "phone", "minutes": 5, "clients": cast.wu.pk}
    answer = browse("li").post(f"/service/tasks/{path}/", {**common, **day, "ids": [task.pk], "asked": "1"})
    assert answer.status_code == 409
    assert "日历" in answer.content.decode()


def test_history_of_a_stranger_moves_no_last_contact(cast: Cast, calendar: TradingCalendar) -> None:
    past = PastContact(cast.wu.pk, cast.sun.pk, at(MORNING, 10), "phone", "reached", "已联系")
    assert take_over(cast.branch, [past], now=at(MORNING, 12), by=cast.shen) == 0
    assert not ServiceStanding.objects.filter(client=cast.wu).exists()


# Lists


@pytest.mark.parametrize("query", ["", "sort=-value", "sort=due&after="])
def test_turning_the_bare_list_keeps_to_what_is_owed(query: str, browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li, "待办")
    owe(cast.wu, cast.li, "已办", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    assert [task.title for task in browse("li").get(f"/service/tasks/?{query}").context["page"]] == ["待办"]


def test_the_second_page_of_the_bare_list_holds_owed_tasks_only(browse: Browse, cast: Cast) -> None:
    for number in range(60):
        owe(cast.wu, cast.li, f"待办 {number}")
    for number in range(60):
        owe(cast.wu, cast.li, f"已办 {number}", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    first = browse("li").get("/service/tasks/")
    second = browse("li").get(f"/service/tasks/{first.context['next_url']}")
    assert {task.state for task in second.context["page"]} == {"open"}
    assert len(second.context["page"]) == 10


def test_paging_keeps_filter_and_order(browse: Browse, cast: Cast) -> None:
    for number in range(60):
        owe(cast.wu, cast.li, f"选做 {number}", kind=Kind.OPTIONAL, days=number % 7)
        owe(cast.wu, cast.li, f"必做 {number}")
    first = browse("li").get("/service/tasks/?state=owed&kind=optional&sort=-due")
    second = browse("li").get(f"/service/tasks/{first.context['next_url']}")
    shown = [task for page in (first, second) for task in page.context["page"]]
    assert len({task.pk for task in shown}) == 60
    assert {task.kind for task in shown} == {Kind.OPTIONAL}
    assert [task.due_at for task in shown] == sorted((task.due_at for task in shown), reverse=True)


@pytest.mark.parametrize(
    "address",
    [
        "/service/contacts/?until=9999-12-31", "/service/contacts/?since=0001-01-01", "/service/contacts/?until=x",
        "/service/tasks/?due_since=0001-01-01", "/service/tasks/?due_since=9999-12-31", "/service/tasks/?owner=zz",
        "/service/tasks/?batch=99999999999999999999", "/service/tasks/?made=0001-01-01", "/service/tasks/?after=!!",
        "/service/tasks/new/?client=99999999999999999999", "/service/tasks/statistics/?since=0001-01-01",
        "/service/tasks/statistics/?until=9999-12-31", "/service/scripts/?scene=zz&show=zz", "/service/rules/?show=zz",
    ],
)  # fmt: skip
def test_no_address_that_somebody_types_breaks_a_list(address: str, browse: Browse, cast: Cast) -> None:
    assert browse("zhao").get(address).status_code == 200


def test_the_log_is_narrowed_by_result_beside_the_search(browse: Browse, cast: Cast) -> None:
    tell(cast.wu, cast.li, "谈过")
    tell(cast.wu, cast.li, "没接", result=Contact.Result.NOT_REACHED)
    page = browse("li").get("/service/contacts/?result=not_reached")
    assert [row.summary for row in page.context["page"]] == ["没接"]
    assert page.context["quick_said"] == "未接通"


def test_types_that_wait_for_data_stand_last(browse: Browse) -> None:
    lines = browse("zhao").get("/service/rules/").context["lines"]
    can_run = [line.rule.can_run for line in lines]
    assert can_run == sorted(can_run, reverse=True)
    numbers = [line.rule.number for line in lines if line.rule.can_run]
    assert numbers == sorted(numbers)


def test_the_policy_names_each_grade_once(browse: Browse) -> None:
    page = browse("zhao").get("/service/policies/").content.decode()
    assert page.count(">VIP客户</th>") == 1


def test_the_statistics_leave_empty_columns_out(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    page = browse("zhao").get("/service/tasks/statistics/?period=quarter")
    assert "选做完成（件）" not in page.content.decode()
    other = make_client(cast.branch, "880100000077", manager=cast.li)
    owe(other, cast.li, kind=Kind.OPTIONAL, state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    page = browse("zhao").get("/service/tasks/statistics/?period=quarter")
    assert "选做完成（件）" in page.content.decode()
