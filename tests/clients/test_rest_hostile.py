"""Deliveries and events by REST from a sender who errs or means harm."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from clients.feed import files, parts
from clients.models import AccountEvent, FeedPart, RestFeed, StandingOrder, Trade
from clients.operations import rest_feeds
from clients.operations.rest_feeds import (
    FeedClosed,
    close_feed,
    closed_feeds,
    give_up_abandoned,
    import_closed,
    put_part,
)
from office.models import IdempotentCall, Scope
from office.operations.keys import revoke_key
from office.partitions import ensure_months
from tests.clients.deliveries import AS_OF, row, text
from tests.conftest import Cast, make_client
from tests.keys import System, make_service_key

CSV, NDJSON = "text/csv", "application/x-ndjson"
METRICS = [row("daily_metrics"), row("daily_metrics", date="2026-08-20")]
BODY = text(METRICS).encode()


@pytest.fixture
def system(cast: Cast, settings: Settings, tmp_path: Path) -> System:
    settings.CRM_FEED_DIR = str(tmp_path)
    return System(make_service_key(cast.zhao)[1])


def opened(system: System) -> int:
    return int(system.post("feeds/", {"as_of": AS_OF.isoformat()}).json()["id"])


def put(system: System, feed: int, body: bytes, number: int = 1, form: str = CSV) -> Any:
    return system.put(f"feeds/{feed}/parts/daily_metrics/{number}/", body, form)


class Slow:
    """A body whose first piece takes long enough for `meanwhile` to happen."""

    def __init__(self, body: bytes, meanwhile: Any) -> None:
        self.pieces = [body, b""]
        self.meanwhile = meanwhile

    def read(self, size: int = -1) -> bytes:
        if len(self.pieces) == 1:
            self.meanwhile()
        return self.pieces.pop(0)


def test_a_key_revoked_while_its_part_arrives_leaves_nothing(cast: Cast, system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    body: Any = Slow(BODY, lambda: revoke_key(feed.key, "泄露", by=cast.zhao))  # type: ignore[arg-type]  # it has one
    with pytest.raises(rest_feeds.SenderClosed):
        put_part(feed, "daily_metrics", 1, "csv", body)
    assert not FeedPart.objects.exists()
    assert list(rest_feeds._folder(feed).iterdir()) == []
    assert put(system, feed.pk, BODY).status_code == 401


def test_a_delivery_closed_while_a_part_arrives_does_not_take_it(cast: Cast, system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    put(system, feed.pk, BODY)
    body: Any = Slow(text(METRICS[:1]).encode(), lambda: close_feed(feed, {}, timezone.now(), by=cast.zhao))
    with pytest.raises(FeedClosed):
        put_part(feed, "daily_metrics", 1, "csv", body)
    import_closed(feed.pk)
    assert RestFeed.objects.get().batch.files.get().inserted == 2  # type: ignore[union-attr]  # what was closed


def test_other_bytes_under_the_same_number_replace_the_first(system: System) -> None:
    feed = opened(system)
    put(system, feed, BODY)
    put(system, feed, text(METRICS[:1]).encode())
    folder = rest_feeds._folder(RestFeed.objects.get(pk=feed))
    assert [path.name for path in folder.iterdir()] == [f"daily_metrics-1-{FeedPart.objects.get().sha256}.part"]
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    assert system.get(f"feeds/{feed}/").json()["batch"]["files"][0]["inserted"] == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_that_close_at_once_one_does(cast: Cast, system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    put(system, feed.pk, BODY)
    ready, ends = Barrier(2), []

    def end() -> None:
        ready.wait()
        try:
            ends.append(close_feed(feed, {}, timezone.now(), by=cast.zhao).state)
        except FeedClosed:
            ends.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["closed", "refused"]


def test_a_bomb_is_refused_before_it_goes_off(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BOMB_BYTES", 1 << 20)
    lines = gzip.compress(b"\n" * (8 << 20))
    assert len(lines) * 500 < 8 << 20
    assert put(system, opened(system), lines, form=NDJSON).status_code == 422
    header, record = BODY.splitlines(keepends=True)[:2]
    assert put(system, opened(system), gzip.compress(header + record * 80_000)).status_code == 422


def test_a_bomb_behind_a_good_beginning_lands_no_row(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BOMB_BYTES", 1 << 20)
    monkeypatch.setattr(files, "PIECE", 1 << 18)
    feed = opened(system)
    header, record = BODY.splitlines(keepends=True)[:2]
    assert (
        put(system, feed, gzip.compress(header + record * 80_000)).status_code == 200
    )  # the beginning is as it should
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    file = system.get(f"feeds/{feed}/").json()["batch"]["files"][0]
    assert (file["state"], file["inserted"]) == ("failed", 0)
    assert "过大" in file["error"]


def test_parts_that_are_too_much_together_are_refused(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 3 * len(BODY) // 2)
    for form in (CSV, NDJSON):
        feed = opened(system)
        body = BODY if form == CSV else b'{"date": "2026-08-21", "account_no": "A880100000001"}\n' * 6
        for number in (1, 2, 3):
            assert put(system, feed, body, number, form).status_code == 200
        system.post(f"feeds/{feed}/close/", {})
        import_closed(feed)
        told = system.get(f"feeds/{feed}/").json()
        assert (told["state"], told["batch"]) == ("failed", None)
        assert "过大" in told["error"]


def test_a_part_has_no_more_lines_than_its_sender_can_wait_for(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_LINES", 3)
    assert put(system, opened(system), b"{}\n" * 4, form=NDJSON).status_code == 422
    assert put(system, opened(system), b"\n" * 4, form=NDJSON).status_code == 422


@pytest.mark.parametrize(
    "line",
    [
        b'{"date": ' + b"[" * 60_000 + b"]" * 60_000 + b"}",
        b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
        b'{"commission": {"x": 1}}',
        b'{"commission": [1]}',
        b"[1, 2]",
        b'"text"',
        b'{"date": "x"',
    ],
)
def test_a_line_that_is_no_flat_object_is_refused(system: System, line: bytes) -> None:
    answer = put(system, opened(system), line + b"\n", form=NDJSON)
    assert (answer.status_code, set(answer.json())) == (422, {"message", "extra"})


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999999", "-1e400", "NaN", "Infinity"])
def test_a_huge_number_is_a_refused_row(system: System, number: str) -> None:
    feed = opened(system)
    said = json.dumps(row("daily_metrics", commission="5.80")).replace('"5.80"', number).encode()
    assert put(system, feed, said, form=NDJSON).status_code == 200
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    file = system.get(f"feeds/{feed}/").json()["batch"]["files"][0]
    assert (file["inserted"], file["refused"]) == (0, 1)


def test_what_was_never_closed_ends_with_what_it_left(system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    put(system, feed.pk, BODY)
    later = timezone.now() + timedelta(days=8)
    assert give_up_abandoned(timezone.now()) == 0
    assert (give_up_abandoned(later), give_up_abandoned(later)) == (1, 0)
    told = system.get(f"feeds/{feed.pk}/").json()
    assert (told["state"], bool(told["error"])) == ("failed", True)
    assert not rest_feeds._folder(feed).exists()
    assert put(system, feed.pk, BODY).status_code == 409


def test_what_breaks_its_worker_again_and_again_ends_and_says_so(system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    put(system, feed.pk, BODY)
    assert system.post(f"feeds/{feed.pk}/close/", {}).status_code == 202
    for part in rest_feeds._folder(feed).glob("*.part"):
        part.unlink()  # a disk that lost it
    for _ in range(rest_feeds.MOST_TRIES):
        assert closed_feeds() == [feed.pk]
        with pytest.raises(FileNotFoundError):
            import_closed(feed.pk)
    import_closed(feed.pk)
    told = system.get(f"feeds/{feed.pk}/").json()
    assert told["state"] == "failed"
    assert "另开一批" in told["error"]
    assert closed_feeds() == []


def test_what_waited_for_days_without_a_worker_is_taken_in(system: System) -> None:
    feed = RestFeed.objects.get(pk=opened(system))
    put(system, feed.pk, BODY)
    system.post(f"feeds/{feed.pk}/close/", {})
    assert give_up_abandoned(timezone.now() + timedelta(days=30)) == 0
    import_closed(feed.pk)
    assert system.get(f"feeds/{feed.pk}/").json()["state"] == "done"


@pytest.mark.parametrize("as_of", ["0001-01-01", "1989-12-31", "2026-02-30", "", None, 20260821])
def test_a_day_before_any_exchange_opens_no_delivery(system: System, as_of: object) -> None:
    answer = system.post("feeds/", {"as_of": as_of})
    assert answer.status_code == 422
    assert "as_of" in answer.content.decode()


def test_one_idempotency_key_stands_for_another_call_on_another_route_and_of_another_sender(
    cast: Cast, system: System
) -> None:
    first, second = opened(system), opened(system)
    for feed in (first, second):
        put(system, feed, BODY, number=feed)  # no two deliveries alike, so neither is whole
    refused = [system.post(f"feeds/{feed}/close/", {}, key="k") for feed in (first, second)]
    assert {answer.status_code for answer in refused} == {409}
    other = System(make_service_key(cast.zhao)[1])
    made = [one.post("feeds/", {"as_of": AS_OF.isoformat()}, key="k") for one in (system, other)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] != made[1].json()["id"]
    assert "Idempotent-Replayed" not in made[1]
    assert IdempotentCall.objects.filter(idempotency_key="k").count() == 2


def test_a_scope_taken_away_does_not_answer_what_was_answered_before(cast: Cast, system: System) -> None:
    key, secret = make_service_key(cast.zhao)
    sender = System(secret)
    assert sender.post("feeds/", {"as_of": AS_OF.isoformat()}, key="k").status_code == 201
    key.scopes = [Scope.CLIENTS_READ]
    key.save(update_fields=["scopes"])
    assert sender.post("feeds/", {"as_of": AS_OF.isoformat()}, key="k").status_code == 403


@pytest.mark.parametrize("body", [b'{"amount_fen": 1e400}', b'{"amount_fen": 1' + b"0" * 5_000 + b"}"])
def test_a_number_beyond_all_bounds_is_no_event(system: System, body: bytes) -> None:
    said = b'{"event_no": "E1", "kind": "bank_in", "account_no": "A880100000001", ' + body[1:]
    headers = {**system.headers, "Idempotency-Key": "k"}
    answer = system.browser.post("/api/v1/events/", said, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422)
    assert not AccountEvent.objects.exists()


def test_an_account_opened_for_somebody_else_is_refused(system: System) -> None:
    wish = {"event_no": "E1", "kind": "open", "account_no": "A880100000001", "client_no": "880100000099"}
    assert system.post("events/", wish).status_code == 422
    assert not AccountEvent.objects.exists()


@pytest.mark.parametrize("day", ["2026-08-21", "2026-08-20"])
def test_a_number_of_another_branch_is_not_taken_from_it(cast: Cast, system: System, day: str) -> None:
    theirs = make_client(cast.other_branch, "880200000001").accounts.get()
    ensure_months(Trade, [AS_OF])
    trade = Trade.objects.create(
        branch=cast.other_branch, client=theirs.client, account=theirs, batch_id=0, day=date.fromisoformat(day),
        trade_no="T1", security_code="000001", side="S", amount_fen=9_900, commission_fen=500,
    )  # fmt: skip
    order = StandingOrder.objects.create(order_no="O1", account=theirs, purpose="rent", amount_fen=100)
    feed = opened(system)
    for kind in ("trades", "standing_orders"):
        assert system.put(f"feeds/{feed}/parts/{kind}/1/", text([row(kind)]).encode(), CSV).status_code == 200
    assert system.post(f"feeds/{feed}/close/", {}).status_code == 202
    import_closed(feed)
    kept = Trade.objects.get(trade_no="T1", branch=cast.other_branch)
    assert (kept.day, kept.account, kept.amount_fen) == (trade.day, theirs, 9_900)
    order.refresh_from_db()
    assert (order.account, order.amount_fen) == (theirs, 100)
    files = {one["kind"]: one for one in system.get(f"feeds/{feed}/").json()["batch"]["files"]}
    assert (files["standing_orders"]["refused"], files["standing_orders"]["changed"]) == (1, 0)
    assert "其他营业部" in files["standing_orders"]["notes"][0]
    assert Trade.objects.filter(branch=cast.branch).count() == (day != "2026-08-21")
