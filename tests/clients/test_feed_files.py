"""How files may look and arrive: encodings, headers, archives, and all the ways in which they can be broken."""

import gzip
import json
import os
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from clients.feed import files
from clients.feed.refusal import FileRefused
from clients.models import AccountDay, Client, ImportBatch, ProductPurchase, Trade
from clients.operations.feed import NothingToImport, import_feed
from office.models import Branch
from tests.clients.deliveries import AS_OF, deliver, refused, row, take_in, text
from tests.conftest import Cast

METRICS = [row("daily_metrics"), row("daily_metrics", date="2026-08-20")]
CHINESE = "日期,资产账户,佣金,成交金额,总资产,可用资金,证券市值,数据依据"


def _day() -> AccountDay:
    return AccountDay.objects.get(day=AS_OF)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (text(METRICS).encode(), "utf-8"),
        (b"\xef\xbb\xbf" + text(METRICS).encode(), "utf-8"),
        (text(METRICS).replace("\n", "\r\n").encode(), "utf-8"),
        (text(METRICS).replace(text(METRICS).splitlines()[0], CHINESE).encode("gb18030"), "gb18030"),
        (text(METRICS).replace(text(METRICS).splitlines()[0], CHINESE).encode(), "utf-8"),
        (text(METRICS).replace("real", "真实").encode("gb18030"), "gb18030"),
        (gzip.compress(text(METRICS).encode(), mtime=0), "utf-8"),
        (text(METRICS).rstrip("\n").encode(), "utf-8"),
        (text(METRICS).replace("\n", "\n\n").encode(), "utf-8"),
        (text(METRICS).replace(",", " , ").encode(), "utf-8"),
        (text([dict(reversed(one.items())) for one in METRICS]).encode(), "utf-8"),
    ],
)
def test_the_same_rows_however_they_are_written(cast: Cast, tmp_path: Path, data: bytes, encoding: str) -> None:
    batch = take_in(tmp_path, {"daily_metrics.csv": data})
    file = batch.files.get()
    assert (file.encoding, file.rows, file.inserted, file.refused) == (encoding, 2, 2, 0)
    assert (_day().commission_fen, _day().turnover_fen, _day().total_assets_fen) == (580, 2_901_600, 10_000_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_names_survive_every_encoding(cast: Cast, tmp_path: Path, encoding: str) -> None:
    rows = [row("clients", client_name="欧阳䶮"), row("clients", client_id="880100000010", client_name="O'Neil, Jr.")]
    take_in(tmp_path, {"clients.csv": text(rows).encode(encoding)})
    assert Client.objects.get(client_no="880100000009").name == "欧阳䶮"
    assert Client.objects.get(client_no="880100000010").name == "O'Neil, Jr."


def test_the_kind_is_read_from_the_header_and_strange_columns_are_named(cast: Cast, tmp_path: Path) -> None:
    batch = take_in(tmp_path, {"export_1.csv": [row("trades", colour="red", weather="rain")]})
    file = batch.files.get()
    assert (file.kind, file.inserted) == ("trades", 1)
    assert file.notes == ["不认识的列已忽略：colour、weather"]


def test_a_price_is_rounded_half_up_and_a_quantity_may_be_written_with_an_exponent(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path, {"trades.csv": [row("trades", price="242.5974445", quantity="3.62494e+06")]})
    trade = Trade.objects.get()
    assert (str(trade.price), str(trade.quantity)) == ("242.597445", "3624940.000000")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件为空：请重新导出"),
        (gzip.compress(text(METRICS * 500).encode(), mtime=0)[:-20], "压缩文件不完整：请重新传送"),
        (gzip.compress(b"", mtime=0), "文件为空：请重新导出"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 40, "压缩文件已损坏：请重新导出并传送"),
        (text(METRICS).encode("utf-16"), "文件是 UTF-16 编码：请以 UTF-8 或 GB18030 重新导出"),
        (
            text([{key: value for key, value in one.items() if key != "turnover"} for one in METRICS]).encode(),
            "像是账户日文件，但缺少列：成交金额（turnover）。请补齐列后重新导出",
        ),
        (
            text(METRICS).replace("market_value", "总资产").encode(),
            "像是账户日文件，但缺少列：证券市值（market_value）。请补齐列后重新导出",
        ),
        (text(METRICS).replace("basis", "总资产").encode(), "表头中同一列出现了两次。请去掉重复的列后重新导出"),
    ],
)
def test_a_broken_file_is_refused_whole_and_the_others_land(
    cast: Cast, tmp_path: Path, content: bytes, reason: str
) -> None:
    batch = take_in(tmp_path, {"daily_metrics.csv.gz": content, "trades.csv": [row("trades")]})
    broken = batch.files.get(name="daily_metrics.csv.gz")
    assert (broken.state, broken.error) == (ImportBatch.State.FAILED, reason)
    assert batch.state == ImportBatch.State.PARTLY
    assert not AccountDay.objects.exists()
    assert Trade.objects.count() == 1


def test_a_header_alone_is_a_day_without_rows(cast: Cast, tmp_path: Path) -> None:
    batch = take_in(tmp_path, {"trades.csv": text([row("trades")]).splitlines()[0]})
    assert batch.state == ImportBatch.State.DONE
    assert batch.files.get().notes == ["只有表头，没有数据行"]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source, private, stop = tmp_path / "daily_metrics.csv", tmp_path / "private", threading.Event()
    private.mkdir()
    source.write_bytes(b"x" * (files.PIECE * 3))

    def keep_writing() -> None:
        with source.open("ab") as sender:
            while not stop.is_set():
                sender.write(b"2026-08-21\n")
                sender.flush()

    sender = threading.Thread(target=keep_writing)
    sender.start()
    try:
        with pytest.raises(FileRefused, match="文件在读取时被改动"):
            files.take(source, "daily_metrics.csv", private)
    finally:
        stop.set()
        sender.join()


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    with pytest.raises(FileRefused, match="文件无法读取"):
        files.take(tmp_path / "gone.csv", "gone.csv", private)


