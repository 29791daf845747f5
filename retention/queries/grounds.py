"""What the counter's own facts say of grounds that may hold a request up; a person confirms each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, OuterRef, Subquery, Sum

from clients.models import Account, AccountDay, Client, Trade
from office.dates import TradingCalendar
from office.money import from_fen
from retention.models import Block, ClosureRequest
from retention.rules.closing import settlement_of

SETTLED_SINCE = timedelta(days=31)  # whatever holidays lie between, an older trade is settled


@dataclass(frozen=True)
class Ground:
    """One lawful ground that the facts point to, and the fact itself in words."""

    block: str
    evidence: str

    @property
    def label(self) -> str:
        """The ground in words."""
        return str(Block(self.block).label)


def last_trade_on(client: Client, until: date) -> date | None:
    """Return the last day up to `until` on which the client traded, as the facts know it."""
    recent = Trade.objects.filter(client=client, day__gt=until - SETTLED_SINCE, day__lte=until)
    found: date | None = recent.aggregate(last=Max("day"))["last"]
    return found


def lawful_grounds(client: Client, kind: str, today: date, days: TradingCalendar) -> list[Ground]:
    """Return the grounds that the facts point to: trades not settled yet, margin debt, an account that is frozen."""
    found = []
    traded_on = last_trade_on(client, today)
    settles_on = settlement_of(traded_on, today, days)
    if settles_on is not None:
        found.append(Ground(Block.UNSETTLED, f"{traded_on} 有成交，{settles_on} 完成交收"))
    debt_fen = _margin_debt_fen(client)
    if debt_fen > 0 and kind in (ClosureRequest.Kind.CLOSE, ClosureRequest.Kind.ACCOUNT_MOVE):
        found.append(Ground(Block.MARGIN_DEBT, f"融资负债 {from_fen(debt_fen):,.2f} 元"))
    frozen = client.accounts.filter(status=Account.Status.FROZEN)
    found += [Ground(Block.PLEDGE_OR_FREEZE, f"柜台账户 {account} 为冻结状态") for account in frozen.order_by("pk")]
    return found


def _margin_debt_fen(client: Client) -> int:
    latest = AccountDay.objects.filter(account=OuterRef("pk")).order_by("-day")
    accounts = Account.objects.filter(client=client).annotate(debt=Subquery(latest.values("margin_debt_fen")[:1]))
    return int(accounts.aggregate(total=Sum("debt"))["total"] or 0)
