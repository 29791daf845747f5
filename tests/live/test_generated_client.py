"""A client generated from the description lives a day of the counter against the served office."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import Office

METRICS = (
    "date,account_no,commission,turnover,total_assets,available_cash,market_value\n"
    "2026-08-20,A880100000003,5.80,29016.00,100000.00,1000.00,99000.00\n"
    "2026-08-20,A880100000003x,5.80,29016.00,100000.00,1000.00,99000.00\n"
)
IMPORT_SECONDS = 60


class Counter:
    """The generated package, by the names of its parts, and one of its clients that holds the key."""

    def __init__(self, package: str, office: Office) -> None:
        self.package = package
        self.client = self.part("client").AuthenticatedClient(base_url=office.url, token=office.password)

    def part(self, name: str) -> Any:
        return importlib.import_module(f"{self.package}.{name}")

    def model(self, name: str) -> Any:
        return getattr(self.part("models"), name)

    def call(self, route: str, *args: Any, **kwargs: Any) -> Any:
        return self.part(f"api.{route}").sync(*args, client=self.client, **kwargs)


@pytest.fixture
def counter(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    described = office.described()
    (tmp_path / "openapi.json").write_text(json.dumps(described), encoding="utf-8")
    (tmp_path / "client.yml").write_text("content_type_overrides: {text/csv: application/octet-stream}", "utf-8")
    program = str(Path(sys.executable).with_name("openapi-python-client"))
    options = ["--path", "openapi.json", "--config", "client.yml", "--output-path", "counter_client", "--meta", "none"]
    made = subprocess.run([program, "generate", *options], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield Counter("counter_client", office)
    for name in [name for name in sys.modules if name.partition(".")[0] == "counter_client"]:
        del sys.modules[name]


def test_a_generated_client_lives_a_day_of_the_counter(counter: Counter) -> None:
    page = counter.call("clients.clients_list", limit=2)
    assert [client.name_masked for client in page.results] == ["吴*", "吴*"]
    following = counter.call("clients.clients_list", limit=2, cursor=page.next_)
    assert following.results[0].client_no not in {client.client_no for client in page.results}

    feed = counter.call(
        "feeds.feeds_create", body=counter.model("FeedInRequest")(as_of=date(2026, 8, 20)), idempotency_key="g-open"
    )
    file = counter.part("types").File(payload=io.BytesIO(METRICS.encode()))
    kind = counter.model("FeedsPartsUpdateKind").DAILY_METRICS
    part = counter.call("feeds.feeds_parts_update", feed.id, kind, 1, body=file)
    assert part.size == len(METRICS)
    closing = counter.model("FeedCloseInRequest")()
    counter.call("feeds.feeds_close_create", feed.id, body=closing, idempotency_key="g-close")
    deadline = time.monotonic() + IMPORT_SECONDS
    while (feed := counter.call("feeds.feeds_retrieve", feed.id)).state == "closed" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert (feed.state, feed.batch.files[0].inserted) == ("done", 1)
    refused = counter.call("feeds.feeds_quarantine_list", feed.id)
    assert [(row.line, row.code) for row in refused.results] == [(3, "unknown_account")]

    event = counter.model("EventInRequest").from_dict(
        {"event_no": "G1", "kind": "close_request", "account_no": "A880100000003"}
    )
    told = counter.call("events.events_create", body=event, idempotency_key="g-event")
    assert (told.client_no, told.kind) == ("880100000003", "close_request")


def test_it_is_told_why_something_is_refused(counter: Counter) -> None:
    event = counter.model("EventInRequest").from_dict({"event_no": "G2", "kind": "bank_in", "account_no": "nowhere"})
    error = counter.call("events.events_create", body=event, idempotency_key="g-wrong")
    assert "nowhere" in error.message
