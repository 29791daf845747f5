"""A complaint's whole life in a browser: the call at the desk, each step with its facts, the register, the letter."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import DIRECTOR, LEADER, MANAGER, PHONE, Street, Visit

pytestmark = [pytest.mark.browser, pytest.mark.req("CMP-01"), pytest.mark.req("CMP-09")]
WORD = "鹦鹉螺壳"  # said by the caller, and nowhere else
SAID = f"客户来电：8月起三次要求调整佣金，客户经理未答复，称「{WORD}」。"
NUMBER = re.compile(r"TS-\d{4}-\d{4}")


def a_client(visit: Visit) -> str:
    """Return the name of one client of the team."""
    visit.go("/clients/")
    return visit.page.locator("table.t tbody a.nm").first.inner_text()


def take_in(visit: Visit) -> str:
    """Answer the call: find the client, write down what he says, name whom it is about; return the number."""
    page, name = visit.page, a_client(visit)
    visit.go("/complaints/new/")
    expect(page.locator(".cguide")).to_contain_text("通话时")
    page.locator("input[name=find]").press_sequentially(name)
    page.locator("#pick label").filter(has_text=name).first.click()
    page.get_by_label("投诉内容").fill(SAID)
    page.get_by_label("所需服务").fill("书面答复佣金标准")
    page.get_by_label("我方答复要点").fill("已说明将由专人调查并答复")
    page.get_by_label("类别", exact=False).first.select_option("staff_attitude")
    page.get_by_label("被投诉人").select_option(label=manager_option(page))
    for said in page.locator("input[name=closing] + label").all():
        said.click()
    visit.shoot("complaint-1-intake")
    visit.click("受理投诉")
    expect(page.locator("h1")).to_have_text("受理告知")
    visit.shoot("complaint-2-acknowledged")
    found = NUMBER.search(page.locator(".body").first.inner_text())
    assert found is not None
    return found.group()


def manager_option(page: Page) -> str:
    labels = page.get_by_label("被投诉人").locator("option").all_inner_texts()
    return next(label for label in labels if "李清" in label)


def step(visit: Visit, verb: str, shot: str, **facts: str) -> None:
    """Take one step from its drawer: fill in its facts, keep a picture, send it."""
    visit.click(visit.page.locator(".head").get_by_role("link", name=verb))
    drawer = visit.page.locator("#drawer.show")
    expect(drawer.get_by_role("heading", name=verb)).to_be_visible()
    for field, value in facts.items():
        _fill(drawer.locator(f"[name={field}]"), value)
    visit.shoot(shot)
    visit.click(drawer.locator("button[type=submit]"))
    expect(visit.page.locator("#toasts")).to_contain_text(f"{verb}，已记入经过")


def _fill(field: Locator, value: str) -> None:
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def test_a_complaint_goes_from_the_call_to_the_letter(street: Street) -> None:
    visit = street.visit(LEADER)
    no = take_in(visit)
    visit.click("打开投诉")
    where = visit.page.url.removeprefix(visit.url)
    visit.shoot("complaint-3-accepted")
    step(visit, "开始调查", "complaint-4-investigate")
    step(visit, "记录原因", "complaint-5-cause", cause_code="attitude", cause_note="通话录音证实未及时答复")
    step(visit, "提出方案", "complaint-6-plan", outcome="upheld", plan="由团队长致歉，书面说明佣金标准")
    visit.shoot("complaint-7-planned")

    other = street.visit(DIRECTOR)
    other.go("/complaints/queue/")
    other.shoot("complaint-8-to-approve")
    other.click(other.page.get_by_role("link", name=no).first)
    step(other, "批准方案", "complaint-9-approve")

    visit.go(where)
    step(visit, "记录反馈", "complaint-10-feedback", channel="phone", text="已致歉并书面说明佣金标准", satisfaction="4")
    step(visit, "结案", "complaint-11-close")
    expect(visit.page.locator(".head")).to_contain_text("结案")
    visit.shoot("complaint-12-closed")

    visit.go("/complaints/register/")
    expect(visit.page.locator("main")).to_contain_text(no)
    visit.shoot("complaint-13-register")
    visit.go(f"{where}letter/")
    letter = visit.page.locator("article.letter")
    expect(letter).to_contain_text("已致歉并书面说明佣金标准")
    expect(letter).to_contain_text("12386")  # where he may turn to next
    expect(letter).not_to_contain_text(WORD)
    visit.shoot("complaint-14-letter")
    named_finds_nothing(street, no, where)


def named_finds_nothing(street: Street, no: str, where: str) -> None:
    """Whom it is about meets it neither by its address nor in a list, a search or the client's page."""
    named = street.visit(MANAGER)
    named.expected = (404,)
    assert named.go(where) == 404
    for path in ("/complaints/?state=all", f"/complaints/?state=all&q={no[-4:]}", "/complaints/queue/", "/"):
        named.go(path)
        expect(named.page.locator("main")).not_to_contain_text(no)
        expect(named.page.locator("main")).not_to_contain_text(WORD)


def test_the_pages_of_complaints_fit_a_phone(street: Street) -> None:
    visit = street.visit(LEADER, size=PHONE)
    for path in ("/complaints/", "/complaints/new/", "/complaints/queue/", "/complaints/board/", "/cockpit/"):
        assert visit.go(path) == 200
        assert visit.sideways <= 0, path
