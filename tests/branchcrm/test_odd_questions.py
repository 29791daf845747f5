"""No address of the REST interface falls over what a sender made up: every refusal has the one shape, in Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count, product
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from rest_framework.serializers import Serializer

from branchcrm import api_urls
from clients.serializers import EventIn, FeedCloseIn, FeedIn
from office.api.views import ListView
from retention.serializers import RequestIn
from segmentation.serializers import ChangeIn
from tests.conftest import Cast
from tests.keys import System, make_service_key

JSON = "application/json"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS = (
    *("", " ", "[", "1e400", "-1", "²", "１", "9" * 40, "9" * 5000, "\x00", "\u202e", "😀" * 60),
    *("0000-00-00", "9999-99-99", "9999-12-31", "0001-01-01", "２０２６-01-01"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+23:59", "2026-01-01T24:00:00+08:00"),
)
RAW = ("%FF", "%ED%A0%80")  # as they stand in the address: no UTF-8, half a character
VALUES: tuple[Any, ...] = (
    *WORDS, None, True, [], {}, [[[1]]], 1.5, 2**63, 10**400, {"a": {"b": "NaN"}}, {"a": {"b": "1e400"}}, {"a": [1]},
)  # fmt: skip
DEEP = b'{"a":' * 3000 + b"1" + b"}" * 3000
BODIES = (
    *(b"", b" ", b"null", b"[{}]", b'"x"', b"1e400", b"true", b"{", b"{}", b"\xff\xfe", b"\xef\xbb\xbf{}"),
    *(b'{"a": 1e400}', b'{"a": NaN}', b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"\\udc00": 1}'),
    *(DEEP, b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"kind": 1, "kind": 2}', b"a=1&b=2"),
)
KINDS = (
    *("application/json; charset=utf-16", "application/json;", "text/plain", "", "x", "text/csv", "*/*", "中"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"),
)
PLACED: list[Any] = list(api_urls.urlpatterns)
LISTS = [each for each in PLACED if issubclass(each.callback.view_class, ListView)]
PLACES = ("1", "9" * 19, "9" * 40, "²", "１", "a%00b", "%FF", "-1", "%20", "..")


@pytest.fixture
def system(cast: Cast) -> System:
    found = System(make_service_key(cast.zhao, calls_per_minute=1_000_000)[1])
    found.browser.raise_request_exception = False
    return found


@pytest.fixture
def feed(system: System) -> int:
    return int(system.post("feeds/", {"as_of": "2026-08-21"}).json()["id"])


def check(answer: Any, what: object) -> None:
    """Fail unless the call was answered, and if it was refused, in the one shape with words a reader understands."""
    told = str(what)[:200]
    assert answer.status_code < 500, told
    if answer.status_code >= 400:
        assert answer["Content-Type"].endswith("json"), told
        body = answer.json()
        assert set(body) == {"message", "extra"}, told
        assert CHINESE.search(body["message"]), (told, body)
        assert isinstance(body["extra"], dict), (told, body)


def bodies(cast: Cast) -> Iterator[tuple[str, type[Serializer[Any]], dict[str, Any]]]:
    """Return every address that takes a JSON body, its shape, and what it would take."""
    who = {"client_no": cast.wu.client_no}
    event = {"event_no": "E1", "kind": "closing", "account_no": "A1"}
    yield "feeds/", FeedIn, {"as_of": "2026-08-21"}
    yield "feeds/{feed}/close/", FeedCloseIn, {}
    yield "events/", EventIn, event
    yield "counter/closure-requests/", RequestIn, {**who, "kind": "close"}
    yield "counter/manager-change-requests/", ChangeIn, who


def sent(system: System, path: str, body: bytes, kind: str, key: str) -> Any:
    """Send a write as it stands, and take back whatever came of it."""
    headers = {**system.headers, "Idempotency-Key": key}
    with transaction.atomic():
        answer = system.browser.generic("POST", f"/api/v1/{path}", body, content_type=kind, headers=headers)
        if answer.status_code < 500:
            transaction.set_rollback(True)
    return answer


def questions(view: type[ListView]) -> Iterator[str]:
    """Return odd questions to a list, one filter at a time: of two, one refused would hide the other."""
    filters = getattr(view, "filterset_class", None)
    for name in ["cursor", "limit", "unknown", *(filters.get_filters() if filters else [])]:
        yield from (f"{name}={quote(word)}" for word in WORDS)
        yield from (f"{name}={word}" for word in RAW)
        yield from (name, f"{name}=1&{name}=2", f"{name}[]=1")


@pytest.mark.parametrize("place", LISTS, ids=lambda place: place.name)
def test_no_list_falls_over_an_odd_question(system: System, feed: int, place: Any) -> None:
    path = str(place.pattern).replace("<int:pk>", str(feed))
    for query in questions(place.callback.view_class):
        check(system.get(f"{path}?{query}"), (path, query))


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_no_address_falls_over_what_stands_in_it(system: System, method: str) -> None:
    headers = {**system.headers, "Idempotency-Key": "x"}
    for pattern in PLACED:
        route = re.sub(r"<\w+:\w+>", "{}", str(pattern.pattern))
        for path in {"/api/v1/" + route.replace("{}", word) for word in PLACES}:
            check(getattr(system.browser, method)(path, headers=headers), (method, path))


def test_no_write_falls_over_an_odd_value(cast: Cast, system: System, feed: int) -> None:
    number = count()
    for path, shape, whole in bodies(cast):
        for name, value in product([*shape().fields, "unknown"], VALUES):
            body = json.dumps({**whole, name: value}).encode()
            answer = sent(system, path.format(feed=feed), body, JSON, f"v{next(number)}")
            check(answer, (path, name, value))


def test_no_write_falls_over_an_odd_body_or_kind_of_body(cast: Cast, system: System, feed: int) -> None:
    number = count()
    for path, _, whole in bodies(cast):
        good = json.dumps(whole).encode()
        for body, kind in [*((body, JSON) for body in BODIES), *((good, kind) for kind in KINDS), (b"", "")]:
            answer = sent(system, path.format(feed=feed), body, kind, f"b{next(number)}")
            check(answer, (path, body[:40], kind))


@pytest.mark.parametrize("key", ["", "\x00", "中", "x" * 101, "\u2028", "a\tb"])
def test_an_odd_idempotency_key_is_refused_in_words(system: System, key: str) -> None:
    answer = sent(system, "feeds/", b'{"as_of": "2026-08-21"}', JSON, key)
    check(answer, key)
    assert answer.status_code == 422
