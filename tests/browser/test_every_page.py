"""Every entry of the menu, as each post, on a desk, on a phone and in the dark: it opens, fits, and is quiet."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visit import ADMIN, COMPLIANCE, DESK, DIRECTOR, LEADER, MANAGER, PHONE, Street, Visit

pytestmark = pytest.mark.browser

POSTS = {"manager": MANAGER, "leader": LEADER, "director": DIRECTOR, "compliance": COMPLIANCE, "admin": ADMIN}
ADDRESSES = "links => links.map(link => link.getAttribute('href'))"


def walk(visit: Visit, prefix: str) -> dict[str, tuple[int, int]]:
    """Open every entry of the menu; return status and overhang of each that is not as it should be."""
    visit.go("/")
    entries = visit.page.locator("nav[aria-label=主菜单] a").evaluate_all(ADDRESSES)
    assert entries
    found = {}
    for address in dict.fromkeys(entries):
        status = visit.go(address)
        visit.shoot(f"{prefix}-{address.strip('/').replace('/', '-') or 'today'}")
        found[address] = (status, visit.sideways)
    return {address: seen for address, seen in found.items() if seen != (200, 0)}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("post", POSTS)
def test_every_menu_entry_opens_fits_and_is_quiet(street: Street, post: str, size: dict[str, int]) -> None:
    assert walk(street.visit(POSTS[post], size=size), f"{post}-{size['width']}") == {}


def test_every_page_is_drawn_in_the_dark_when_asked_for(street: Street) -> None:
    visit = street.visit(DIRECTOR)
    visit.go("/")
    visit.click(visit.page.locator("summary.me"))
    visit.click("切换深浅色")
    assert walk(visit, "dark") == {}
    expect(visit.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    painted = visit.page.evaluate("getComputedStyle(document.querySelector('.main')).backgroundColor")
    assert max(int(part) for part in painted.strip("rgba()").split(",")[:3]) < 60


def test_the_login_page_fits_a_phone_and_says_what_went_wrong(street: Street) -> None:
    visit = street.visit(None, size=PHONE)
    assert visit.go("/login/") == 200
    assert visit.sideways <= 0
    visit.expected = (422, 401, 403)
    visit.page.fill("input[name=username]", "999999")
    visit.page.fill("input[name=password]", "wrong")
    visit.click("登录")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    expect(visit.page.locator("form.lg-f")).to_be_visible()


def test_the_description_of_the_interface_is_drawn_from_our_own_files(street: Street) -> None:
    visit = street.visit(ADMIN)
    assert visit.go("/api/") == 200
    expect(visit.page.get_by_role("heading", name="branchcrm")).to_be_visible()
    visit.page.get_by_text("客户清单").first.click()
    expect(visit.page.get_by_text("客户经理工号").first).to_be_visible()
