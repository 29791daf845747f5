"""Without a mouse: past the menu, with the focus in sight, into the drawer and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visit import MANAGER, Street

pytestmark = pytest.mark.browser

OUTLINE = "node => { const s = getComputedStyle(node); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"


def test_the_first_stop_skips_the_menu(street: Street) -> None:
    visit = street.visit(MANAGER)
    visit.go("/")
    visit.page.keyboard.press("Tab")
    skip = visit.page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.closest('main') !== null")


def test_the_focus_is_in_sight_at_every_stop(street: Street) -> None:
    visit = street.visit(MANAGER)
    visit.go("/")
    for _ in range(25):
        visit.page.keyboard.press("Tab")
        style, width = visit.page.locator(":focus").evaluate(OUTLINE)
        assert (style, width >= 2) == ("solid", True), visit.page.locator(":focus").evaluate("node => node.outerHTML")


def test_escape_closes_the_drawer_and_the_focus_goes_back(street: Street) -> None:
    visit = street.visit(MANAGER)
    visit.go("/")
    opener = visit.page.locator(".todo").get_by_role("link", name="联系", exact=True).first
    opener.focus()
    visit.page.keyboard.press("Enter")
    drawer = visit.page.locator("#drawer.show")
    expect(drawer.locator(":focus")).to_have_count(1)
    visit.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()
