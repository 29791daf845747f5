"""Everything that can be wrong with a row: it stays out, the others land, and the reason says what to do."""

import re
from pathlib import Path

import pytest

from clients.feed.refusal import REASONS
from clients.models import AccountDay, Client, ImportBatch, QuarantineRow, Trade
from tests.clients.deliveries import refused, row, take_in, text
from tests.conftest import Cast, make_client

CASES = [
    ("daily_metrics", {"date": ""}, "date", "missing"),
    ("daily_metrics", {"date": "2026-02-30"}, "date", "bad_date"),
    ("daily_metrics", {"date": "21.08.2026"}, "date", "bad_date"),
    ("daily_metrics", {"date": "2026-08-21T00:00:00+08:00"}, "date", "bad_date"),
    ("daily_metrics", {"date": "2026-08-22"}, "date", "future"),
    ("daily_metrics", {"date": "2028-08-21"}, "date", "future"),
    ("daily_metrics", {"date": "1989-12-31"}, "date", "too_old"),
    ("daily_metrics", {"account_no": "8801999999999"}, "account_no", "unknown_account"),
    ("daily_metrics", {"account_no": ""}, "account_no", "missing"),
    ("daily_metrics", {"turnover": "-1.00"}, "turnover", "negative"),
    ("daily_metrics", {"commission": "-0.01"}, "commission", "negative"),
    ("daily_metrics", {"turnover": "NaN"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "inf"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "-Infinity"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "1e400"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "1e99999999999999999999"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "1e3"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "12O.00"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "１２.00"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "1_000"}, "turnover", "not_a_number"),
    ("daily_metrics", {"turnover": "1,234.56"}, "turnover", "separator"),
    ("daily_metrics", {"turnover": "0.005"}, "turnover", "too_precise"),
    ("daily_metrics", {"turnover": "12345678901234.00"}, "turnover", "too_big"),
    ("daily_metrics", {"total_assets": "99999999999999999999"}, "total_assets", "too_big"),
    ("daily_metrics", {"total_assets": ""}, "total_assets", "missing"),
    ("daily_metrics", {"trade_count": "1.5"}, "trade_count", "not_a_number"),
    ("daily_metrics", {"trade_count": "-1"}, "trade_count", "negative"),
    ("trades", {"amount": "-1050.00"}, "amount", "negative"),
    ("trades", {"side": "X"}, "side", "not_a_choice"),
    ("trades", {"trade_id": ""}, "trade_id", "missing"),
    ("trades", {"trade_id": "T 1"}, "trade_id", "bad_code"),
    ("trades", {"trade_id": "T" * 33}, "trade_id", "bad_code"),
    ("trades", {"price": "1e400"}, "price", "not_a_number"),
    ("trades", {"price": "-1"}, "price", "negative"),
    ("trades", {"quantity": "1e12"}, "quantity", "too_big"),
    ("trades", {"sec_name": "长" * 121}, "sec_name", "too_long"),
    ("product_purchases", {"client_id": "880100000002"}, "client_id", "other_client"),
    ("product_purchases", {"client_id": "880199999999"}, "client_id", "unknown_client"),
    ("product_purchases", {"amount": "-1"}, "amount", "negative"),
    ("account_events", {"event_type": "party"}, "event_type", "not_a_choice"),
    ("accounts", {"client_id": "880199999999"}, "client_id", "unknown_client"),
    ("accounts", {"branch_no": "9999"}, "branch_no", "unknown_branch"),
    ("accounts", {"branch_no": "8802"}, "branch_no", "other_branch"),
    ("clients", {"branch_no": "9999"}, "branch_no", "unknown_branch"),
    ("clients", {"client_id": "880100000001", "branch_no": "8802"}, "branch_no", "moved_branch"),
    ("clients", {"client_name": ""}, "client_name", "missing"),
    ("clients", {"client_type": "9"}, "client_type", "not_a_choice"),
    ("clients", {"risk_level": "C9"}, "risk_level", "not_a_choice"),
    ("clients", {"birth_date": "2030-01-01"}, "birth_date", "future"),
    ("clients", {"phone": "13800"}, "phone", "bad_phone"),
    ("clients", {"phone": "138001380001"}, "phone", "bad_phone"),
    ("clients", {"email": "zheng@"}, "email", "bad_email"),
    ("clients", {"id_no": "110105194912310021"}, "id_no", "bad_id_no"),
    ("clients", {"id_no": "99010519491231002X"}, "id_no", "bad_id_no"),
]


@pytest.mark.parametrize(("kind", "changes", "column", "code"), CASES)
def test_a_bad_value(cast: Cast, tmp_path: Path, kind: str, changes: dict[str, str], column: str, code: str) -> None:
    make_client(cast.branch, "880100000002", name="钱多")
    good = row(kind) | dict.fromkeys(changes.keys() - row(kind).keys(), "")
    first = next(iter(row(kind)))
    if kind in {"daily_metrics", "positions"}:
        good |= {"date": "2026-08-20"}
    batch = take_in(tmp_path, {f"{kind}.csv": [good, {**good, first: "X8", **row(kind), **changes}]})
    [(line, at, _, said)] = refused(batch)
    assert (line, at, said) == (3, column, code)
    file = batch.files.get()
    assert (file.rows, file.inserted, file.refused) == (2, 1, 1)
    assert batch.state == ImportBatch.State.PARTLY


