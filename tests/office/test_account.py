"""Signing in: who gets in, who is locked out, and what an issued password is good for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from axes.utils import reset
from django.test import Client as Browser
from django.utils import timezone

from office.models import AuditEntry, Employee
from office.operations.staff import issue_password
from tests.conftest import PASSWORD, Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
LOGIN = "/login/"


@pytest.fixture(autouse=True)
def nobody_is_locked() -> Iterator[None]:
    reset()
    yield
    reset()


def test_a_right_password_lets_in_and_leads_to_the_page_that_was_asked_for(cast: Cast) -> None:
    response = Browser().post(f"{LOGIN}?next=/clients/", {"username": "1001", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/clients/")


@pytest.mark.parametrize("wanted", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_a_login_leads_nowhere_else(cast: Cast, wanted: str) -> None:
    response = Browser().post(LOGIN, {"username": "1001", "password": PASSWORD, "next": wanted})
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith("//")


@pytest.mark.parametrize("staff_no", ["1001", "9999"])
def test_known_and_unknown_numbers_are_told_the_same(cast: Cast, staff_no: str) -> None:
    page = Browser().post(LOGIN, {"username": staff_no, "password": "wrong"})
    assert page.status_code == 422
    assert "工号或密码不对" in page.content.decode()
    assert "再错 4 次将锁定 15 分钟" in page.content.decode()


def test_five_wrong_passwords_lock_the_number_and_the_right_one_too(cast: Cast) -> None:
    Employee.objects.filter(pk=cast.shen.pk).update(phone="0571-1")  # the system administrator, to be called
    browser = Browser()
    answers = [browser.post(LOGIN, {"username": "1001", "password": "wrong"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]
    assert "这个工号已锁定 15 分钟" in answers[-1].content.decode()
    assert "0571-1" in answers[-1].content.decode()
    assert browser.post(LOGIN, {"username": "1001", "password": PASSWORD}).status_code == 429
    assert browser.post(LOGIN, {"username": "1002", "password": PASSWORD}).status_code == 302


def test_an_issued_password_lifts_the_lock_and_has_to_be_changed(cast: Cast) -> None:
    browser = Browser()
    for _ in range(5):
        browser.post(LOGIN, {"username": "1001", "password": "wrong"})
    issued = issue_password(cast.li, by=cast.shen)
    assert browser.post(LOGIN, {"username": "1001", "password": issued}).status_code == 302
    assert browser.get("/clients/")["Location"] == "/password/"
    assert "首次登录须修改密码" in browser.get("/password/").content.decode()
    mine = "Hangzhou-west-lake-7"
    change = {"old_password": issued, "new_password1": mine, "new_password2": mine}
    assert browser.post("/password/", change).status_code == 302
    assert browser.get("/clients/").status_code == 200
    assert AuditEntry.objects.filter(action="office.password_changed", actor=cast.li).count() == 1
    assert not AuditEntry.objects.filter(after__icontains=mine).exists()


def test_a_wrong_old_password_is_told_in_the_words_of_the_house(browse: Browse, cast: Cast) -> None:
    browser = browse("li")
    change = {"old_password": "wrong", "new_password1": "Quite-long-94", "new_password2": "Quite-long-94"}
    answer = browser.post("/password/", change)
    page = answer.content.decode()
    assert (answer.status_code, "旧密码不正确，请重新输入" in page, "你" in page) == (422, True, False)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(browse: Browse, cast: Cast) -> None:
    here, elsewhere = browse("li"), Browser()
    assert elsewhere.post(LOGIN, {"username": "1001", "password": PASSWORD}).status_code == 302
    assert elsewhere.get("/clients/").status_code == 200
    mine = "Hangzhou-west-lake-7"
    here.post("/password/", {"old_password": PASSWORD, "new_password1": mine, "new_password2": mine})
    assert here.get("/clients/").status_code == 200
    assert elsewhere.get("/clients/")["Location"].startswith(LOGIN)


def test_an_issued_password_ends_the_sessions_of_who_forgot_the_old_one(browse: Browse, cast: Cast) -> None:
    browser = browse("li")
    issue_password(cast.li, by=cast.shen)
    assert browser.get("/clients/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize(("minutes", "status"), [(14, 429), (16, 302)])
def test_a_lock_is_lifted_after_a_quarter_of_an_hour(cast: Cast, minutes: int, status: int) -> None:
    browser = Browser()
    for _ in range(5):
        browser.post(LOGIN, {"username": "1001", "password": "wrong"})
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))
    assert browser.post(LOGIN, {"username": "1001", "password": PASSWORD}).status_code == status


def test_a_right_password_in_between_begins_the_count_anew(cast: Cast) -> None:
    browser = Browser()
    for password in ["wrong"] * 4 + [PASSWORD] + ["wrong"] * 4:
        browser.post(LOGIN, {"username": "1001", "password": password})
    assert browser.post(LOGIN, {"username": "1001", "password": PASSWORD}).status_code == 302


def test_a_weak_password_is_refused_with_the_reason_at_the_field(browse: Browse) -> None:
    answer = browse("li").post("/password/", {"old_password": PASSWORD, "new_password1": "1", "new_password2": "1"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_who_left_does_not_get_in(cast: Cast) -> None:
    Employee.objects.filter(pk=cast.li.pk).update(is_active=False)
    assert Browser().post(LOGIN, {"username": "1001", "password": PASSWORD}).status_code == 422


def test_the_login_page_says_nothing_about_clients(cast: Cast) -> None:
    page = Browser().get(LOGIN).content.decode()
    assert cast.wu.name not in page
    assert "数据截至" not in page


def test_leaving_ends_the_session(browse: Browse) -> None:
    browser = browse("li")
    browser.post("/logout/")
    assert browser.get("/clients/").status_code == 302
