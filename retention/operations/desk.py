"""Look-ups at the desk: each is written down, and nobody may go through the book of clients with them."""

from __future__ import annotations

from datetime import datetime

from clients.models import Client
from office.audit import record
from office.models import Employee
from retention.errors import TooManyLookUps
from retention.queries.desk import (
    CARD_OPENED,
    DAY_LIMIT,
    HITS,
    LOOKED_UP,
    MINUTE_LIMIT,
    found_at_desk,
    looked_up_lately,
)


def look_up(text: str, *, by: Employee, now: datetime) -> list[Client]:
    """Return the clients at the desk whom `text` may name, and write down that `by` asked. Raises TooManyLookUps."""
    _within_limits(by, now)
    found = found_at_desk(by, text)
    record(LOOKED_UP, "柜台查询", by=by, after={"clients": [client.client_no for client in found[:HITS]]})
    return found


def open_card(client: Client, *, by: Employee, now: datetime) -> None:
    """Write down that `by` sees the card of a client. Raises TooManyLookUps."""
    _within_limits(by, now)
    record(CARD_OPENED, f"客户 {client.client_no}", by=by, after={"clients": [client.client_no]})


def _within_limits(by: Employee, now: datetime) -> None:
    minute, day = looked_up_lately(by, now)
    if minute >= MINUTE_LIMIT:
        raise TooManyLookUps(f"一分钟内最多查询 {MINUTE_LIMIT} 次，请稍候再查")
    if day >= DAY_LIMIT:
        raise TooManyLookUps(f"今日查询已满 {DAY_LIMIT} 次，请联系运营总监")
