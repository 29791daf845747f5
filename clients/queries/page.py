"""What the page of one client shows of the counter's facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from clients.holdings import Lot, Portfolio, gathered
from clients.models import (
    Account,
    AccountDay,
    AccountEvent,
    ChannelPreference,
    Client,
    ClientStanding,
    Entitlement,
    PositionDay,
    ProductPurchase,
    ServiceAssignment,
    Tier,
    Trade,
)
from office.models import Employee

RECENT = 20  # rows of trades, purchases and events a tab shows


def portfolio(client: Client) -> Portfolio:
    """Return holdings and cash of the client: each account at the last day it has, same securities summed."""
    own = Account.objects.filter(client=client).values("pk")
    days = AccountDay.objects.filter(account__in=own).order_by("account_id", "-day").distinct("account_id")
    latest = list(days.values_list("day", "cash_fen", "net_assets_fen"))
    held = dict(PositionDay.objects.filter(client=client).values_list("account_id").annotate(last=Max("day")))
    lots = [
        Lot(row.security_code, row.security_name, row.quantity, row.cost_price, row.price, row.market_value_fen)
        for row in PositionDay.objects.filter(client=client, day__in=set(held.values())).order_by("account_id")
        if row.day == held[row.account_id]
    ]
    assets = sum(fen for _, _, fen in latest)
    return Portfolio(
        as_of=max((day for day, _, _ in latest), default=None),
        holdings=gathered(lots, assets),
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


def entitlements(client: Client) -> QuerySet[Entitlement]:
    """Return what new shares the open accounts may subscribe for, market by market."""
    rows = Entitlement.objects.filter(account__client=client).exclude(account__status=Account.Status.CLOSED)
    return rows.select_related("account").order_by("account__account_no", "market")


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
