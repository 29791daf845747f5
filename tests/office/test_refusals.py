"""A broken rule is answered in words that fit its kind, on a page of its own or in the flash of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse

from office.errors import DomainError
from office.middleware import DomainErrorMiddleware
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
WORDS = {
    403: "这一项不由您办理", 409: "按规则不能这样办理", 422: "内容不完整或有误", 429: "操作过于频繁",
}  # fmt: skip


def answer(cast: Cast, status: int, *, htmx: bool) -> HttpResponse:
    request: HttpRequest = RequestFactory().get("/")
    request.user = cast.li
    request.htmx = htmx  # type: ignore[attr-defined]  # as its middleware does
    error = DomainError("首问负责：由首位处理人办理")
    error.status = status
    found = DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(request, error)
    assert found is not None
    return found


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("status", sorted(WORDS))
def test_a_refusal_says_its_kind_its_reason_and_its_own_number(cast: Cast, status: int, htmx: bool) -> None:
    found = answer(cast, status, htmx=htmx)
    text = found.content.decode()
    assert found.status_code == status
    assert f"<b>{WORDS[status]}</b>" in text
    assert "首问负责" in text
    assert f">{status}<" in text
    assert not [other for other in WORDS if other != status and f">{other}<" in text]


def test_an_address_that_takes_forms_alone_says_so_to_who_opens_it(browse: Callable[[str], Browser]) -> None:
    response = browse("zhao").get(reverse("office:notice_read"))
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "之前提交的内容没有办理" in response.content.decode()


def test_a_form_of_before_another_sign_in_is_told_to_be_old(cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.zhao)
    response = browser.post(reverse("office:notice_read"))
    assert response.status_code == 403
    assert "页面已过期，没有办理" in response.content.decode()
    assert "页面已过期" in Browser(enforce_csrf_checks=True).post(reverse("office:login")).content.decode()
