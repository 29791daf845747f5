"""Deliveries by REST: parts in any order, twice or damaged, end in the rows the same files would have made."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone
from pytest_django import Settings

from clients.feed.layouts import LAYOUTS
from clients.models import AccountDay, Client, ImportBatch, RestFeed
from clients.operations.feed import import_feed
from clients.operations.rest_feeds import closed_feeds, import_closed
from office.models import ApiCall, AuditEntry, Employee, Scope
from office.operations.keys import KeyWish, make_key
from tests.clients.deliveries import AS_OF, row, text
from tests.conftest import Cast, make_branch
from tests.keys import System, make_service_key

SHARED = Path(project.BASE_DIR).parent / "shared" / "feed"
CSV, NDJSON = "text/csv", "application/x-ndjson"
METRICS = [row("daily_metrics"), row("daily_metrics", date="2026-08-20")]
TOTALS = {"8801": {"metric_rows": "2.00", "commission": "11.60"}}


@pytest.fixture
def system(cast: Cast, settings: Settings, tmp_path: Path) -> System:
    settings.CRM_FEED_DIR = str(tmp_path)
    return System(make_service_key(cast.zhao)[1])


def opened(system: System, **values: Any) -> int:
    answer = system.post("feeds/", {"as_of": AS_OF.isoformat(), **values})
    assert answer.status_code == 201
    return int(answer.json()["id"])


def lines(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows).encode()


def put(system: System, feed: int, body: bytes, number: int = 1, form: str = CSV, sha: str = "") -> Any:
    headers = {"X-Content-SHA256": sha} if sha else {}
    return system.put(f"feeds/{feed}/parts/daily_metrics/{number}/", body, form, **headers)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", [CSV, NDJSON])
@pytest.mark.parametrize("split", [False, True])
def test_the_same_rows_however_they_are_sent(
    system: System, tmp_path: Path, form: str, split: bool, packed: bool
) -> None:
    pieces = [[one] for one in METRICS] if split else [METRICS]
    feed = opened(system, control_totals=TOTALS)
    for number, rows in reversed(list(enumerate(pieces, 1))):  # in any order
        body = text(rows).encode() if form == CSV else lines(rows)
        answer = put(system, feed, gzip.compress(body) if packed else body, number, form)
        assert answer.status_code == 200, answer.content
    assert system.post(f"feeds/{feed}/close/", {}).status_code == 202
    import_closed(feed)
    body = system.get(f"feeds/{feed}/").json()
    assert (body["state"], body["batch"]["state"], body["batch"]["totals_agree"]) == ("done", "done", True)
    assert [(file["kind"], file["inserted"], file["refused"]) for file in body["batch"]["files"]] == [
        ("daily_metrics", 2, 0)
    ]
    assert AccountDay.objects.get(day=AS_OF).commission_fen == 580
    assert ImportBatch.objects.get().source == "api"
    assert not list((tmp_path / "rest").iterdir())  # no personal values are left in folders


def test_a_part_says_what_arrived_and_may_be_sent_again(system: System) -> None:
    feed, body = opened(system), text(METRICS).encode()
    sha = hashlib.sha256(body).hexdigest()
    first, again = (put(system, feed, body, sha=sha).json() for _ in range(2))
    assert first == again == {
        "kind": "daily_metrics", "number": 1, "form": "csv", "sha256": sha, "size": len(body)
    }  # fmt: skip
    assert len(system.get(f"feeds/{feed}/").json()["parts"]) == 1


def test_a_damaged_part_is_refused_and_nothing_of_it_kept(system: System) -> None:
    feed = opened(system)
    answer = put(system, feed, text(METRICS).encode(), sha="0" * 64)
    assert answer.status_code == 422
    assert system.get(f"feeds/{feed}/").json()["parts"] == []


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (CSV, b""),
        (CSV, b"a,b,c\n1,2,3\n"),
        (CSV, b"\x1f\x8bbroken"),
        (CSV, b"trade_id,date,account_no,sec_code,side,amount,commission\n"),
        (NDJSON, b"not json\n"),
        (NDJSON, b'{"date": {"deep": 1}}\n'),
        (NDJSON, b'{"colour": "red"}\n'),
        (NDJSON, b"\n"),
        (NDJSON, b'{"date": "\\ud800"}\n'),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_reason(system: System, form: str, body: bytes) -> None:
    answer = put(system, opened(system), body, form=form)
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_a_part_has_a_known_kind_number_form_and_size(system: System, settings: Settings) -> None:
    feed, body = opened(system), text(METRICS).encode()
    assert system.put(f"feeds/{feed}/parts/gossip/1/", body, CSV).status_code == 404
    assert put(system, feed, body, number=0).status_code == 404
    assert put(system, feed, body, form="application/pdf").status_code == 415
    settings.CRM_API_PART_BYTES = 10
    assert put(system, feed, body).status_code == 413


def test_a_delivery_is_closed_only_whole_and_once(system: System) -> None:
    feed = opened(system)
    assert system.post(f"feeds/{feed}/close/", {}).status_code == 409  # nothing came
    put(system, feed, text(METRICS).encode(), number=2)
    answer = system.post(f"feeds/{feed}/close/", {})
    assert (answer.status_code, answer.json()["extra"]["numbers"]) == (409, [2])
    put(system, feed, text(METRICS).encode(), number=1)
    assert system.post(f"feeds/{feed}/close/", {}, key="close").status_code == 202
    assert system.post(f"feeds/{feed}/close/", {}, key="close").status_code == 202  # the same answer again
    assert system.post(f"feeds/{feed}/close/", {}).status_code == 409
    assert put(system, feed, text(METRICS).encode()).status_code == 409


def test_other_totals_at_the_end_than_at_the_beginning_are_refused(system: System) -> None:
    feed = opened(system, control_totals=TOTALS)
    put(system, feed, text(METRICS).encode())
    assert system.post(f"feeds/{feed}/close/", {"control_totals": {"8801": {"metric_rows": 3}}}).status_code == 409
    assert system.post(f"feeds/{feed}/close/", {"control_totals": TOTALS}).status_code == 202


def test_totals_that_do_not_agree_are_told(system: System) -> None:
    feed = opened(system)
    put(system, feed, text(METRICS).encode())
    system.post(f"feeds/{feed}/close/", {"control_totals": {"8801": {"metric_rows": 3}}})
    import_closed(feed)
    batch = system.get(f"feeds/{feed}/").json()["batch"]
    assert batch["totals_agree"] is False
    assert batch["totals"]["8801"]["metric_rows"] == {"file": "2", "manifest": "3.00"}


def test_refused_rows_are_read_page_by_page_masked(system: System) -> None:
    feed = opened(system)
    rows = [row("daily_metrics", commission=f"x{n}") for n in range(5)]
    put(system, feed, text(rows).encode())
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    first = system.get(f"feeds/{feed}/quarantine/?limit=3").json()
    assert [each["line"] for each in first["results"]] == [2, 3, 4]
    rest = system.get(f"feeds/{feed}/quarantine/?limit=3&cursor={first['next']}").json()
    assert [(each["line"], each["column"], each["value"]) for each in rest["results"]] == [
        (5, "commission", "x3"), (6, "commission", "x4")
    ]  # fmt: skip


def test_rows_of_branches_the_key_is_not_for_are_refused(cast: Cast, system: System) -> None:
    feed = opened(system)
    body = text([row("clients", branch_no="8802")]).encode()
    assert system.put(f"feeds/{feed}/parts/clients/1/", body, CSV).status_code == 200
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    assert not Client.objects.filter(branch=cast.other_branch).exists()
    assert system.get(f"feeds/{feed}/").json()["batch"]["files"][0]["refused"] == 1


def test_the_same_delivery_twice_changes_nothing(system: System) -> None:
    feeds = []
    for _ in range(2):
        feed = opened(system)
        put(system, feed, text(METRICS).encode())
        system.post(f"feeds/{feed}/close/", {})
        import_closed(*closed_feeds())
        feeds.append(system.get(f"feeds/{feed}/").json())
    assert feeds[0]["batch"]["id"] == feeds[1]["batch"]["id"]
    assert ImportBatch.objects.count() == 1


def test_another_key_does_not_know_of_a_delivery(cast: Cast, system: System) -> None:
    feed = opened(system)
    other = System(make_service_key(cast.zhao)[1])
    assert other.get(f"feeds/{feed}/").status_code == 404
    assert put(other, feed, text(METRICS).encode()).status_code == 404
    assert other.post(f"feeds/{feed}/close/", {}).status_code == 404
    assert other.get("feeds/").json()["results"] == []
    assert [each["id"] for each in system.get("feeds/").json()["results"]] == [feed]


def test_who_opened_and_closed_is_written_down(cast: Cast, system: System) -> None:
    feed = opened(system)
    put(system, feed, text(METRICS).encode())
    system.post(f"feeds/{feed}/close/", {})
    import_closed(feed)
    acts = AuditEntry.objects.filter(actor_name="接口 柜台系统").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["clients.rest_feed_opened", "clients.rest_feed_closed", "clients.feed_imported"]
    assert ApiCall.objects.filter(route="api:feed_part", subjects=[str(feed), "daily_metrics", "1"]).exists()


def test_one_write_under_one_key_happens_once(system: System) -> None:
    wish = {"as_of": AS_OF.isoformat()}
    first = system.post("feeds/", wish, key="k1")
    again = system.post("feeds/", wish, key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert RestFeed.objects.count() == 1
    assert system.post("feeds/", {"as_of": "2026-08-20"}, key="k1").status_code == 422  # the key stands for one request
    assert system.post("feeds/", wish, key="k2").json()["id"] != first.json()["id"]


def test_a_refused_write_leaves_its_key_free(system: System) -> None:
    assert system.post("feeds/", {"as_of": "yesterday"}, key="k1").status_code == 422
    assert system.post("feeds/", {"as_of": AS_OF.isoformat()}, key="k1").status_code == 201


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "x" * 101}, {"Idempotency-Key": "键"}])
def test_a_write_without_a_proper_key_is_refused(system: System, headers: dict[str, str]) -> None:
    answer = system.browser.post(
        "/api/v1/feeds/", {"as_of": "2026-08-21"}, content_type="application/json",
        headers={**system.headers, **headers},
    )  # fmt: skip
    assert (answer.status_code, RestFeed.objects.count()) == (422, 0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared feed is not on this machine")
def test_a_real_feed_by_rest_leaves_nothing_for_the_command(cast: Cast, system: System, tmp_path: Path) -> None:
    head_office = Employee.objects.create_superuser("9001", "x", name="总部")
    branches = [cast.branch, cast.other_branch, make_branch("8803", "观澜营业部")]
    ends = timezone.now() + timedelta(days=1)
    _, secret = make_key(KeyWish("柜台", [Scope.FEEDS], branches, ends), by=head_office)
    system.headers["Authorization"] = f"Bearer {secret}"
    feed = opened(system)
    names = [layout.kind for layout in LAYOUTS if (SHARED / f"{layout.kind}.csv.gz").is_file()]
    for kind in names:
        body = (SHARED / f"{kind}.csv.gz").read_bytes()
        assert system.put(f"feeds/{feed}/parts/{kind}/1/", body, CSV).status_code == 200
    assert system.post(f"feeds/{feed}/close/", {}).status_code == 202
    import_closed(feed)
    assert system.get(f"feeds/{feed}/").json()["batch"]["state"] == "done"
    folder = tmp_path / "command"
    folder.mkdir()
    for kind in names:
        (folder / f"{kind}.csv.gz").write_bytes((SHARED / f"{kind}.csv.gz").read_bytes())
    again = import_feed(folder, today=AS_OF)
    assert {(file.kind, file.inserted, file.changed) for file in again.files.all()} == {(kind, 0, 0) for kind in names}
