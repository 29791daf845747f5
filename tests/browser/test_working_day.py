"""A client manager's day: whom to call, what was said, on to the next one; found again, on a phone, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from office.pinyin import initials
from tests.browser.visit import COMPLIANCE, MANAGER, PHONE, Street, Visit

pytestmark = pytest.mark.browser

SENTENCE = "已说明账户情况，客户知悉"
FULL_PHONE = re.compile(r"\d{11}")
DUE = ".todo > li:has(.when .b, .when .st), .due tbody tr"
MASKED_PHONE = re.compile(r"\d{3}\*{4}\d{4}")


def at_the_desk(street: Street, **options: object) -> Visit:
    visit = street.visit(MANAGER, **options)  # type: ignore[arg-type]  # size and what a context takes
    assert visit.go("/") == 200
    return visit


def lines(page: Page) -> Locator:
    """Return the clients to call today, the mandatory ones first; a promise is not kept by just any call."""
    calls = page.locator(DUE).filter(has=page.get_by_role("link", name="联系", exact=True))
    return calls.filter(has_not_text="承诺")


def address_of(line: Locator) -> str:
    return line.locator("a.nm").first.get_attribute("href") or ""


def minutes_used(page: Page) -> int:
    shown = page.locator(".prog > div").filter(has_text="今日用时").locator(".fig").inner_text()
    return int(shown.split("/")[0].replace(",", ""))


def waits(page: Page, client: str) -> Locator:
    """Return the line of that client among those to call today."""
    return page.locator(DUE).filter(has=page.locator(f"a.nm[href='{client}']"))


@pytest.mark.req("COM-07")
def test_two_clicks_and_one_sentence_log_a_call_and_lead_to_the_next_client(street: Street) -> None:
    visit = at_the_desk(street)
    page, line = visit.page, lines(visit.page).first
    client, before = address_of(line), minutes_used(page)
    visit.click(line.get_by_role("link", name="联系"))
    drawer = page.locator("#drawer.show")
    expect(drawer.locator(f"a.nm[href='{client}']")).to_be_visible()
    drawer.get_by_label("摘要").fill(SENTENCE)
    visit.shoot("log-drawer")
    visit.click("保存并下一位")
    expect(page.locator("#toasts .toast-c")).to_contain_text("的服务日志")
    expect(drawer.locator("a.nm")).not_to_have_attribute("href", client)
    expect(waits(page, client)).to_have_count(0)
    assert minutes_used(page) > before


def test_a_call_logged_by_mistake_is_withdrawn_from_the_toast(street: Street) -> None:
    visit = at_the_desk(street)
    page, line = visit.page, lines(visit.page).first
    client, before = address_of(line), minutes_used(page)
    visit.click(line.get_by_role("link", name="联系"))
    page.get_by_label("摘要").fill(SENTENCE)
    visit.click(page.locator("#drawer").get_by_role("button", name="保存", exact=True))
    expect(waits(page, client)).to_have_count(0)
    visit.click(page.locator("#toasts").get_by_role("link", name="查看与撤回"))
    visit.click("撤回")
    visit.sees("这条日志已撤回")
    visit.go("/")
    expect(waits(page, client)).to_have_count(1)
    assert minutes_used(page) == before


def test_a_client_is_found_by_initials_without_a_mouse(street: Street) -> None:
    visit = at_the_desk(street)
    page, named = visit.page, lines(visit.page).first.locator("a.nm").first
    name, client = named.inner_text(), named.get_attribute("href")
    page.keyboard.press("/")
    box = page.locator("[data-search]")
    expect(box).to_be_focused()
    box.press_sequentially(initials(name))
    expect(page.locator(f"a.sg[href='{client}']")).to_be_visible()
    for _ in range(page.locator("a.sg").count()):
        page.keyboard.press("ArrowDown")
        if page.locator("a.sg.on").get_attribute("href") == client:
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{client}")
    expect(page.locator("h1")).to_have_text(name)


def test_a_phone_number_is_shown_once_and_whoever_looked_is_written_down(street: Street) -> None:
    visit = at_the_desk(street)
    client = address_of(lines(visit.page).first)
    visit.go(client)
    phone = visit.page.locator(".ids li").filter(has_text="手机")
    expect(phone).to_contain_text(MASKED_PHONE)
    visit.click(phone.locator("button.eye"))
    expect(phone).to_contain_text(FULL_PHONE)
    visit.go(client)
    expect(phone).to_contain_text(MASKED_PHONE)
    name = visit.page.locator("h1").inner_text()
    watching = street.visit(COMPLIANCE)
    watching.go("/audit/")
    told = watching.page.locator(".audit-t tbody tr").filter(has_text=name).first
    expect(told).to_contain_text("李清")
    expect(told).to_contain_text("手机")


def test_a_call_is_logged_on_the_way_with_a_phone(street: Street) -> None:
    visit = at_the_desk(street, size=PHONE)
    page = visit.page
    client = address_of(lines(page).last)
    visit.go(client)
    visit.click(page.get_by_role("navigation", name="快捷菜单").get_by_role("link", name="记日志"))
    drawer = page.locator("#drawer.show")
    drawer.get_by_role("searchbox").fill(page.locator("h1").inner_text())
    visit.click("查找")
    visit.click(drawer.locator(".picks a").first)
    drawer.get_by_label("摘要").fill(SENTENCE)
    box = drawer.get_by_role("button", name="保存", exact=True).bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert box["y"] + box["height"] <= PHONE["height"]
    visit.shoot("log-phone")
    visit.click(drawer.get_by_role("button", name="保存", exact=True))
    expect(page.locator("#toasts .toast-c")).to_contain_text("的服务日志")
    visit.go(f"{client}?tab=service")
    visit.sees(SENTENCE)


def test_without_scripts_the_same_entry_is_made_on_whole_pages(street: Street) -> None:
    visit = at_the_desk(street, java_script_enabled=False)
    page, line = visit.page, lines(visit.page).first
    client = address_of(line)
    line.get_by_role("link", name="联系").click()
    expect(page.locator("h1")).to_have_text("记服务日志")
    page.get_by_label("摘要").fill(SENTENCE)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("h1")).to_have_text("今日工作台")
    expect(page.locator("#flash")).to_contain_text("的服务日志")
    expect(waits(page, client)).to_have_count(0)
