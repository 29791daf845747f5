"""What the page of one client shows of the counter's facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum

from clients.models import (
    Account,
    AccountDay,
    AccountEvent,
    ChannelPreference,
    Client,
    ClientStanding,
    PositionDay,
    ProductPurchase,
    ServiceAssignment,
    Tier,
    Trade,
)
from office.models import Employee

WATCH_SHARE = Decimal("0.40")  # the first holding's share of the securities from which the page warns
SHOWN_PARTS = 5  # of the bar; the rest is one part
RECENT = 20  # rows of trades, purchases and events a tab shows


@dataclass(frozen=True)
class Holding:
    """One security over all accounts of the client; money is fen, shares are 0 to 1."""

    code: str
    name: str
    quantity: Decimal | None
    cost_price: Decimal | None
    price: Decimal | None
    market_value_fen: int
    share: float  # of the client's assets

    @property
    def profit_fen(self) -> int | None:
        """Floating profit, where quantity and both prices are known."""
        if self.quantity is None or self.cost_price is None or self.price is None:
            return None
        return round(self.quantity * (self.price - self.cost_price) * 100)

    @property
    def profit_share(self) -> Decimal | None:
        """Profit over cost, in percent."""
        if not self.cost_price or self.price is None:
            return None
        return (self.price / self.cost_price - 1) * 100


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
    def first_share(self) -> Decimal:
        """The largest holding's share of the securities, 0 to 1."""
        if not self.holdings or self.securities_fen <= 0:
            return Decimal(0)
        return Decimal(self.holdings[0].market_value_fen) / self.securities_fen

    @property
    def is_concentrated(self) -> bool:
        """Whether the first holding passes the line of attention."""
        return self.first_share > WATCH_SHARE

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


def portfolio(client: Client) -> Portfolio:
    """Return holdings and cash of the client: each account at the last day it has, same securities summed."""
    own = Account.objects.filter(client=client).values("pk")
    days = AccountDay.objects.filter(account__in=own).order_by("account_id", "-day").distinct("account_id")
    latest = list(days.values_list("day", "cash_fen", "net_assets_fen"))
    held = dict(PositionDay.objects.filter(client=client).values_list("account_id").annotate(last=Max("day")))
    rows: dict[str, PositionDay] = {}
    values: dict[str, int] = {}
    for row in PositionDay.objects.filter(client=client, day__in=set(held.values())):
        if row.day == held[row.account_id]:
            rows.setdefault(row.security_code, row)
            values[row.security_code] = values.get(row.security_code, 0) + row.market_value_fen
    assets = sum(fen for _, _, fen in latest)
    holdings = [
        Holding(
            code,
            row.security_name,
            row.quantity,
            row.cost_price,
            row.price,
            values[code],
            values[code] / assets if assets > 0 else 0.0,
        )
        for code, row in rows.items()
    ]
    return Portfolio(
        as_of=max((day for day, _, _ in latest), default=None),
        holdings=sorted(holdings, key=lambda holding: (-holding.market_value_fen, holding.code)),
        cash_fen=sum(fen for _, fen, _ in latest),
        assets_fen=assets,
    )


@dataclass(frozen=True)
class Owned:
    """What one employee is responsible for, in figures."""

    clients: int
    core: int
    assets_fen: int
    tiers: list[tuple[str, int]]  # tier, clients; highest first


def owned_by(employee: Employee) -> Owned:
    """Return how many clients an employee serves and what they hold; figures alone, no client is named."""
    rows = ClientStanding.objects.filter(manager=employee, branch_id=employee.branch_id or 0, is_closed=False)
    counts = dict(rows.values_list("tier").annotate(n=Count("pk")))
    sums = rows.aggregate(core=Count("pk", filter=Q(is_core=True)), assets=Sum("assets_fen"))
    tiers = [(tier.value, counts[tier.value]) for tier in reversed(Tier) if tier.value in counts]
    return Owned(sum(counts.values()), sums["core"], sums["assets"] or 0, tiers)


def accounts(client: Client) -> QuerySet[Account]:
    """Return the accounts, open ones first."""
    return Account.objects.filter(client=client).order_by("closed_on", "opened_on", "pk")


def purchases(client: Client) -> QuerySet[ProductPurchase]:
    """Return the latest purchases of products."""
    return ProductPurchase.objects.filter(client=client).order_by("-day", "purchase_no")[:RECENT]


def trades(client: Client) -> QuerySet[Trade]:
    """Return the latest trades."""
    return Trade.objects.filter(client=client).order_by("-day", "trade_no")[:RECENT]


def events(client: Client) -> QuerySet[AccountEvent]:
    """Return the latest events of the accounts."""
    return AccountEvent.objects.filter(client=client).order_by("-day", "event_no")[:RECENT]


def held_preferences(client: Client) -> dict[str, str]:
    """Return what a client allows: "channel-purpose" → state, as far as it is noted."""
    rows = ChannelPreference.objects.filter(client=client).values_list("channel", "purpose", "state")
    return {f"{channel}-{purpose}": state for channel, purpose, state in rows}


def consent_by_channel(client: Client) -> list[tuple[str, str, bool]]:
    """Return (channel, purposes allowed in words, whether any is refused) for every channel with something noted."""
    rows = list(ChannelPreference.objects.filter(client=client))
    found = []
    for channel in ChannelPreference.Channel:
        here = {row.purpose: row.state for row in rows if row.channel == channel}
        allowed = [str(each.label) for each in ChannelPreference.Purpose if here.get(each) == "granted"]
        denied = "denied" in here.values()
        if here:
            found.append((str(channel.label), "、".join(allowed), denied))
    return found


def managers(client: Client) -> QuerySet[ServiceAssignment]:
    """Return who served the client, the present one first."""
    return ServiceAssignment.objects.filter(client=client).select_related("employee").order_by("-starts_on", "-pk")
