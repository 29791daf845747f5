"""Facts of a small branch, written straight into the tables: days, purchases, and the deliveries that brought them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from clients.models import (
    Account,
    AccountDay,
    Client,
    ClientStanding,
    FactChange,
    ImportBatch,
    ImportFile,
    ProductPurchase,
)
from office.models import Branch
from office.partitions import ensure_months

NUMBERS = count(1)


@dataclass
class Facts:
    """A branch being filled; money is fen."""

    branch: Branch
    accounts: dict[str, list[Account]] = field(default_factory=dict)
    days: list[AccountDay] = field(default_factory=list)
    purchases: list[ProductPurchase] = field(default_factory=list)

    def client(self, client_no: str, *, accounts: int = 1, closed_on: date | None = None, **fields: object) -> Client:
        """Add a client with open accounts, the last of them closed on `closed_on`."""
        made = Client.objects.create(branch=self.branch, client_no=client_no, name=f"客户{client_no[-3:]}", **fields)
        ClientStanding.objects.create(client=made, branch=self.branch)
        self.accounts[client_no] = [
            Account.objects.create(branch=self.branch, client=made, account_no=f"A{client_no}-{n}")
            for n in range(accounts)
        ]
        if closed_on:
            last = self.accounts[client_no][-1]
            Account.objects.filter(pk=last.pk).update(closed_on=closed_on, status="closed")
        return made

    def day(self, client_no: str, day: date, *, account: int = 0, assets: int = 0, commission: int = 0,
            restricted: int = 0, turnover: int = 0, is_period: bool = False) -> None:  # fmt: skip
        """Add a row of one account; written by `deliver`."""
        owner = self.accounts[client_no][account]
        self.days.append(
            AccountDay(
                branch=self.branch, client_id=owner.client_id, account=owner, day=day, commission_fen=commission,
                net_commission_fen=commission, turnover_fen=turnover, total_assets_fen=assets, cash_fen=0,
                market_value_fen=assets, net_assets_fen=assets, restricted_fen=restricted, is_period=is_period,
            )
        )  # fmt: skip

    def buy(self, client_no: str, day: date, amount: int, kind: str = "fund", status: str = "purchased") -> None:
        """Add a purchase of a product; written by `deliver`."""
        owner = self.accounts[client_no][0]
        self.purchases.append(
            ProductPurchase(
                branch=self.branch, client_id=owner.client_id, account=owner, day=day, amount_fen=amount,
                purchase_no=f"P{next(NUMBERS)}", product_code="F1", product_type=kind, status=status,
            )
        )  # fmt: skip

    def deliver(self) -> ImportBatch:
        """Write what was added as one delivery."""
        batch = ImportBatch.objects.create(label="test", content_hash=f"{next(NUMBERS)}", state="done")
        batch.branches.add(self.branch)
        self._write(batch, AccountDay, self.days, "daily_metrics")
        self._write(batch, ProductPurchase, self.purchases, "product_purchases")
        return batch

    def _write(self, batch: ImportBatch, model: type[Any], rows: list[Any], kind: str) -> None:
        for row in rows:
            row.batch = batch
        ensure_months(model, {row.day for row in rows})
        model.objects.bulk_create(rows)
        ImportFile.objects.create(
            batch=batch, name=f"{kind}.csv", kind=kind, sha256=f"{next(NUMBERS)}", state="done", inserted=len(rows)
        )
        rows.clear()

    def correct(self, client_no: str, day: date, **changes: int) -> None:
        """Change a delivered row as a corrected delivery does."""
        owner = self.accounts[client_no][0]
        batch = ImportBatch.objects.create(label="fix", content_hash=f"{next(NUMBERS)}", state="done")
        batch.branches.add(self.branch)
        file = ImportFile.objects.create(
            batch=batch, name="daily.csv", kind="daily_metrics", sha256=f"{next(NUMBERS)}", state="done"
        )
        assert AccountDay.objects.filter(account=owner, day=day).update(batch=batch, **changes) == 1
        FactChange.objects.create(file=file, branch=self.branch, key=str(owner.pk), day=day, before={}, after={})


def calendar_days(first: date, last: date) -> Iterable[date]:
    """Yield every date from `first` to `last`."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def random_branch(branch: Branch, seed: int, last: date, *, clients: int = 24, span: int = 760) -> Facts:
    """Fill a branch with what real ones hold: idle and busy clients, several accounts, late comers, bursts."""
    dice = Random(seed)
    facts = Facts(branch)
    for number in range(clients):
        client_no = f"8801{dice.randrange(10**8):08d}{number:02d}"
        accounts = dice.choice([1, 1, 1, 2, 3])
        closed = last - timedelta(days=dice.randrange(-3, 40)) if dice.random() < 0.15 else None
        facts.client(client_no, accounts=accounts, closed_on=closed, kind=dice.choice(["person"] * 4 + ["institution"]))
        since = last - timedelta(days=dice.choice([span, span, span, 80, 35, 10]))
        for account in range(accounts):
            _fill(facts, dice, client_no, account, since, last)
        for _ in range(dice.choice([0, 0, 0, 1, 4])):
            day = last - timedelta(days=dice.randrange(span // 2))
            status = dice.choice(["purchased", "purchased", "opening_holding"])
            facts.buy(client_no, day, dice.randrange(10**4, 10**8), dice.choice(["fund", "bond", "gold"]), status)
    return facts


def _fill(facts: Facts, dice: Random, client_no: str, account: int, since: date, last: date) -> None:
    """Give one account its days: a level of assets that drifts, commission now and then, and rarely a burst."""
    often, level = dice.choice([0.02, 0.3, 0.95]), dice.choice([0, 10**5, 10**7, 4 * 10**7, 2 * 10**9])
    for day in calendar_days(since, last):
        if dice.random() > (often if day.weekday() < 5 else often / 20):
            continue
        level = max(int(level * dice.uniform(0.95, 1.06)), -(10**5))
        commission = dice.randrange(500, 30_000) if dice.random() < 0.4 else 0
        if dice.random() < 0.01:
            commission *= dice.choice([80, 400, -1])
        facts.day(
            client_no, day, account=account, assets=level - dice.choice([0, 0, 2 * level]) * (dice.random() < 0.01),
            commission=commission, turnover=abs(commission) * 4000, restricted=dice.choice([0, 0, level // 3]),
        )  # fmt: skip
