"""Every entry of the menu, as each post, on a desk and on a phone: it opens, fits, and complains of nothing."""

from __future__ import annotations

import pytest

from office.menu import menu_for
from office.models import Role
from tests.browser.conftest import DESK, PHONE, Town

pytestmark = pytest.mark.browser

POSTS = [Role.CLIENT_MANAGER, Role.TEAM_LEADER, Role.MARKET_DIRECTOR, Role.COMPLIANCE, Role.SYSTEM_ADMIN]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("role", POSTS, ids=lambda role: role.value)
def test_every_menu_entry_opens_fits_and_is_quiet(town: Town, role: Role, size: dict[str, int]) -> None:
    watched = town.page(role, size=size)
    entries = [leaf for entry in menu_for(town.someone(role), "") for leaf in entry.children or (entry,)]
    assert entries
    found = {}
    for entry in entries:
        status = watched.go(entry.url)
        watched.page.wait_for_load_state("networkidle")
        watched.shoot(f"{role.value}-{size['width']}-{entry.route.replace(':', '-')}")
        found[entry.label] = (status, watched.sideways)
    assert {label: seen for label, seen in found.items() if seen != (200, 0)} == {}
    assert watched.complaints == []


def test_the_login_page_fits_a_phone_and_says_what_went_wrong(town: Town) -> None:
    watched = town.page(None, size=PHONE)
    assert watched.go("/login/") == 200
    watched.shoot("login-phone")
    assert watched.sideways <= 0
    watched.page.fill("input[name=username]", "999999")
    watched.page.fill("input[name=password]", "wrong")
    watched.page.click("form button[type=submit]")
    watched.page.wait_for_load_state()
    assert watched.page.locator("form").is_visible()
    assert watched.page.locator("[role=alert], .invalid, .is-bad, .form-errors").count() > 0