def test_what_is_read_is_the_private_copy(tmp_path: Path) -> None:
    source, private = tmp_path / "a.csv", tmp_path / "private"
    private.mkdir()
    source.write_text("date\n1\n")
    taken = files.take(source, "a.csv", private)
    source.write_text("date\n2\n")
    assert [piece.data for piece in files.pieces(taken)] == [b"1\n"]


def test_lines_longer_than_a_reading_are_dropped_in_the_stream(tmp_path: Path) -> None:
    source, private = tmp_path / "a.csv", tmp_path / "private"
    private.mkdir()
    source.write_bytes(b"date\n1\n" + b"x" * (files.PIECE * 2) + b"\n3\n" + b"y" * (files.PIECE + 7))
    pieces = list(files.pieces(files.take(source, "a.csv", private)))
    assert b"".join(piece.data for piece in pieces) == b"1\n3\n"
    assert [line for piece in pieces for line in piece.overlong] == [3, 5]
    assert [piece.line for piece in pieces if piece.data] == [2, 4]


def test_files_in_sub_folders_count_only_if_there_are_no_others(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "trades.csv").touch()
    assert [path.name for path in files.candidates(tmp_path)] == ["trades.csv"]
    (tmp_path / "clients.csv").touch()
    (tmp_path / "README.md").touch()
    assert [path.name for path in files.candidates(tmp_path)] == ["clients.csv"]


@pytest.mark.django_db
def test_nothing_to_import(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport, match="没有可以导入的文件"):
        import_feed(tmp_path / "missing")
    with pytest.raises(NothingToImport, match=r"manifest\.json"):
        import_feed(deliver(tmp_path, {"a.csv": "x\n", "manifest.json": "{"}))


def _run(folder: Path, *options: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as exit_info:
        call_command("feed", "import", str(folder), *options, stdout=out, stderr=out)
    return int(exit_info.value.code or 0), out.getvalue()


def test_the_command_tells_by_its_exit_code(cast: Cast, tmp_path: Path) -> None:
    good = deliver(tmp_path / "good", {"trades.csv": [row("trades", date="2026-08-20")]})
    code, said = _run(good, "--json")
    assert (code, json.loads(said)["files"][0]["inserted"]) == (0, 1)
    code, said = _run(good)
    assert code == 0
    assert "同一批文件已导入过，数据没有变化" in said
    bad = deliver(tmp_path / "bad", {"trades.csv": [row("trades", trade_id="T2", side="X")]})
    code, said = _run(bad)
    assert code == 1
    assert "trades.csv 第 2 行 side X：买卖方向的取值不在允许范围内：可用 B、S" in said
    assert _run(deliver(tmp_path / "none", {"trades.csv": b""}))[0] == 2
    assert _run(tmp_path / "missing")[0] == 2


def test_rows_the_source_refused_are_kept_and_leave_the_exit_code_alone(cast: Cast, tmp_path: Path) -> None:
    line = {"reason": "price_missing", "sec_code": "600000", "date": "", "quantity": "1", "price": "", "client_id": ""}
    folder = deliver(tmp_path / "in", {"trades.csv": [row("trades")], "quarantine_sec.csv": [line]})
    code, said = _run(folder)
    assert code == 0
    assert "quarantine_sec.csv 第 2 行 price ：源系统拒绝：缺少成交价格" in said
    assert [reason for *_, reason in refused(ImportBatch.objects.get())] == ["price_missing"]


@pytest.mark.django_db
def test_branches_are_made_where_there_are_none_or_on_demand(tmp_path: Path) -> None:
    take_in(tmp_path / "first", {"clients.csv": [row("clients")]})
    assert list(Branch.objects.values_list("code", flat=True)) == ["8801"]
    second = deliver(tmp_path / "second", {"clients.csv": [row("clients", client_id="1", branch_no="8802")]})
    assert import_feed(second, today=AS_OF).files.get().refused == 1
    made = import_feed(second, today=AS_OF, again=True, create_branches=True)
    assert (made.files.get().refused, Branch.objects.filter(code="8802").exists()) == (0, True)


def test_a_fingerprint_that_does_not_match_the_manifest_is_said(cast: Cast, tmp_path: Path) -> None:
    told = json.dumps({"asof": "2026-08-21", "files": [{"file": "trades.csv", "sha256": "0" * 64}]})
    batch = take_in(tmp_path, {"trades.csv": [row("trades")], "manifest.json": told})
    assert batch.files.get().inserted == 1
    assert "文件指纹与 manifest.json 不符" in batch.files.get().notes[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(cast: Cast, tmp_path: Path) -> None:
    folder = deliver(tmp_path / "in", {"trades.csv": [row("trades")], "positions.csv": [row("positions")]})
    (folder / "trades.csv").chmod(0)
    batch = import_feed(folder, today=AS_OF)
    assert batch.files.get(name="trades.csv").error.startswith("文件无法读取")
    assert batch.files.get(name="positions.csv").inserted == 1


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_file_may_end_in_a_date_that_is_not_there(cast: Cast, tmp_path: Path, end: str) -> None:
    open_ended = text([row("product_purchases", matures_on="")]).rstrip("\n") + end
    batch = take_in(tmp_path, {"product_purchases.csv": open_ended})
    assert (batch.files.get().inserted, batch.files.get().refused) == (1, 0)
    assert ProductPurchase.objects.get().matures_on is None
