"""The log drawer: two clicks and one sentence, what it ends, what it refuses, and the same without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ChannelPreference, Client, ClientStanding
from office.dates import TradingCalendar
from office.models import Leave
from service_logs.models import Contact, Kind, Task
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import noticed, owe, owe_contact, tell, today

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
NEW = "/service/contacts/new/"
HTMX = {"hx-request": "true"}


def said(client: Client, **fields: Any) -> dict[str, Any]:
    """What the drawer sends when nothing but the sentence is touched."""
    return {
        "client": client.pk, "channel": "phone", "result": "reached", "summary": "已说明账户情况", "next": "rhythm",
        "initiator": "staff", "minutes": "6", **fields,
    }  # fmt: skip


def opened(browse: Browse, client: Client, who: str = "li") -> Any:
    return browse(who).get(NEW, {"client": client.pk}, headers=HTMX)


@pytest.mark.req("COM-07")
def test_the_card_before_the_call_shows_who_he_is_and_what_was_said(browse: Browse, cast: Cast) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(risk_level="C4", risk_valid_to=today() + timedelta(days=20))
    ClientStanding.objects.filter(pk=cast.wu.pk).update(assets_fen=320_000_000, turnover_fen=1_200_000_000)
    ChannelPreference.objects.create(client=cast.wu, channel="sms", purpose="marketing", state="denied")
    tell(cast.wu, cast.li, "问及两融费率", days=-3, need="想了解国债逆回购")
    page = opened(browse, cast.wu).content.decode()
    for words in ("C4", "320.00 万元", "1,200.00 万元", "问及两融费率", "想了解国债逆回购", "不接受短信营销"):
        assert words in page


def test_what_the_contact_ends_is_ticked(browse: Browse, cast: Cast) -> None:
    due, later = owe(cast.wu, cast.li, "送对账单"), owe(cast.wu, cast.li, "季度回顾", days=9)
    boxes = opened(browse, cast.wu).context["boxes"]
    assert {task.pk: ticked for task, ticked in boxes} == {due.pk: True, later.pk: False}


def test_the_event_offers_its_answers(browse: Browse, cast: Cast) -> None:
    noticed(cast.wu, cast.li, "large_outflow")
    form = opened(browse, cast.wu).context["form"]
    assert [value for value, _ in form.fields["feedback"].choices] == ["用款需要", "他行理财", "对服务不满", "不便透露"]


def test_one_sentence_is_enough(browse: Browse, cast: Cast) -> None:
    task, plan = owe(cast.wu, cast.li), owe_contact(cast.wu, cast.li)
    answer = browse("li").post(NEW, said(cast.wu, tasks=[task.pk, plan.pk], then="close"), headers=HTMX)
    contact = Contact.objects.get()
    assert (contact.author, contact.channel, contact.duration_min, contact.is_qualifying) == (cast.li, "phone", 6, True)
    assert set(Task.objects.values_list("state", "contact_id")) == {("done", contact.pk)}
    events = json.loads(answer["HX-Trigger"])
    assert (answer.status_code, events["toast"]["text"]) == (204, "已记 吴越 的服务日志，办结 2 件待办")
    assert {"drawer-close", "contact-logged"} <= set(events)
    assert events["toast"]["href"] == contact.get_absolute_url()


def test_a_complaint_raised_leads_on_to_its_intake(browse: Browse, cast: Cast) -> None:
    answer = browse("li").post(NEW, said(cast.wu, result="complaint_raised", then="close"), headers=HTMX)
    toast = json.loads(answer["HX-Trigger"])["toast"]
    known = parse_qs(urlsplit(toast["href"]).query)
    contact = Contact.objects.get()
    assert (toast["verb"], urlsplit(toast["href"]).path) == ("转为投诉", "/complaints/new/")
    assert (known["client"], known["contact"]) == ([str(cast.wu.pk)], [str(contact.pk)])
    assert browse("li").get(toast["href"]).context["form"].initial["received_at"].date() == timezone.localdate()


def test_saving_may_go_on_to_the_next_client_of_the_list(browse: Browse, cast: Cast) -> None:
    second = make_client(cast.branch, "880100000002", manager=cast.li, name="下一位")
    owe(cast.wu, cast.li, hour=14)
    owe(second, cast.li)
    answer = browse("li").post(f"{NEW}?scope=own", said(cast.wu, then="next"), headers=HTMX)
    assert (answer.status_code, answer.context["client"]) == (200, second)
    assert "drawer-close" not in json.loads(answer["HX-Trigger"])


def test_after_the_last_one_the_drawer_closes(browse: Browse, cast: Cast) -> None:
    answer = browse("li").post(NEW, said(cast.wu, then="next"), headers=HTMX)
    assert (answer.status_code, "drawer-close" in json.loads(answer["HX-Trigger"])) == (204, True)


def test_without_javascript_it_is_a_page_that_leads_on(browse: Browse, cast: Cast) -> None:
    second = make_client(cast.branch, "880100000002", manager=cast.li, name="下一位")
    owe(second, cast.li)
    page = browse("li").get(NEW, {"client": cast.wu.pk}).content.decode()
    assert "<html" in page
    assert "保存并下一位" in page
    answer = browse("li").post(NEW, said(cast.wu, then="next"))
    assert (answer.status_code, answer["Location"]) == (302, f"{NEW}?client={second.pk}&scope=")
    assert browse("li").post(NEW, said(cast.wu, then="close"))["Location"] == "/"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"summary": ""}, "summary"),
        ({"summary": "这只产品保本"}, "summary"),
        ({"need": "要稳赚"}, "need"),
        ({"promise": "发送费率说明"}, "promise_due_on"),
        ({"promise_due_on": "2099-01-01"}, "promise"),
        ({"promise": "发送说明", "promise_due_on": "2020-01-01"}, "promise_due_on"),
        ({"next": "date"}, "next_on"),
        ({"at": "2099-01-01T09:00"}, "at"),
        ({"minutes": "999"}, "minutes"),
        ({"result": "nonsense"}, "result"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_the_input_is_kept(
    browse: Browse, cast: Cast, typed: dict[str, str], field: str
) -> None:
    task = owe(cast.wu, cast.li, days=9)
    answer = browse("li").post(NEW, said(cast.wu, tasks=[task.pk], feedback="", **typed), headers=HTMX)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert answer.context["boxes"] == [(task, True)]
    if field != "summary":
        assert "已说明账户情况" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_forbidden_word_is_named(browse: Browse, cast: Cast) -> None:
    answer = browse("li").post(NEW, said(cast.wu, summary="客户问收益，答应承诺收益"), headers=HTMX)
    assert "请改写不得使用的用语：承诺收益" in answer.content.decode()


@pytest.mark.req("COM-08")
def test_a_need_a_promise_and_the_next_date_are_kept(browse: Browse, cast: Cast, calendar: TradingCalendar) -> None:
    promised, agreed = today() + timedelta(days=1), today() + timedelta(days=3)
    typed = {"need": "了解国债逆回购", "promise": "发送费率说明", "promise_due_on": str(promised), "next": "three"}
    browse("li").post(NEW, said(cast.wu, **typed), headers=HTMX)
    contact = Contact.objects.get()
    assert (contact.need, contact.promise, contact.next_contact_on) == ("了解国债逆回购", "发送费率说明", agreed)
    kept = Task.objects.get(title="承诺：发送费率说明")
    assert (kept.owner, kept.kind) == (cast.li, Kind.MANDATORY)
    assert (kept, False) in opened(browse, cast.wu).context["boxes"]


@pytest.mark.req("MOT-04")
def test_the_client_may_have_begun(browse: Browse, cast: Cast) -> None:
    browse("li").post(NEW, said(cast.wu, initiator="client"), headers=HTMX)
    contact = Contact.objects.get()
    assert (contact.initiator, contact.direction) == ("client", "in")


def test_a_message_is_delivered_not_spoken(browse: Browse, cast: Cast) -> None:
    browse("li").post(NEW, said(cast.wu, channel="sms"), headers=HTMX)
    assert Contact.objects.get().result == Contact.Result.SMS_DELIVERED


def test_without_a_client_it_asks_for_one(browse: Browse, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=cast.wu.pk).update(next_contact_on=today())
    page = browse("li").get(NEW, headers=HTMX).content.decode()
    assert "下一位应联系" in page
    assert f"{NEW}?client={cast.wu.pk}" in page
    assert "没有找到「郑」" in browse("li").get(NEW, {"q": "郑"}, headers=HTMX).content.decode()


@pytest.mark.parametrize("named", ["0", "abc", "99999999"])
def test_an_unknown_client_is_unknown(browse: Browse, cast: Cast, named: str) -> None:
    assert browse("li").get(NEW, {"client": named}).status_code == 404


def test_a_colleague_is_told_nothing_and_a_substitute_may_log(browse: Browse, cast: Cast) -> None:
    assert browse("wang").post(NEW, said(cast.wu)).status_code == 404
    Leave.objects.create(employee=cast.li, substitute=cast.wang, starts_on=today(), ends_on=today())
    assert browse("wang").post(NEW, said(cast.wu)).status_code == 302
    assert Contact.objects.get().author == cast.wang


def test_only_tasks_of_this_client_can_be_ticked(browse: Browse, cast: Cast) -> None:
    other = owe(make_client(cast.branch, "880100000002", manager=cast.wang), cast.wang)
    answer = browse("li").post(NEW, said(cast.wu, tasks=[other.pk]), headers=HTMX)
    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.state == Task.State.OPEN


def test_the_drawer_costs_the_same_for_few_and_many_tasks(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    for number in range(20):
        owe(cast.wu, cast.li, f"待办 {number}")
        tell(cast.wu, cast.li, days=-number)
    browser = browse("li")
    with query_budget("service_logs:contact_create"):
        browser.get(NEW, {"client": cast.wu.pk}, headers=HTMX)
