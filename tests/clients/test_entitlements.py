"""New-share allotment rights as the counter tells them: the quota of each account in each market."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client as Browser

from clients.models import Entitlement, FactChange
from tests.clients.deliveries import refused, row, take_in
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]


def held() -> list[tuple[str, int, int, date]]:
    rows = Entitlement.objects.order_by("market")
    return [(one.market, one.average_mv_fen, one.quota_units, one.as_of) for one in rows]


@pytest.mark.req("ARC-08")
def test_the_counters_file_shows_the_quota_of_each_market_on_the_clients_page(
    cast: Cast, browse: Browse, tmp_path: Path
) -> None:
    depth = row("entitlements", market="深市", average_mv_20d="55000.00", quota_units="11")
    take_in(tmp_path, {"entitlements.csv": [row("entitlements"), depth]})
    said = browse("li").get(f"/clients/{cast.wu.pk}/?tab=accounts").content.decode()
    part = said[said.index("新股配售权益") :]
    for words in ("沪市", "186,500.00", ">37<", "深市", "55,000.00", ">11<", "2026-08-21"):
        assert words in part, words


@pytest.mark.req("ARC-08")
def test_a_client_without_rights_is_told_what_is_missing(cast: Cast, browse: Browse) -> None:
    said = browse("li").get(f"/clients/{cast.wu.pk}/?tab=accounts").content.decode()
    assert "没有新股配售权益" in said


def test_chinese_headers_mean_the_same(cast: Cast, tmp_path: Path) -> None:
    text = "资产账户,市场,20日均市值,配售权益,截至日期\nA880100000001,科创板,100000.00,20,20260821\n"
    take_in(tmp_path, {"新股配售权益.csv": text})
    assert held() == [("star", 10_000_000, 20, date(2026, 8, 21))]


@pytest.mark.req("ARC-08")
def test_a_later_delivery_corrects_and_an_older_one_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "1", {"entitlements.csv": [row("entitlements", as_of="2026-08-20")]})
    corrected = take_in(tmp_path / "2", {"entitlements.csv": [row("entitlements", quota_units="40")]})
    older = take_in(tmp_path / "3", {"entitlements.csv": [row("entitlements", as_of="2026-08-19", quota_units="1")]})
    assert held() == [("sh", 18_650_000, 40, date(2026, 8, 21))]
    assert [file.changed for batch in (corrected, older) for file in batch.files.all()] == [1, 0]
    told = FactChange.objects.get(file__batch=corrected)
    assert (told.before["配售权益"], told.after["配售权益"]) == (37, 40)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"account_no": "8801999999999"}, "account_no", "unknown_account"),
        ({"market": "港股"}, "market", "not_a_choice"),
        ({"average_mv_20d": "-1.00"}, "average_mv_20d", "negative"),
        ({"average_mv_20d": "NaN"}, "average_mv_20d", "not_a_number"),
        ({"quota_units": "-1"}, "quota_units", "negative"),
        ({"quota_units": "1.5"}, "quota_units", "not_a_number"),
        ({"as_of": "2026-08-22"}, "as_of", "future"),
        ({"as_of": ""}, "as_of", "missing"),
    ],
)
def test_a_bad_right_stays_out_with_its_reason(
    cast: Cast, tmp_path: Path, changes: dict[str, str], column: str, code: str
) -> None:
    wrong = row("entitlements", market="深市") | changes
    batch = take_in(tmp_path, {"entitlements.csv": [row("entitlements"), wrong]})
    assert [(line, at, said) for line, at, _, said in refused(batch)] == [(3, column, code)]
    assert [market for market, *_ in held()] == ["sh"]


def test_a_right_told_twice_differently_is_refused(cast: Cast, tmp_path: Path) -> None:
    batch = take_in(tmp_path, {"entitlements.csv": [row("entitlements"), row("entitlements", quota_units="38")]})
    assert [said for *_, said in refused(batch)] == ["duplicate", "duplicate"]
    assert held() == []
