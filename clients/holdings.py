"""What a client holds, in one look: how it is spread, how it stands, and how to speak of it (SEG-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WATCH_SHARE = Decimal("0.40")  # the first holding's share of the securities from which the page warns
MOST_NAMES = 10  # from here on nobody looks after each of them. Practice, editable by nobody yet
FLAT, DEEP = Decimal(3), Decimal(-30)  # percent of cost: within is neither gain nor loss; from there 深度套牢
SHOWN_PARTS = 5  # of the bar; the rest is one part

# class → (words, how to serve). Source: domain.md §3, holding; SEG-11
SPREADS = {
    "concentrated": ("过度集中", "资产押在少数证券上，提示单一证券风险，不评价个股"),
    "normal": ("分布正常", ""),
    "dispersed": ("过度分散", "只数多、难以逐只照看，帮客户理清为何持有"),
}
PROFITS = {
    "profit": ("账面盈利", "客户多想落袋为安，先问目标，再提示回撤风险"),
    "flat": ("盈亏相当", ""),
    "loss": ("账面亏损", "客户容易焦虑、被动，难以自行判断；先倾听，不作承诺"),
    "deep_loss": ("深度套牢", "宜及早面谈，不催促交易，建议由投资顾问逐只说明风险"),
}


def spread_class(names: int, first_share: Decimal) -> str:
    """Return how securities are spread: concentrated, normal, dispersed; "" without any."""
    if not names:
        return ""
    if first_share > WATCH_SHARE:
        return "concentrated"
    return "dispersed" if names > MOST_NAMES else "normal"


def profit_class(percent: Decimal | None) -> str:
    """Return how holdings stand, given the floating profit in percent of cost: "" if it is unknown."""
    if percent is None:
        return ""
    if percent <= DEEP:
        return "deep_loss"
    if abs(percent) <= FLAT:
        return "flat"
    return "profit" if percent > 0 else "loss"


@dataclass(frozen=True)
class Lot:
    """One security in one account at a close."""

    code: str
    name: str
    quantity: Decimal | None
    cost_price: Decimal | None
    price: Decimal | None
    market_value_fen: int


@dataclass(frozen=True)
class Holding:
    """One security over all accounts of the client; money is fen, shares are 0 to 1."""

    code: str
    name: str
    quantity: Decimal | None
    cost_price: Decimal | None  # the mean over the accounts
    price: Decimal | None
    market_value_fen: int
    share: float  # of the client's assets

    @property
    def cost_fen(self) -> int | None:
        """What it cost, where quantity and cost price are known."""
        if self.quantity is None or self.cost_price is None:
            return None
        return round(self.quantity * self.cost_price * 100)

    @property
    def profit_fen(self) -> int | None:
        """Floating profit, where quantity and both prices are known."""
        if self.quantity is None or self.cost_price is None or self.price is None:
            return None
        return round(self.quantity * (self.price - self.cost_price) * 100)

    @property
    def profit_share(self) -> Decimal | None:
        """Profit over cost, in percent; None where the cost is paid back already."""
        if self.cost_price is None or self.cost_price <= 0 or self.price is None:
            return None
        return (self.price / self.cost_price - 1) * 100


def gathered(lots: Sequence[Lot], assets_fen: int) -> list[Holding]:
    """Return the lots by security, the largest first; a figure that one account lacks is known of none."""
    by_code: dict[str, list[Lot]] = {}
    for lot in lots:
        by_code.setdefault(lot.code, []).append(lot)
    held = [_holding(same, assets_fen) for same in by_code.values()]
    return sorted(held, key=lambda holding: (-holding.market_value_fen, holding.code))


def _holding(lots: Sequence[Lot], assets_fen: int) -> Holding:
    value = sum(lot.market_value_fen for lot in lots)
    counted = [(lot.quantity, lot.cost_price) for lot in lots if lot.quantity is not None]
    quantity = sum((each for each, _ in counted), Decimal(0)) if len(counted) == len(lots) else None
    costs = [each * cost for each, cost in counted if cost is not None]
    known = quantity and len(costs) == len(lots)
    return Holding(
        code=lots[0].code,
        name=next((lot.name for lot in lots if lot.name), ""),
        quantity=quantity,
        cost_price=sum(costs, Decimal(0)) / quantity if known and quantity else None,
        price=next((lot.price for lot in lots if lot.price is not None), None),
        market_value_fen=value,
        share=value / assets_fen if assets_fen > 0 else 0.0,
    )


@dataclass(frozen=True)
class Portfolio:
    """What lies in the accounts at the last close each of them has."""

    as_of: date | None
    holdings: list[Holding]
    cash_fen: int
    assets_fen: int  # net

    @property
    def securities_fen(self) -> int:
        """All securities at market value."""
        return sum(holding.market_value_fen for holding in self.holdings)

    @property
    def cash_share(self) -> float | None:
        """The cash's share of the net assets."""
        return self.cash_fen / self.assets_fen if self.assets_fen > 0 else None

    @property
    def other_fen(self) -> int:
        """What the net assets hold besides: funds that are no positions, less what is owed."""
        return self.assets_fen - self.securities_fen - self.cash_fen

    @property
    def profit_fen(self) -> int | None:
        """Floating profit of the holdings whose profit is known; None if it is known of none."""
        known = [holding.profit_fen for holding in self.holdings if holding.profit_fen is not None]
        return sum(known) if known else None

    @property
    def profit_percent(self) -> Decimal | None:
        """Floating profit over cost of the holdings whose profit is known; None without a positive cost."""
        costs = [row.cost_fen for row in self.holdings if row.profit_fen is not None and row.cost_fen is not None]
        profit = self.profit_fen
        return Decimal(100 * profit) / sum(costs) if profit is not None and sum(costs) > 0 else None

    @property
    def first_share(self) -> Decimal:
        """The largest holding's share of the securities, 0 to 1."""
        if not self.holdings or self.securities_fen <= 0:
            return Decimal(0)
        return Decimal(self.holdings[0].market_value_fen) / self.securities_fen

    @property
    def concentration(self) -> Decimal:
        """The sum of squared shares of the securities: 1 for a single one, 1/n for n equal ones, 0 for none."""
        total = self.securities_fen
        if total <= 0:
            return Decimal(0)
        return sum(((Decimal(row.market_value_fen) / total) ** 2 for row in self.holdings), Decimal(0))

    @property
    def is_concentrated(self) -> bool:
        """Whether the first holding passes the line of attention."""
        return self.first_share > WATCH_SHARE

    @property
    def spread(self) -> tuple[str, str]:
        """How the securities are spread, and what that asks for, in words."""
        return SPREADS.get(spread_class(len(self.holdings), self.first_share), ("", ""))

    @property
    def standing(self) -> tuple[str, str]:
        """Whether the client gains or loses by what he holds, and what that asks for, in words."""
        return PROFITS.get(profit_class(self.profit_percent), ("", ""))

    @property
    def hints(self) -> list[str]:
        """How to speak with a client who holds this."""
        return [hint for _, hint in (self.spread, self.standing) if hint]

    @property
    def bar(self) -> list[tuple[str, float, str]]:
        """The parts of the bar: (class, percent, words), largest first, cash last."""
        total = self.securities_fen + max(self.cash_fen, 0)
        if total <= 0:
            return []
        parts = [
            (f"k{index}", 100 * holding.market_value_fen / total, holding.name or holding.code)
            for index, holding in enumerate(self.holdings[:SHOWN_PARTS], start=1)
        ]
        rest = sum(holding.market_value_fen for holding in self.holdings[SHOWN_PARTS:])
        if rest:
            parts.append(("kp", 100 * rest / total, f"其他 {len(self.holdings) - SHOWN_PARTS} 只"))
        return [*parts, ("kc", 100 * max(self.cash_fen, 0) / total, "现金")]