def test_every_reason_says_what_to_do() -> None:
    assert all(re.search("请|无需", reason) or "可用" in reason for reason in REASONS.values())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-08-21,A880100000001,5.80,29016.00,100000.00,1000.00,99000.00", "columns"),
        ("2026-08-21,A880100000001,5.80,29016.00,100000.00,1000.00,99000.00,real,more", "columns"),
        ('2026-08-21,A880100000001,5.80,29016.00,100000.00,1000.00,99000.00,"real', "quotes"),
        ("2026-08-21,A880100000001,5.\0008,29016.00,100000.00,1000.00,99000.00,real", "nul"),
        ("2026-08-21,A880100000001,5.80,29016.00,100000.00,1000.00,99000.00," + "x" * 70_000, "long_line"),
    ],
)
def test_a_line_that_is_no_row(cast: Cast, tmp_path: Path, line: str, code: str) -> None:
    good = text([row("daily_metrics", date="2026-08-19"), row("daily_metrics", date="2026-08-20")])
    batch = take_in(tmp_path, {"daily_metrics.csv": good + line + "\n" + good.splitlines()[1].replace("19", "18")})
    assert [(number, said) for number, _, _, said in refused(batch)] == [(4, code)]
    assert AccountDay.objects.count() == 3
    assert all(len(kept.raw) <= 500 for kept in QuarantineRow.objects.all())


def test_a_line_of_ten_megabytes_is_refused_and_the_next_one_read(cast: Cast, tmp_path: Path) -> None:
    good = text([row("daily_metrics", date="2026-08-20")])
    last = good.splitlines()[1].replace("2026-08-20", "2026-08-21")
    batch = take_in(tmp_path, {"daily_metrics.csv": good + "9" * 10_000_000 + "\n" + last + "\n"})
    assert [(line, code) for line, _, _, code in refused(batch)] == [(3, "long_line")]
    assert AccountDay.objects.count() == 2
    assert QuarantineRow.objects.get().raw == ""


def test_a_row_said_twice_counts_once_and_two_that_disagree_are_both_refused(cast: Cast, tmp_path: Path) -> None:
    rows = [
        row("trades"),
        row("trades"),
        row("trades", trade_id="T2"),
        row("trades", trade_id="T2", amount="1.00"),
        row("trades", trade_id="T2"),
        row("trades", trade_id="T3", date="2026-08-20"),
        row("trades", trade_id="T3", date="2026-08-19"),
    ]
    batch = take_in(tmp_path, {"trades.csv": rows})
    assert list(Trade.objects.values_list("trade_no", flat=True)) == ["T1"]
    assert [line for line, _, _, code in refused(batch) if code == "duplicate"] == [4, 5, 6, 7, 8]
    assert batch.files.get().notes == ["1 行与前文完全相同，只计一次"]
    assert all("T" in kept.raw for kept in QuarantineRow.objects.all())


def test_personal_values_are_cut_from_what_is_kept(cast: Cast, tmp_path: Path) -> None:
    secret = {"phone": "13800138000", "email": "zheng@example.com", "id_no": "110105194912310021"}
    batch = take_in(
        tmp_path,
        {
            "clients.csv": text([row("clients", **secret)])
            + '880100000010,8801,郑云舟,"0,13800138000,zheng@example.com\n'
        },
    )
    kept = list(QuarantineRow.objects.filter(file__batch=batch))
    assert len(kept) == 2
    shown = "".join(one.raw + one.value for one in kept)
    for value in (*secret.values(), "郑云舟", "0013800"):
        assert value not in shown
    assert "880100000009" in kept[0].raw  # the client number stays, so that the counter can find the row


def test_a_value_that_cannot_be_decoded_is_refused_and_the_file_stays_utf8(cast: Cast, tmp_path: Path) -> None:
    good = [row("clients", client_id=f"8801000001{number:02}") for number in range(5)]
    broken = text([row("clients")]).splitlines()[1].encode().replace("云".encode(), b"\xe4\xba")
    batch = take_in(tmp_path, {"clients.csv": text(good).encode() + broken + b"\n"})
    assert batch.files.get().encoding == "utf-8"
    assert [(line, column, code) for line, column, _, code in refused(batch)] == [(7, "client_name", "encoding")]
    assert set(Client.objects.filter(client_no__startswith="8801000001").values_list("name", flat=True)) == {"郑云舟"}


def test_more_refused_rows_than_are_kept_are_still_counted(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row("trades", trade_id=f"T{number}", side="X") for number in range(10_200)]
    batch = take_in(tmp_path, {"trades.csv": rows})
    assert batch.files.get().refused == 10_200
    assert QuarantineRow.objects.count() == 10_000
    assert "隔离 10200 行，只保留前 10000 行的内容" in batch.files.get().notes
