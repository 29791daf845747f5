"""nightly.md §3.6 once more, one client and one day at a time: what the fast way is compared with."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date
from statistics import median
from typing import Any

from clients.models import Account, AccountDay, Client, ProductPurchase
from office.dates import TradingCalendar
from office.models import Branch

FEES = {"fund": 0.0120, "bond": 0.0010, "loan": 0.0200, "wealth": 0.0080, "card": 0.0}
LADDER = [("silver", 3e5, 1e3), ("gold", 1e6, 5e3), ("platinum", 3e6, 2e4), ("diamond", 1e7, 6e4)]


def weight(age: int) -> float:
    return math.exp2(-age / 125)


def percentile_99(positives: list[float]) -> float:
    ordered = sorted(positives)
    place = 0.99 * (len(ordered) - 1)
    low = int(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


class Checker:
    """The figures of a branch on its first run, as a careful person with a list of rows would find them."""

    def __init__(self, branch: Branch, as_of: date, calendar: TradingCalendar) -> None:
        self.trading, self.as_of = calendar.trading, as_of
        self.last = bisect_right(self.trading, as_of) - 1
        self.accounts: dict[int, list[int]] = defaultdict(list)
        for account in Account.objects.filter(branch=branch):
            if account.closed_on is None or account.closed_on > as_of:
                self.accounts[account.client_id].append(account.pk)
        self.rows: dict[int, list[AccountDay]] = defaultdict(list)
        self.branch_day: dict[int, float] = defaultdict(float)
        for row in AccountDay.objects.filter(branch=branch, day__lte=as_of).order_by("day"):
            self.rows[row.account_id].append(row)
            if self.age(row.day) >= 0:
                self.branch_day[self.age(row.day)] += row.net_commission_fen / 100
        self.purchases = list(ProductPurchase.objects.filter(branch=branch, day__lte=as_of))
        self.numbers = dict(Client.objects.filter(branch=branch).values_list("pk", "client_no"))

    def age(self, day: date) -> int:
        """Trading days from `day` to T; a day without trading counts on the next, −1 if that lies after T."""
        return self.last - bisect_left(self.trading, day)

    def client(self, pk: int) -> dict[str, Any]:
        """The raw figures of one client in yuan."""
        rows = [row for account in self.accounts[pk] for row in self.rows[account] if self.age(row.day) >= 0]
        commission: dict[int, float] = defaultdict(float)
        for row in rows:
            commission[self.age(row.day)] += row.net_commission_fen / 100
        first = min((row.day for row in rows), default=None)
        history = self.age(first) + 1 if first else 10_000
        span = max(history, 20) if history < 60 else 250
        scale = 250 / sum(weight(a) for a in range(span))
        fees = [
            (self.age(p.day), p.amount_fen / 100 * FEES.get(p.product_type, 0.0050))
            for p in self.purchases
            if p.account_id in self.accounts[pk] and p.status != "opening_holding" and 0 <= self.age(p.day) < 250
        ]
        bounded = sum(weight(a) * self.bounded(commission, a) for a in range(250))
        assets, stale = self.assets(pk, rows)
        true = sum(commission[a] for a in range(250))
        return {
            "commission_raw": max(scale * bounded, 0.0),
            "purchasing_raw": scale * sum(weight(a) * fee for a, fee in fees),
            "assets_raw": max(assets, 0.0),
            "stale": stale,
            "true_commission": true,
            "contribution": true + sum(fee for _, fee in fees),
        }

    def bounded(self, commission: dict[int, float], age: int) -> float:
        """One day's commission after the one-off bound."""
        before = [commission[a] for a in range(age + 1, age + 251) if commission.get(a)]
        amount = commission.get(age, 0.0)
        if len(before) < 5:
            return amount
        return min(amount, max(20 * median(before), 0.05 * self.branch_day[age]))

    def assets(self, pk: int, rows: list[AccountDay]) -> tuple[float, bool]:
        """The 20-day average, or the last known figure and stale."""

        def known(age: int) -> float:
            total = 0.0
            for account in self.accounts[pk]:
                past = [row for row in self.rows[account] if self.age(row.day) >= age]
                if past:
                    total += past[-1].net_assets_fen / 100 - 0.8 * past[-1].restricted_fen / 100
            return total

        present = sorted({self.age(row.day) for row in rows if self.age(row.day) < 20})
        if len(present) >= 10:
            return sum(known(age) for age in present) / len(present), False
        return known(0), True

    def scores(self) -> dict[str, dict[str, Any]]:
        """Client number → every figure of the first run."""
        found = {self.numbers[pk]: self.client(pk) for pk in self.accounts}
        for name in ("commission", "purchasing", "assets"):
            self.normalise(found, name)
        for row in found.values():
            row["value"] = 0.40 * row["commission_norm"] + 0.25 * row["purchasing_norm"] + 0.35 * row["assets_norm"]
            row["tier"] = self.tier(row)
            row["type"] = self.type(row)
        order = sorted(found, key=lambda no: (-found[no]["value"], -found[no]["contribution"], no))
        for place, number in enumerate(order, 1):
            found[number]["rank"] = place
        self.core(found)
        return found

    def normalise(self, found: dict[str, dict[str, Any]], name: str) -> None:
        """Points and mid-ranks of one component."""
        positives = [row[f"{name}_raw"] for row in found.values() if row[f"{name}_raw"] > 0]
        for row in found.values():
            x = row[f"{name}_raw"]
            row[f"{name}_norm"] = row[f"{name}_p"] = 0.0
            if x > 0:
                s, cap = median(positives), percentile_99(positives) if len(positives) >= 30 else max(positives)
                row[f"{name}_norm"] = 100 * math.log(1 + min(x, cap) / s) / math.log(1 + cap / s)
                below, equal = sum(y < x for y in positives), sum(y == x for y in positives)
                row[f"{name}_p"] = 100 * (below + equal / 2) / len(positives)

    def tier(self, row: dict[str, Any]) -> str:
        """The computed tier."""
        reached = "general"
        for tier, assets, commission in LADDER:
            if row["assets_raw"] >= assets or row["true_commission"] >= commission:
                reached = tier
        return reached

    def type(self, row: dict[str, Any]) -> str:
        """The leading component."""
        p = {"commission": row["commission_p"], "product": row["purchasing_p"], "asset": row["assets_p"]}
        return "unclassified" if max(p.values()) < 5 else max(p, key=lambda name: p[name])

    def core(self, found: dict[str, dict[str, Any]]) -> None:
        """The base set."""
        total = sum(max(row["contribution"], 0) for row in found.values())
        reached = 0.0
        for number in sorted(found, key=lambda no: (-found[no]["contribution"], no)):
            row = found[number]
            row["in_core"] = row["contribution"] > 0 and reached < 0.8 * total
            reached += max(row["contribution"], 0)
