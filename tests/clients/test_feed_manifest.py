"""What the sender's manifest promises: files that must come, sums that must be numbers, a name however capitalised."""

import json
from pathlib import Path

import pytest

from clients.feed.headers import kind_of_name
from clients.feed.manifest import Manifest
from clients.models import AccountDay, ImportBatch
from clients.operations.feed import NothingToImport, import_feed
from tests.clients.deliveries import AS_OF, deliver, refused, row, take_in
from tests.conftest import Cast

METRICS = [row("daily_metrics")]
State = ImportBatch.State


def promised(*names: str) -> list[dict[str, str]]:
    return [{"file": name} for name in names]


def test_a_promised_file_that_did_not_come_is_in_the_book(cast: Cast, tmp_path: Path) -> None:
    lines: list[str] = []
    folder = deliver(
        tmp_path,
        {"daily_metrics.csv": METRICS},
        asof="2026-08-21",
        files=promised("daily_metrics.csv", "trades.csv.gz"),
    )
    batch = import_feed(folder, today=AS_OF, progress=lines.append)
    assert batch.state == State.PARTLY
    file = batch.files.get(name="trades.csv.gz")
    assert (file.kind, file.state) == ("trades", State.FAILED)
    assert file.error == "清单列出但未送达：请补送此文件，已送达的文件有效"
    assert lines[-1].startswith("trades.csv.gz：清单列出但未送达")
    assert AccountDay.objects.count() == 1


def test_the_file_is_no_longer_missed_once_it_comes(cast: Cast, tmp_path: Path) -> None:
    told = {"asof": "2026-08-21", "files": promised("daily_metrics.csv", "trades.csv")}
    folder = deliver(tmp_path, {"daily_metrics.csv": METRICS}, **told)
    import_feed(folder, today=AS_OF)
    batch = import_feed(deliver(folder, {"trades.csv": [row("trades")]}), today=AS_OF)
    assert batch.state == State.DONE
    assert set(batch.files.values_list("name", "state")) == {
        ("daily_metrics.csv", State.DONE),
        ("trades.csv", State.DONE),
    }


def test_a_correction_need_not_bring_what_came_before(cast: Cast, tmp_path: Path) -> None:
    told = {"asof": "2026-08-21", "files": promised("daily_metrics.csv", "trades.csv")}
    take_in(tmp_path / "first", {"daily_metrics.csv": METRICS, "trades.csv": [row("trades")]}, **told)
    batch = take_in(tmp_path / "second", {"trades.csv": [row("trades", amount="1060.00")]}, **told)
    assert batch.state == State.DONE
    assert batch.files.count() == 1


@pytest.mark.parametrize(
    ("names", "came", "absent"),
    [
        (["trades.csv"], ["trades.csv"], []),
        (["trades.csv.gz"], ["trades.csv"], []),
        (["Trades.CSV"], ["trades.csv.gz"], []),
        (["trades.csv"], [], ["trades.csv"]),
        (["README.md"], [], []),
        (["gb18030/trades.csv"], ["trades.csv"], []),
        (["gb18030/trades.csv"], ["utf8/trades.csv"], ["gb18030/trades.csv"]),
    ],
)
def test_a_file_is_known_by_its_name(names: list[str], came: list[str], absent: list[str]) -> None:
    assert Manifest(None, {}, {}, tuple(names)).absent(came) == absent


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("account_events.csv", "account_events"),
        ("accounts_0821.csv.gz", "accounts"),
        ("账户日_0821.csv", "daily_metrics"),
        ("账户.csv", "accounts"),
        ("gb18030/Clients_gb18030.csv", "clients"),
        ("churn_labels.csv", ""),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: str) -> None:
    assert kind_of_name(name) == kind


@pytest.mark.parametrize("value", [None, "x", "NaN", "Infinity", [1], {"a": 1}])
def test_a_sum_that_is_no_number_spoils_the_manifest_not_the_import(cast: Cast, tmp_path: Path, value: object) -> None:
    folder = deliver(tmp_path, {"daily_metrics.csv": METRICS}, control_totals={"8801": {"commission": value}})
    with pytest.raises(NothingToImport, match=r"manifest\.json 无法读取"):
        import_feed(folder, today=AS_OF)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "text", ["[]", "null", "1", '{"files": [1]}', '{"files": [{}]}', '{"asof": "2026-13-01"}', "{"]
)
def test_a_manifest_that_is_none_is_refused(cast: Cast, tmp_path: Path, text: str) -> None:
    folder = deliver(tmp_path, {"daily_metrics.csv": METRICS, "manifest.json": text})
    with pytest.raises(NothingToImport, match=r"manifest\.json 无法读取"):
        import_feed(folder, today=AS_OF)


def test_capitals_in_names_are_no_difference(cast: Cast, tmp_path: Path) -> None:
    manifest = json.dumps({"asof": "2026-08-20"})
    batch = take_in(tmp_path, {"DAILY_METRICS.CSV": [row("daily_metrics")], "Manifest.JSON": manifest})
    assert batch.as_of is not None
    assert batch.as_of.isoformat() == "2026-08-20"
    assert [code for *_, code in refused(batch)] == ["future"]
