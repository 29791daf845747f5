"""The public page: anybody may complain, robots and the curious learn nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from complaints.models import Complaint
from complaints.views import public
from office.crypto import blind_index
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]


def address(cast: Cast) -> str:
    token = signing.Signer(salt=public.SALT, sep=".").sign(cast.branch.code)
    return reverse("complaints:public_form", args=[token])


def said(monkeypatch: pytest.MonkeyPatch, *, age: timedelta = timedelta(minutes=2), **fields: Any) -> dict[str, Any]:
    """What somebody typed who opened the page `age` ago."""
    then = (timezone.now() - age).timestamp()
    with monkeypatch.context() as past:
        past.setattr("django.core.signing.time.time", lambda: then)
        opened = public._opened_now()
    return {
        "caller_name": "吴越", "phone": "13800001111", "account_no": "", "category": "business_error",
        "content": "八月二十日委托卖出，柜台未及时办理。", "persons": "", "website": "", "opened": opened, **fields,
    }  # fmt: skip


def test_a_stranger_complains_and_learns_a_number_and_a_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Browser().post(address(cast), said(monkeypatch))
    one = Complaint.objects.get()
    text = answer.content.decode()
    assert answer.status_code == 201
    assert one.no in text
    assert (one.channel, one.recorder, one.branch) == ("online", None, cast.branch)
    assert "最迟答复" in text
    assert one.handler is None or one.handler.name not in text


def test_the_answer_is_the_same_whether_the_account_exists_or_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    type(cast.wu).objects.filter(pk=cast.wu.pk).update(phone_index=blind_index("13800001111"))
    known = Browser().post(address(cast), said(monkeypatch, account_no=cast.wu.client_no))
    unknown = Browser().post(address(cast), said(monkeypatch, account_no="999999999999"))
    first, second = Complaint.objects.order_by("pk")
    assert (first.client, second.client) == (cast.wu, None)
    assert _main(known).replace(first.no, second.no) == _main(unknown)


def test_who_is_named_on_the_page_never_handles_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Browser().post(address(cast), said(monkeypatch, persons="陈立、李清"))
    one = Complaint.objects.get()
    assert {party.employee for party in one.parties.all()} == {cast.chen, cast.li}
    assert one.handler not in (cast.chen, cast.li)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"website": "http://spam.example"}, 422),
        ({"opened": "made-up"}, 422),
        ({"age": timedelta(seconds=1)}, 422),
        ({"age": timedelta(hours=7)}, 422),
        ({"content": "太短"}, 422),
        ({"phone": "不告诉"}, 422),
    ],
)
def test_robots_and_stale_pages_write_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], status: int
) -> None:
    answer = Browser().post(address(cast), said(monkeypatch, **wrong))
    assert answer.status_code == status
    assert not Complaint.objects.exists()


def test_one_page_is_sent_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = said(monkeypatch)
    assert [Browser().post(address(cast), typed).status_code for _ in range(2)] == [201, 409]
    assert Complaint.objects.count() == 1


def test_one_address_may_send_so_often_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_PER_HOUR", 2)
    found = [Browser().post(address(cast), said(monkeypatch)).status_code for _ in range(3)]
    assert found == [201, 201, 429]


def test_behind_the_proxy_every_caller_is_an_address_of_his_own(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setattr(public, "MOST_PER_HOUR", 1)
    written = ["203.0.113.7", "203.0.113.8", "203.0.113.9, 203.0.113.7", "no address"]
    found = [
        Browser().post(address(cast), said(monkeypatch, content=f"第{number}次来信，柜台未及时办理委托。"),
                       headers={"X-Forwarded-For": told}).status_code
        for number, told in enumerate(written)
    ]  # fmt: skip
    assert found == [201, 201, 429, 201]  # who is told of last is the proxy's word; the rest is the caller's


def test_a_counter_that_is_down_stops_no_complaint(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    typed = said(monkeypatch)
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert Browser().post(address(cast), typed).status_code == 201
    assert Browser().get(reverse("survey_public", args=["made-up"])).status_code == 404


def test_a_made_up_branch_is_unknown() -> None:
    assert Browser().get(reverse("complaints:public_form", args=["8801.made-up"])).status_code == 404


def _main(answer: Any) -> str:
    """What the page says, without the token that differs at each opening."""
    text: str = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]
