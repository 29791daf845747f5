"""Facts as the counter tells them, made by plain functions with fixed values."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import count
from typing import Any

from clients.models import (
    Account,
    AccountDay,
    AccountEvent,
    Client,
    ClientDay,
    ClientStanding,
    ClientWindow,
    PositionDay,
    ProductPurchase,
    Trade,
)
from office.dates import SHANGHAI
from office.partitions import ensure_months
from service_logs.models import Contact, ServiceStanding

NIGHT = date(2026, 8, 21)  # a Friday; its night prepares the Monday
MORNING = date(2026, 8, 24)
NEXT_NIGHT = date(2026, 8, 24)
YUAN = 100
numbers = count(1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def stand_at(client: Client, day: date = NIGHT, **fields: Any) -> None:
    """Let the client's window stand at `day`."""
    ClientWindow.objects.update_or_create(client=client, defaults={"branch": client.branch, "as_of": day, **fields})


def have(client: Client, **fields: Any) -> None:
    """Set what the client is at present: fields of the standing, or of the archive."""
    names = {field.name for field in ClientStanding._meta.concrete_fields}
    standing = {name: value for name, value in fields.items() if name in names}
    ClientStanding.objects.filter(pk=client.pk).update(**standing)
    Client.objects.filter(pk=client.pk).update(**{name: fields[name] for name in set(fields) - set(standing)})
    client.refresh_from_db()


def _fact(client: Client, day: date) -> dict[str, Any]:
    account = Account.objects.filter(client=client).order_by("pk").first()
    return {"branch": client.branch, "client": client, "account": account, "batch_id": 0, "day": day}


def client_day(client: Client, day: date = NIGHT, *, turnover: int = 0, inflow: int = 0, outflow: int = 0) -> None:
    ensure_months(ClientDay, [day])
    ClientDay.objects.create(
        branch=client.branch, client=client, day=day, commission_fen=0, bounded_fen=0, turnover_fen=turnover * YUAN,
        trade_count=1 if turnover else 0, inflow_fen=inflow * YUAN, outflow_fen=outflow * YUAN,
    )  # fmt: skip


def event(client: Client, kind: str, day: date = NIGHT, *, amount: int | None = None) -> None:
    ensure_months(AccountEvent, [day])
    AccountEvent.objects.create(
        **_fact(client, day), event_no=f"E{next(numbers)}", kind=kind,
        amount_fen=None if amount is None else amount * YUAN,
    )  # fmt: skip


def trade(client: Client, *, side: str = "B", amount: int, price: str = "10", code: str = "600001",
          day: date = NIGHT) -> None:  # fmt: skip
    ensure_months(Trade, [day])
    Trade.objects.create(
        **_fact(client, day), trade_no=f"T{next(numbers)}", security_code=code, security_name="云岭精工", side=side,
        price=price, quantity=100, amount_fen=amount * YUAN, commission_fen=500,
    )  # fmt: skip


def position(client: Client, *, price: str, code: str = "600001", day: date = NIGHT) -> None:
    ensure_months(PositionDay, [day])
    PositionDay.objects.create(
        **_fact(client, day), security_code=code, quantity=100, price=price, market_value_fen=100_000
    )


def purchase(client: Client, matures_on: date | None, *, amount: int = 50_000) -> None:
    day = date(2026, 3, 2)
    ensure_months(ProductPurchase, [day])
    ProductPurchase.objects.create(
        **_fact(client, day), purchase_no=f"P{next(numbers)}", product_code="WP1", product_name="稳进六月持有 2 号",
        product_type="wealth", amount_fen=amount * YUAN, matures_on=matures_on,
    )  # fmt: skip


def account_day(client: Client, *, total: int, debt: int, day: date = NIGHT) -> None:
    ensure_months(AccountDay, [day])
    AccountDay.objects.create(
        **_fact(client, day), commission_fen=0, net_commission_fen=0, turnover_fen=0, total_assets_fen=total * YUAN,
        cash_fen=0, market_value_fen=0, margin_debt_fen=debt * YUAN, net_assets_fen=(total - debt) * YUAN,
    )  # fmt: skip


def seen(client: Client, *, tier: str = "general", seen_on: date = date(2026, 7, 1), **fields: Any) -> ServiceStanding:
    """Let service have seen the client before."""
    ClientStanding.objects.filter(client=client).update(noticed_tier=tier)
    made, _ = ServiceStanding.objects.update_or_create(
        client=client, defaults={"branch": client.branch, "seen_on": seen_on, **fields}
    )
    return made


def entry(client: Client, author: Any, when: datetime, result: str = "reached", **fields: Any) -> Contact:
    """Write an entry of the log as it stands in the table, without what the operation does besides."""
    fields.setdefault("summary", "已沟通")
    return Contact.objects.create(branch=client.branch, client=client, author=author, at=when, result=result, **fields)
