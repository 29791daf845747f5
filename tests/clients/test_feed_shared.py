"""The real feed that lies beside the project: all of it lands, and its control totals agree to the fen."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Sum

from clients.models import (
    Account,
    AccountDay,
    AccountEvent,
    Client,
    ClientStanding,
    ImportBatch,
    PositionDay,
    ProductPurchase,
    QuarantineRow,
    SearchToken,
    StandingOrder,
    Trade,
)
from clients.operations.feed import import_feed
from office.models import Branch

FEED = Path(settings.BASE_DIR).parent / "shared" / "feed"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FEED.is_dir(), reason="the shared feed does not lie beside this clone"),
]


@pytest.fixture
def batch() -> ImportBatch:
    return import_feed(FEED)


def test_everything_lands_on_an_empty_database(batch: ImportBatch) -> None:
    assert batch.state == ImportBatch.State.DONE
    assert sorted(Branch.objects.values_list("code", flat=True)) == ["8801", "8802", "8803"]
    counts = {
        model.__name__: model.objects.count()
        for model in (Client, ClientStanding, Account, AccountDay, Trade, ProductPurchase, PositionDay, AccountEvent,
                      StandingOrder)
    }  # fmt: skip
    assert counts == {
        "Client": 2000, "ClientStanding": 2000, "Account": 1979, "AccountDay": 54_733, "Trade": 2211,
        "ProductPurchase": 766, "PositionDay": 14_573, "AccountEvent": 7051, "StandingOrder": 486,
    }  # fmt: skip
    assert AccountDay.objects.filter(is_period=True).count() == 608
    assert not Client.objects.exclude(pk__in=SearchToken.objects.values("client_id")).exists()


def test_control_totals_agree_to_the_fen(batch: ImportBatch) -> None:
    assert batch.totals_agree is True
    assert batch.totals["8801"]["latest_total_assets"] == {"file": "474372367417.71", "manifest": "474372367417.71"}
    assert batch.totals["8803"]["commission"]["file"] == "56247.00"
    landed = AccountDay.objects.aggregate(fen=Sum("turnover_fen"))["fen"]
    told = sum(Decimal(totals["turnover"]["manifest"]) for totals in batch.totals.values())
    assert Decimal(landed).scaleb(-2) == told


def test_what_becomes_of_each_row_the_source_refused(batch: ImportBatch) -> None:
    rows = QuarantineRow.objects.filter(file__batch=batch).order_by("line")
    codes = [row.code for row in rows]
    assert codes == ["date_before_coverage"] * 12 + ["price_missing"] + ["security_code"] * 2
    assert [row.line for row in rows] == list(range(2, 17))
    assert rows[0].value == "2021-08-26"
    assert rows[12].reason == "源系统拒绝：缺少成交价格，请在源系统补齐价格后重报"
    assert rows[13].column == "sec_code"
    assert rows[13].value == "-"
    assert all(row.raw for row in rows)
    assert not Trade.objects.filter(security_code="-").exists()


def test_files_that_are_not_ours_are_named_and_do_no_harm(batch: ImportBatch) -> None:
    strange = batch.files.filter(kind="").order_by("name")
    assert [file.name for file in strange] == ["churn_labels.csv.gz", "expected_2026-08-21.csv"]
    assert all(file.notes == ["表头不认识，未导入"] for file in strange)


def test_the_same_delivery_again_changes_nothing(batch: ImportBatch) -> None:
    assert import_feed(FEED).pk == batch.pk
    assert ImportBatch.objects.count() == 1


def test_gb18030_with_chinese_headers_and_crlf_says_the_same(batch: ImportBatch) -> None:
    again = import_feed(FEED / "gb18030", today=batch.as_of)
    said = {file.kind: (file.encoding, file.rows, file.unchanged) for file in again.files.all()}
    assert said == {
        "clients": ("gb18030", 2000, 2000),
        "accounts": ("gb18030", 1979, 1979),
        "daily_metrics": ("gb18030", 54_733, 54_733),
    }
    assert again.state == ImportBatch.State.DONE
