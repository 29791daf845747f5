"""What a client holds: spread and standing in words, and one security in two accounts counted once (SEG-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client as Browser

from clients.holdings import Holding, Lot, Portfolio, gathered, profit_class, spread_class
from clients.models import Account, PositionDay
from clients.queries.page import portfolio
from office.partitions import ensure_months
from tests.conftest import Cast

Browse = Callable[[str], Browser]
FRIDAY = date(2026, 8, 21)
NAMES = [f"6000{number:02}" for number in range(12)]


def lot(code: str, fen: int, *, quantity: str | None = "100", cost: str | None = "10", price: str | None = "12") -> Lot:
    many, paid, now = (None if each is None else Decimal(each) for each in (quantity, cost, price))
    return Lot(code, "", many, paid, now, fen)


def held(*lots: Lot) -> Portfolio:
    return Portfolio(as_of=FRIDAY, holdings=gathered(lots, 1_000_000), cash_fen=0, assets_fen=1_000_000)


def hold(cast: Cast, code: str, price: str, *, quantity: int = 100, cost: str = "10", account: str = "") -> None:
    ensure_months(PositionDay, [FRIDAY])
    where = cast.wu.accounts.get(account_no=account) if account else cast.wu.accounts.earliest("pk")
    PositionDay.objects.create(
        branch=cast.branch, client=cast.wu, account=where, batch_id=0, day=FRIDAY, security_code=code,
        security_name=f"证券{code}", quantity=quantity, cost_price=cost, price=price,
        market_value_fen=round(quantity * Decimal(price) * 100),
    )  # fmt: skip


@pytest.mark.req("SEG-11")
@pytest.mark.parametrize(
    ("names", "first", "expected"),
    [
        (0, "0", ""),
        (1, "1", "concentrated"),
        (12, "0.4001", "concentrated"),
        (3, "0.40", "normal"),
        (10, "0.2", "normal"),
        (11, "0.2", "dispersed"),
    ],
)
def test_securities_are_concentrated_or_dispersed_or_neither(names: int, first: str, expected: str) -> None:
    assert spread_class(names, Decimal(first)) == expected


@pytest.mark.req("SEG-11")
@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (None, ""),
        ("-30", "deep_loss"),
        ("-29.99", "loss"),
        ("-3.01", "loss"),
        ("-3", "flat"),
        ("3", "flat"),
        ("3.01", "profit"),
    ],
)
def test_a_floating_profit_has_a_word_from_deep_loss_to_profit(percent: str | None, expected: str) -> None:
    assert profit_class(None if percent is None else Decimal(percent)) == expected


def test_the_index_of_concentration_tells_one_from_many() -> None:
    assert held(lot("600000", 5_000)).concentration == 1
    assert held(*[lot(code, 5_000) for code in NAMES[:4]]).concentration == Decimal("0.25")
    assert held().concentration == 0


def test_one_security_in_two_accounts_is_one_holding_at_its_mean_cost() -> None:
    both = held(
        lot("600000", 120_000, quantity="100", cost="10"), lot("600000", 360_000, quantity="300", cost="14")
    ).holdings
    assert [(row.quantity, row.cost_price, row.market_value_fen) for row in both] == [
        (Decimal(400), Decimal(13), 480_000)
    ]
    assert both[0].profit_fen == -40_000


@pytest.mark.parametrize("lacks", ["quantity", "cost"])
def test_what_one_account_does_not_say_is_known_of_none(lacks: str) -> None:
    rows = held(lot("600000", 120_000), lot("600000", 120_000, **{lacks: None})).holdings
    assert [row.profit_fen for row in rows] == [None]


def test_a_cost_paid_back_by_sales_has_a_profit_and_no_rate() -> None:
    paid_back = Holding("600000", "", Decimal(100), Decimal("-2"), Decimal(12), 120_000, 0.1)
    assert (paid_back.profit_fen, paid_back.profit_share) == (140_000, None)
    assert held(lot("600000", 120_000, cost="-2")).standing == ("", "")


@pytest.mark.django_db
def test_the_page_adds_up_what_two_accounts_hold_of_one_security(cast: Cast) -> None:
    Account.objects.create(branch=cast.branch, client=cast.wu, account_no="A2", opened_on=date(2022, 1, 4))
    hold(cast, "600000", "12")
    hold(cast, "600000", "12", quantity=300, cost="14", account="A2")
    (row,) = portfolio(cast.wu).holdings
    assert (row.quantity, row.market_value_fen, row.profit_fen) == (Decimal(400), 480_000, -40_000)


@pytest.mark.req("SEG-11")
@pytest.mark.django_db
def test_the_profile_tells_how_holdings_are_spread_and_how_they_stand(cast: Cast, browse: Browse) -> None:
    hold(cast, "600000", "6")
    hold(cast, "600001", "6", quantity=50)
    page = browse("li").get(f"/clients/{cast.wu.pk}/?tab=holdings").content.decode()
    told = page.split("集中度指数")[1].split("<table")[0]
    assert "0.56" in told
    assert "2 只证券，过度集中" in told
    assert "深度套牢" in told
    assert "−40.00%" in told
    assert "不催促交易" in told


@pytest.mark.req("SEG-11")
@pytest.mark.django_db
def test_many_small_holdings_in_profit_are_told_so(cast: Cast, browse: Browse) -> None:
    for code in NAMES[:11]:
        hold(cast, code, "12")
    page = browse("li").get(f"/clients/{cast.wu.pk}/?tab=holdings").content.decode()
    assert "11 只证券，过度分散" in page
    assert "账面盈利" in page
    assert "落袋为安" in page
