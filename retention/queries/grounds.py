"""What the counter's own facts say of grounds that may hold a request up; a person confirms each.

Plain SQL, one statement each: somebody stands at the desk and waits for the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from clients.models import Account, Client
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


LAST_TRADE_SQL = """
SELECT max(day) FROM clients_trade WHERE client_id = %(client)s AND day > %(since)s AND day <= %(until)s
"""

FACTS_SQL = f"""
SELECT ({LAST_TRADE_SQL}),
       (SELECT coalesce(sum(d.margin_debt_fen), 0)::bigint FROM clients_account a CROSS JOIN LATERAL (
            SELECT margin_debt_fen FROM clients_accountday
            WHERE account_id = a.id ORDER BY day DESC LIMIT 1) d
        WHERE a.client_id = %(client)s),
       (SELECT array_agg(account_no ORDER BY id) FROM clients_account
        WHERE client_id = %(client)s AND status = %(frozen)s)
"""


def last_trade_on(client: Client, until: date) -> date | None:
    """Return the last day up to `until` on which the client traded, as the facts know it."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_TRADE_SQL, _scope(client, until))
        found: date | None = cursor.fetchone()[0]
    return found


def lawful_grounds(client: Client, kind: str, today: date, days: TradingCalendar) -> list[Ground]:
    """Return the grounds that the facts point to: trades not settled yet, margin debt, an account that is frozen."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, _scope(client, today) | {"frozen": Account.Status.FROZEN.value})
        traded_on, debt_fen, frozen = cursor.fetchone()
    found = []
    settles_on = settlement_of(traded_on, today, days)
    if settles_on is not None:
        found.append(Ground(Block.UNSETTLED, f"{traded_on} 有成交，{settles_on} 完成交收"))
    if debt_fen > 0 and kind in (ClosureRequest.Kind.CLOSE, ClosureRequest.Kind.ACCOUNT_MOVE):
        found.append(Ground(Block.MARGIN_DEBT, f"融资负债 {from_fen(debt_fen):,.2f} 元"))
    found += [Ground(Block.PLEDGE_OR_FREEZE, f"柜台账户 ****{number[-4:]} 为冻结状态") for number in frozen or ()]
    return found


def _scope(client: Client, until: date) -> dict[str, int | date | str]:
    return {"client": client.pk, "since": until - SETTLED_SINCE, "until": until}
