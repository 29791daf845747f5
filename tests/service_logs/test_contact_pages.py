"""The service log as it is read, put right and taken back; the panels of the client page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test import Client as Browser

from clients.models import Client
from office.models import AuditEntry
from office.paging import COUNT_CAP
from service_logs.models import Contact, Task
from service_logs.operations.contacts import log_contact
from service_logs.queries.contacts import contact_list
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import noticed, owe, owe_contact, tell, today

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LIST = "/service/contacts/"


def summaries(response: Any) -> list[str]:
    return [row.summary for row in response.context["page"]]


def logged(cast: Cast, **fields: Any) -> Contact:
    """An entry as the drawer saves it."""
    return log_contact(
        Client.objects.get(pk=cast.wu.pk), by=cast.li, result="reached", **{"summary": "问及费率", **fields}
    )


def typed(contact: Contact, **fields: Any) -> dict[str, Any]:
    return {
        "at": f"{contact.at.astimezone():%Y-%m-%dT%H:%M}", "channel": "phone", "result": "reached",
        "summary": "问及费率", "initiator": "staff", "purpose": "care", "audience": "all", "reason": "笔误",
        "version": contact.version, **fields,
    }  # fmt: skip


def test_entries_are_listed_latest_first_to_those_who_see_the_client(browse: Browse, cast: Cast) -> None:
    tell(cast.wu, cast.li, "前天", days=-2)
    tell(cast.wu, cast.chen, "昨天", days=-1)
    tell(make_client(cast.branch, "880100000002", manager=cast.wang), cast.wang, "同事的")
    assert summaries(browse("li").get(LIST)) == ["昨天", "前天"]
    assert summaries(browse("wang").get(LIST)) == ["同事的"]
    assert len(summaries(browse("qian").get(LIST))) == 3


def test_what_is_for_leaders_alone_is_not_told_to_the_manager(browse: Browse, cast: Cast) -> None:
    kept = tell(cast.wu, cast.zhao, "核查", audience="leaders")
    assert summaries(browse("li").get(LIST)) == []
    assert browse("li").get(kept.get_absolute_url()).status_code == 404
    assert summaries(browse("chen").get(LIST)) == ["核查"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["短信", "电话"]),
        ("channel=sms", ["短信"]),
        ("result=reached", ["电话"]),
        ("initiator=client", ["电话"]),
        ("holds=need", ["电话"]),
        ("holds=undone", ["撤回的"]),
        ("tier=gold", []),
        ("since=TODAY", ["短信"]),
        ("until=YESTERDAY", ["电话"]),
        ("since=nonsense", ["短信", "电话"]),
    ],
)
def test_the_log_is_narrowed_by(browse: Browse, cast: Cast, query: str, found: list[str]) -> None:
    tell(cast.wu, cast.li, "电话", days=-1, initiator="client", need="逆回购")
    sms = tell(cast.wu, cast.li, "短信", channel="sms", result="sms_delivered")
    tell(cast.wu, cast.li, "撤回的", undone_at=sms.at)
    asked = query.replace("TODAY", str(today())).replace("YESTERDAY", str(today() - timedelta(days=1)))
    assert summaries(browse("li").get(f"{LIST}?{asked}")) == found


def test_the_log_pages_and_costs_the_same(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    for number in range(60):
        tell(cast.wu, cast.li, f"第 {number} 次", days=-number)
    browser = browse("li")
    with query_budget("service_logs:contact_list"):
        first = browser.get(LIST)
    second = browser.get(f"{LIST}{first.context['next_url']}")
    assert (len(summaries(first)), len(summaries(second))) == (50, 10)


def test_empty_lists_say_why(browse: Browse, cast: Cast) -> None:
    assert "还没有服务日志" in browse("li").get(LIST).content.decode()
    assert "没有符合全部条件的日志" in browse("li").get(f"{LIST}?holds=need").content.decode()


def test_an_export_is_audited_with_its_purpose(browse: Browse, cast: Cast) -> None:
    tell(cast.wu, cast.li, "@sum(1)")
    answer = browse("zhao").post(f"{LIST}export/", {"reason": "质检"})
    assert pd.read_excel(BytesIO(answer.content), engine="calamine", dtype=str)["摘要"].tolist() == ["@sum(1)"]
    assert AuditEntry.objects.get(action="service_logs.contacts_exported").reason == "质检"


def test_an_entry_is_put_right_and_says_so(browse: Browse, cast: Cast) -> None:
    contact = logged(cast)
    answer = browse("li").post(f"{LIST}{contact.pk}/edit/", typed(contact, summary="问及两融费率"))
    assert answer["Location"] == contact.get_absolute_url()
    page = browse("li").get(contact.get_absolute_url()).content.decode()
    assert "问及两融费率" in page
    assert "更正过" in page
    assert AuditEntry.objects.get(action="service_logs.contact_corrected").before == {"summary": "问及费率"}


def test_a_correction_needs_a_reason_and_plain_words(browse: Browse, cast: Cast) -> None:
    contact = logged(cast)
    answer = browse("li").post(f"{LIST}{contact.pk}/edit/", typed(contact, reason="", summary="这只保本"))
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["reason", "summary"])


def test_two_corrections_at_once_lose_nothing(browse: Browse, cast: Cast) -> None:
    contact = logged(cast)
    stale = typed(contact, summary="我的内容", original='{"summary": "问及费率"}')
    browse("chen").post(f"{LIST}{contact.pk}/edit/", typed(contact, summary="对方的内容"))
    answer = browse("li").post(f"{LIST}{contact.pk}/edit/", stale)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "对方的内容" in page
    assert "我的内容" in page
    decided = {**stale, "version": 2, "take-summary": "mine"}
    assert browse("li").post(f"{LIST}{contact.pk}/edit/", decided).status_code == 302
    contact.refresh_from_db()
    assert contact.summary == "我的内容"


def test_a_fresh_entry_is_taken_back_with_its_tasks(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    contact = logged(cast, tasks=[task])
    assert "撤回</button>" in browse("li").get(contact.get_absolute_url()).content.decode()
    browse("li").post(f"{LIST}{contact.pk}/undo/")
    task.refresh_from_db()
    assert task.state == Task.State.OPEN
    page = browse("li").get(contact.get_absolute_url()).content.decode()
    assert "这条日志已撤回" in page
    assert "撤回</button>" not in page


def test_after_ten_minutes_it_is_corrected_instead(browse: Browse, cast: Cast) -> None:
    contact = logged(cast)
    Contact.objects.filter(pk=contact.pk).update(made_at=contact.made_at - timedelta(minutes=11))
    assert "撤回</button>" not in browse("li").get(contact.get_absolute_url()).content.decode()
    assert browse("li").post(f"{LIST}{contact.pk}/undo/").status_code == 409


def test_the_panel_tells_what_is_owed_and_what_happened(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    tell(cast.wu, cast.li, "问及费率", days=-3, need="逆回购")
    owe_contact(cast.wu, cast.li, late=2)
    noticed(
        cast.wu, cast.li, "large_outflow", facts={"occurred_on": str(today()), "amount_fen": 100, "part_share": 0.1}
    )
    for number in range(20):
        tell(cast.wu, cast.li, f"第 {number} 次", days=-10 - number)
    browser = browse("li")
    with query_budget("service_logs:client_panel"):
        part = browser.get(f"/service/clients/{cast.wu.pk}/", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<section class="panel">')
    for words in ("周联系", "逾 2 天", "电话·已联系", "问及费率。需求：逆回购（李清）", "大额资金转出", "转出 1.00 元"):
        assert words in part
    assert "<html" in browse("li").get(f"/service/clients/{cast.wu.pk}/").content.decode()


def test_the_next_step_is_the_leading_task_or_nothing(browse: Browse, cast: Cast) -> None:
    url, part = f"/service/clients/{cast.wu.pk}/next/", {"hx-request": "true"}
    assert browse("li").get(url, headers=part).content.decode().strip() == ""
    noticed(cast.wu, cast.li, "large_outflow")
    owe(cast.wu, cast.li, "送对账单", days=3)
    told = browse("li").get(url, headers=part).content.decode()
    assert "大额资金转出" in told
    assert "同一通来电：送对账单" in told
    assert "先倾听" in told


def test_the_client_page_loads_both(browse: Browse, cast: Cast) -> None:
    page = browse("li").get(cast.wu.get_absolute_url()).content.decode()
    assert f'hx-get="/service/clients/{cast.wu.pk}/"' in page
    assert f'hx-get="/service/clients/{cast.wu.pk}/next/"' in page


LOG = """
INSERT INTO service_logs_contact (branch_id, client_id, author_id, at, channel, direction, initiator, purpose, result,
    summary, feedback, need, promise, audience, is_qualifying, version, made_at)
