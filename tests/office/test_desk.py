"""Saved views, notices and the audit book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.utils import timezone

from office.audit import record
from office.models import AuditEntry, Notice, SavedView
from office.operations.notices import notify
from office.operations.views import MOST_VIEWS, TooManyViews, save_view
from tests.budgets import QueryBudget
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
SAVE = "/views/save/?page=clients%3Alist&query=tier%3Dgold"


def test_a_view_is_saved_renamed_and_removed_by_its_owner(browse: Browse, cast: Cast) -> None:
    browser = browse("li")
    assert browser.post(SAVE, {"name": "金卡"})["Location"] == "/clients/?tier=gold"
    assert "金卡</a>" in browser.get("/clients/").content.decode()
    view = SavedView.objects.get()
    browser.post(f"/views/{view.pk}/rename/", {"name": "我的金卡"})
    assert SavedView.objects.get().name == "我的金卡"
    assert browse("wang").post(f"/views/{view.pk}/delete/").status_code == 404
    browser.post(f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_name_stands_for_one_view_and_a_page_holds_so_many(browse: Browse, cast: Cast) -> None:
    for number in range(MOST_VIEWS):
        save_view(cast.li, "clients:list", f"视图{number}", "")
    with pytest.raises(TooManyViews):
        save_view(cast.li, "clients:list", "再一个", "")
    save_view(cast.li, "clients:list", "视图0", "tier=gold")
    first = SavedView.objects.get(name="视图0")
    assert first.query == "tier=gold"
    assert browse("li").post(f"/views/{first.pk}/rename/", {"name": "视图1"}).status_code == 409


def test_a_view_of_no_list_is_unknown(browse: Browse) -> None:
    assert browse("li").get("/views/save/?page=no:such").status_code == 404


def test_the_same_news_arrives_once_and_is_read(browse: Browse, cast: Cast) -> None:
    assert notify([cast.li, cast.wang], "k", "日历将用完", "/calendar/") == 2
    assert notify([cast.li], "k", "日历将用完") == 0
    browser = browse("li")
    assert "1 条未读" in browser.get("/notices/").content.decode()
    assert '<span class="n tn">1</span>' in browser.get("/clients/").content.decode()
    browser.post("/notices/read/")
    assert list(Notice.objects.filter(read_at=None).values_list("employee__name", flat=True)) == ["王珂"]
    assert "全部已读" in browser.get("/notices/").content.decode()


@pytest.mark.parametrize("path", ["/notices/", "/password/"])
def test_a_page_of_ones_own_is_marked_as_nobodys_entry(browse: Browse, path: str) -> None:
    menu = browse("zhao").get(path).content.decode().partition('aria-label="主菜单"')[2].partition("</nav>")[0]
    assert "员工与团队" in menu
    assert "aria-current" not in menu


def test_notices_cost_the_same_for_few_and_many(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    for number in range(60):
        notify([cast.li], f"k{number}", "提醒")
    browser = browse("li")
    with query_budget("office:notice_list"):
        browser.get("/notices/")


def test_the_book_can_only_grow(cast: Cast) -> None:
    record("office.employee_edited", cast.li, by=cast.zhao)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(reason="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_the_book_tells_in_words_what_changed(browse: Browse, cast: Cast) -> None:
    record("office.employee_edited", cast.li, by=cast.zhao, before={"phone": ""}, after={"phone": "0571-1"})
    record("office.employee_edited", cast.sun, by=cast.sun)
    page = browse("qian").get("/audit/").content.decode()
    assert "编辑员工" in page
    assert "办公电话" in page
    assert "0571-1" in page
    assert "孙达" not in page


def test_the_book_tells_choices_and_times_in_words(browse: Browse, cast: Cast) -> None:
    after = {
        "roles": ["counter", "compliance"],
        "registration": "general",
        "at": "2026-08-24T10:24:00+08:00",
        "field": "phone",
    }
    record("office.employee_edited", cast.li, by=cast.zhao, after=after)
    page = browse("qian").get("/audit/").content.decode()
    for words in ("柜台、合规", "一般证券业务", "2026-08-24 10:24", "办公电话"):
        assert words in page


def test_the_book_calls_lists_links_and_counts_by_their_words(browse: Browse, cast: Cast) -> None:
    record("clients.feed_imported", "clients.importbatch", by=cast.zhao, after={"a.csv": {"rows": 3, "refused": 1}})
    record("segmentation.handover_printed", "segmentation.handover", by=cast.zhao, after={"client": "880100000001"})
    page = browse("qian").get("/audit/").content.decode()
    for words in ("行数 3，隔离 1", '<span class="mut">客户</span> 880100000001', "<td>交接档案</td>"):
        assert words in page
    assert "clients.importbatch" not in page


def test_equal_runs_of_one_act_fold_into_one_row(browse: Browse, cast: Cast) -> None:
    people = [cast.li, cast.wang, cast.chen]
    for person in people:
        record("office.employee_edited", person, by=cast.zhao, after={"phone": "0571-1"})
    record("office.employee_edited", cast.li, by=cast.zhao, after={"phone": "0571-2"})
    for _ in range(2):
        record("office.employee_edited", cast.li, by=cast.chen, after={"phone": "0571-2"})
    response = browse("qian").get("/audit/?action=office.employee_edited")
    assert [1 + len(row.others) for row in response.context["entries"]] == [2, 1, 3]
    text = response.content.decode()
    assert "另 2 条相同" in text
    assert all(person.name in text for person in people)


@pytest.mark.parametrize(
    ("query", "count"),
    [("actor=赵", 1), ("actor=1004", 1), ("action=office.team_edited", 0), ("subject=李", 1), ("subject=王", 0)],
)
def test_the_book_is_narrowed(browse: Browse, cast: Cast, query: str, count: int) -> None:
    record("office.employee_edited", cast.li, by=cast.zhao)
    assert len(browse("qian").get(f"/audit/?{query}").context["entries"]) == count


def test_the_book_is_narrowed_by_days_of_shanghai(browse: Browse, cast: Cast) -> None:
    record("office.employee_edited", cast.li, by=cast.zhao)
    today = timezone.localdate()
    for since, until, count in [(today, today, 1), (today + timedelta(1), "", 0), ("", today - timedelta(1), 0)]:
        page = browse("qian").get(f"/audit/?since={since}&until={until}")
        assert len(page.context["entries"]) == count


def test_pages_of_the_book_hold_every_entry_once_at_constant_cost(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    for _ in range(120):
        record("office.employee_edited", cast.li, by=cast.zhao)
    browser, seen, url = browse("qian"), [], "?"
    while url:
        with query_budget("office:audit_list"):
            context = browser.get(f"/audit/{url}").context
        seen += [entry.pk for row in context["entries"] for entry in [row.entry, *row.others]]
        url = context["next"]
    assert len(seen) == len(set(seen)) == 120


def test_an_export_of_the_book_is_in_the_book_and_runs_no_formula(browse: Browse, cast: Cast) -> None:
    record("office.employee_edited", cast.li, by=cast.zhao, reason="=1+1")
    response = browse("qian").post("/audit/export/", {"action": "office.employee_edited"})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]  # a streaming answer
    assert text.startswith("\ufeff时间")
    assert "'=1+1" in text
    assert AuditEntry.objects.get(action="office.audit_exported").actor == cast.qian
