"""系统 → 接口: a key is made on a page, shown once, used, watched and closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client as Browser
from django.utils import timezone

from office.models import AuditEntry, ServiceKey
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.keys import System, make_service_key


def test_a_key_made_on_the_page_is_shown_once_and_works(cast: Cast, browse: Callable[[str], Browser]) -> None:
    wish = {
        "name": "柜台", "scopes": ["clients.read"], "branches": [cast.branch.pk], "calls_per_minute": 600,
        "expires_on": timezone.localdate() + timedelta(days=90),
    }  # fmt: skip
    page = browse("zhao").post("/keys/create/", wish)
    found = re.search(r"bcrm_\w{8}_[\w-]+", page.content.decode())
    assert found
    assert page["Cache-Control"] == "no-store"
    assert System(found.group()).get("clients/").status_code == 200
    assert System(found.group()).get("tasks/").status_code == 403
    key = ServiceKey.objects.get()
    shown = browse("zhao").get(f"/keys/{key.pk}/").content.decode()
    assert found.group() not in shown
    assert "api:client_list" in shown  # what it called
    assert "curl" in shown


def test_a_key_for_another_branch_or_without_end_is_refused(cast: Cast, browse: Callable[[str], Browser]) -> None:
    wish = {
        "name": "柜台", "scopes": ["clients.read"], "branches": [cast.other_branch.pk], "calls_per_minute": 600,
        "expires_on": timezone.localdate() + timedelta(days=900),
    }  # fmt: skip
    page = browse("zhao").post("/keys/create/", wish)
    assert page.status_code == 422
    assert {"branches", "expires_on"} <= set(page.context["form"].errors)


def test_a_secret_is_changed_on_the_page(cast: Cast, browse: Callable[[str], Browser]) -> None:
    key, old = make_service_key(cast.zhao)
    page = browse("zhao").post(f"/keys/{key.pk}/rotate/")
    found = re.search(r"bcrm_\w{8}_[\w-]+", page.content.decode())
    assert found
    assert found.group() != old
    assert System(found.group()).get("clients/").status_code == 200


def test_a_key_is_closed_on_the_page_with_a_reason(cast: Cast, browse: Callable[[str], Browser]) -> None:
    key, secret = make_service_key(cast.zhao)
    assert browse("qian").post(f"/keys/{key.pk}/revoke/", {"reason": ""}).status_code == 422
    assert browse("qian").post(f"/keys/{key.pk}/revoke/", {"reason": "疑似泄露"}).status_code == 302
    assert System(secret).get("clients/").status_code == 401
    assert AuditEntry.objects.filter(action="office.key_revoked", reason="疑似泄露").exists()


def test_the_list_of_keys_costs_the_same_however_long(
    cast: Cast, browse: Callable[[str], Browser], query_budget: QueryBudget
) -> None:
    for _ in range(20):
        make_service_key(cast.zhao)
    browser = browse("zhao")
    with query_budget("office:key_list"):
        assert browser.get("/keys/").status_code == 200
