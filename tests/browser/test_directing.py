"""A market director: from a number to its rows, a plan asked for and undone, weights that another approves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import DIRECTOR, HEAD, MANAGER, PATIENCE_MS, Street, Visit

pytestmark = pytest.mark.browser

MAKING_MS = 3 * PATIENCE_MS  # the worker starts, reads a branch and solves it
COUNT = re.compile(r"共\s*([\d,]+)\s*[位件条]")


def count_of(words: str | None) -> int:
    return int((words or "").replace(",", ""))


def served_by(visit: Visit, client: str) -> str:
    """Return who serves the client now, as his page says."""
    visit.go(client)
    return visit.page.locator(".mg li b").first.inner_text()


def make_full_plan(visit: Visit) -> str:
    """Ask for a full plan, wait for the worker, return the address of the plan."""
    visit.go("/value/plans/")
    visit.click("生成全面方案")
    made = visit.page.locator(".plans tbody tr").filter(has_text="全面").first
    expect(made).to_be_visible(timeout=MAKING_MS)
    address = made.locator("a.nm").get_attribute("href")
    assert address
    return address


def approve_every_line(page: Page, visit: Visit) -> None:
    """Approve what must be approved by name, then the plan."""
    if page.get_by_role("button", name="批准方案").is_disabled():
        visit.click("批准所选")
    visit.click("批准方案")
    visit.sees("已批准，应用后客户才会变更")


def test_a_number_of_the_cockpit_opens_as_many_rows(street: Street) -> None:
    visit = street.visit(DIRECTOR)
    visit.go("/cockpit/")
    figure = visit.page.locator("a.kpi").filter(has_text="服务客户")
    told = count_of(figure.locator(".fig").inner_text().split()[0])
    visit.click(figure)
    found = COUNT.search(visit.page.locator("main").inner_text())
    found = COUNT.search(visit.page.locator("main").inner_text())
    assert found
    assert count_of(found.group(1)) == told
    assert visit.page.locator("table tbody tr").count() > 0


@pytest.mark.worker
def test_a_plan_changes_nobody_until_it_is_applied_and_gives_everybody_back(street: Street) -> None:
    visit = street.visit(DIRECTOR)
    page, plan = visit.page, make_full_plan(visit)
    visit.go(plan)
    line = page.locator(".plan-t tbody tr").first
    client = line.locator("a.nm").get_attribute("href") or ""
    before, after = line.locator(".c-fr").inner_text(), line.locator(".c-to").inner_text()
    visit.click("提交批准")
    approve_every_line(page, visit)
    if before != "无":
        assert served_by(visit, client) == before
    refused_to_others(street, plan)
    visit.go(plan)
    visit.click("应用方案…")
    visit.shoot("plan-apply")
    visit.click(page.locator("dialog[open]").get_by_role("button", name="应用方案"))
    visit.sees("已交接")
    assert served_by(visit, client) == after
    visit.go(plan)
    visit.click("撤销整个方案…")
    visit.click(page.locator("dialog[open]").get_by_role("button", name="撤销整个方案"))
    visit.sees("回到原经理")
    if before == "无":
        visit.go(client)
        assert after not in page.locator(".mg li b").all_inner_texts()
    else:
        assert served_by(visit, client) == before


def refused_to_others(street: Street, plan: str) -> None:
    """A client manager who opens the page that applies is told who may."""
    other = street.visit(MANAGER)
    other.expected = (403,)
    assert other.go(f"{plan}apply/") == 403
    other.sees("您不能办理这一项")
    other.sees("市场总监")


def test_a_plan_is_printed_without_what_one_clicks(street: Street) -> None:
    visit = street.visit(DIRECTOR)
    visit.go("/value/plans/")
    visit.go(f"{visit.page.locator('.plans a.nm').last.get_attribute('href')}print/")
    visit.page.emulate_media(media="print")
    for clicked in (".side", ".top", ".tabbar", ".np"):
        assert visit.page.locator(clicked).filter(visible=True).count() == 0
    visit.sees("数据")
    visit.shoot("plan-print")


def test_weights_are_tried_then_proposed_and_approved_by_another(street: Street) -> None:
    visit = street.visit(DIRECTOR)
    visit.go("/value/weights/")
    page = visit.page
    sliders = page.locator("[data-slider]")
    sliders.nth(1).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.locator("#effects")).to_contain_text("与现排名相关")
    moved = page.locator("#effects .sum5 > div").filter(has_text="名次变动").locator(".fig").inner_text()
    assert count_of(moved.split()[0]) > 0
    visit.shoot("weights-tried")
    page.get_by_label("说明").fill("下半年以产品为重点")
    visit.click("提交批准")
    expect(page.locator("h1")).to_contain_text("版")
    visit.sees("您是提出人")
    address = page.url.removeprefix(visit.url)
    head = street.visit(HEAD)
    head.go(address)
    head.click("批准版本")
    head.sees("已批准")
    assert head.page.get_by_role("button", name="批准版本").count() == 0
