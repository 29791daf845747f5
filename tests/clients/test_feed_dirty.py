"""Dirty values for every column of every kind of file: each stays out, with line, column and a Chinese reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.feed.layout import Column
from clients.feed.layouts import LAYOUTS
from clients.models import AccountDay, Client, ImportBatch, QuarantineRow
from tests.clients.deliveries import ROWS, refused, row, take_in, text
from tests.conftest import Cast, make_client

# kind of value → what it may not be, and the code of the reason
DIRT = {
    "key": [("T 1", "bad_code"), ("编号1", "bad_code"), ("T" * 33, "bad_code")],
    "text": [("长" * 161, "too_long")],
    "money": [("abc", "not_a_number"), ("1.234", "too_precise"), ("1,234.00", "separator"), ("1e5", "not_a_number")],
    "decimal": [("abc", "not_a_number"), ("1,234", "separator"), ("1000000000000", "too_big")],
    "count": [("1.5", "not_a_number"), ("-1", "negative"), ("9999999999", "not_a_number")],
    "flag": [("2", "not_a_choice"), ("ok", "not_a_choice")],
    "choice": [("?", "not_a_choice"), ("no such word", "not_a_choice")],
    "date": [
        ("2026-02-30", "bad_date"),
        ("2026/8-1", "bad_date"),
        ("1850-01-01", "too_old"),
        ("08/01/2026", "bad_date"),
    ],
    "id_no": [("11010519491231002!", "bad_id_no"), ("1" * 41, "bad_id_no")],
    "phone": [("13800", "bad_phone"), ("phone", "bad_phone")],
    "email": [("a@b", "bad_email"), ("a b@c.cn", "bad_email")],
    "account": [("nobody", "unknown_account"), ("A 1", "unknown_account")],
    "client": [("nobody", "unknown_client")],
    "branch": [("9999", "unknown_branch"), ("８８０１", "unknown_branch")],
}


def _dirt(column: Column) -> Iterator[tuple[str, str]]:
    yield from DIRT.get(column.kind, [])
    if column.kind in {"money", "decimal"} and not column.signed:
        yield "-0.01", "negative"
    if column.kind == "date" and column.future == "refuse":
        yield "2026-08-22", "future"
    if column.filled:
        yield "", "missing"
        yield "\t  ", "missing"


CASES = [
    (layout.kind, column.name, value, code)
    for layout in LAYOUTS
    if layout.kind != "rejected"
    for column in layout.columns
    for value, code in _dirt(column)
]


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_every_dirty_value_is_refused_alone(cast: Cast, tmp_path: Path, kind: str) -> None:
    cases = [case[1:] for case in CASES if case[0] == kind]
    assert len(cases) > 5
    first = next(layout.key[0] for layout in LAYOUTS if layout.kind == kind)
    names = {name for name, *_ in cases}
    rows = []
    for place, (name, value, _) in enumerate(cases):
        one = row(kind) | dict.fromkeys(names - row(kind).keys(), "")
        if kind in {"daily_metrics", "positions"}:
            one |= {"date": f"2026-07-{1 + place % 28:02}"} | (
                {"sec_code": f"6{place:05}"} if kind == "positions" else {}
            )
        elif kind != "entitlements":  # is of an account and has no number of its own
            one |= {first: f"X{place}"}
        rows.append(one | {name: value})
    batch = take_in(tmp_path, {f"{kind}.csv": rows})
    assert [(line, column, code) for line, column, _, code in refused(batch)] == [
        (place, name, code) for place, (name, _, code) in enumerate(cases, 2)
    ]
    assert all(re.search(r"[\u4e00-\u9fff]{4}", kept.reason) for kept in QuarantineRow.objects.all())
    file = batch.files.get()
    assert (file.inserted, file.refused, file.state) == (0, len(cases), ImportBatch.State.DONE)


MIXES = {
    "bom, CRLF, quotes": b"\xef\xbb\xbf"
    + text([row("clients")]).replace("郑云舟", '"郑云舟"').replace("\n", "\r\n").encode(),
    "GB18030, CRLF": text([row("clients")]).replace("\n", "\r\n").encode("gb18030"),
    "no last line end": text([row("clients")]).rstrip("\n").replace("\n", "\r\n").encode("gb18030"),
    "tabs behind numbers": text([row("clients", client_id="880100000009\t", branch_no="\t8801\t")]).encode(),
    "Chinese headers in another order": (
        "状态,客户姓名,营业部,客户号,客户类型,开户日期\r\n正常,郑云舟,8801,880100000009,个人,2024/01/02\r\n".encode(
            "gb18030"
        )
    ),
    "capitals in the header": text([row("clients")]).replace("client_id", "Client_ID").encode(),
}


@pytest.mark.parametrize("data", MIXES.values(), ids=MIXES)
def test_the_same_client_however_it_is_mixed(cast: Cast, tmp_path: Path, data: bytes) -> None:
    batch = take_in(tmp_path, {"clients.csv": data})
    assert refused(batch) == []
    made = Client.objects.get(client_no="880100000009")
    assert (made.name, made.branch, str(made.opened_on)) == ("郑云舟", cast.branch, "2024-01-02")


def test_one_changed_byte_is_another_delivery_that_corrects_one_row(cast: Cast, tmp_path: Path) -> None:
    rows = [row("daily_metrics", date=f"2026-08-{day:02}") for day in range(17, 22)]
    take_in(tmp_path / "first", {"daily_metrics.csv": rows})
    data = text(rows).replace("29016.00", "29016.01", 1)
    batch = take_in(tmp_path / "second", {"daily_metrics.csv": data})
    file = batch.files.get()
    assert (file.inserted, file.changed, file.unchanged) == (0, 1, 4)
    assert AccountDay.objects.get(day="2026-08-17").turnover_fen == 2_901_601


def test_a_later_delivery_that_leaves_rows_out_takes_nothing_away(cast: Cast, tmp_path: Path) -> None:
    rows = [row("daily_metrics", date=f"2026-08-{day:02}") for day in range(17, 22)]
    take_in(tmp_path / "first", {"daily_metrics.csv": rows})
    batch = take_in(tmp_path / "second", {"daily_metrics.csv": [rows[0] | {"turnover": "1.00"}]})
    assert batch.files.get().changed == 1
    assert AccountDay.objects.count() == 5


def test_rows_at_odds_are_told_to_their_branch_alone(cast: Cast, tmp_path: Path) -> None:
    make_client(cast.other_branch, "880200000001", name="钱多")
    rows = [row("trades", trade_id=f"T{place // 2}", amount=f"{place}.00") for place in range(4)]
    rows[2]["account_no"] = rows[3]["account_no"] = "A880200000001"
    take_in(tmp_path, {"trades.csv": rows})
    homes = QuarantineRow.objects.order_by("line").values_list("branch__code", flat=True)
    assert list(homes) == ["8801", "8801", "8802", "8802"]