SELECT %(branch)s, %(client)s, %(author)s, timestamptz '2026-08-24 10:00+08' - n * interval '1 minute', 'phone', 'out',
    'staff', 'care', CASE WHEN n %% 400 = 0 THEN 'complaint_raised' ELSE 'reached' END, '近况', '',
    CASE WHEN n %% 400 = 1 THEN '理财' ELSE '' END, CASE WHEN n %% 400 = 2 THEN '回电' ELSE '' END, 'all', true, 1,
    now()
FROM generate_series(1, 20000) n
"""


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"result": ["complaint_raised"]}, "contact_by_result"),
        ({"holds": ["need"]}, "contact_with_need"),
        ({"holds": ["promise"]}, "contact_promising"),
        ({"holds": ["corrected"]}, "contact_corrected"),
        ({"holds": ["undone"]}, "contact_undone"),
    ],
)
def test_what_is_rare_in_a_long_log_is_counted_without_reading_all_of_it(
    cast: Cast, wanted: dict[str, list[str]], index: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOG, {"branch": cast.branch.pk, "client": cast.wu.pk, "author": cast.li.pk})
        cursor.execute("ANALYZE service_logs_contact")
    counted = contact_list(cast.zhao, wanted).order_by()[: COUNT_CAP + 1]
    plan = counted.values("pk").explain()
    assert index in plan, plan
    assert "Seq Scan on service_logs_contact" not in plan, plan
