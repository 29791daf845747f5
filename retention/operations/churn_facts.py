"""What a churn score is made from: windows and signs by COPY, complaints from their own floor, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Min

from clients.models import Tier
from clients.operations.copying import copy_out
from complaints.queries.facts import LOW_SATISFACTION, OPEN, UPHELD, for_churn
from office.dates import SHANGHAI, CalendarExhausted, TradingCalendar
from office.models import Branch
from office.queries import calendar
from office.statements import joined_by_hash
from retention.models import ChurnRun
from retention.operations.churn_signs import statement
from retention.scoring.churn import Ints, latest
from retention.scoring.signals import BY_CODE, SIGNS
from retention.scoring.windows import asked_too_much, settled, states
from service_logs.models import Contact
from service_logs.queries.policies import POLICY_TABLE, grid_columns

LOOK_BACK = 60  # trading days: complaints, changes of manager, talks (nightly.md §7)
MEMORY = 120  # trading days: six half-lives, after which a sixty-fourth is left
OUTFLOW_DAYS, BANK_DAYS = 5, 20  # trading days
EPOCH = date(1970, 1, 1)
COMPLAINTS = {OPEN: "complaint", UPHELD: "complaint_upheld", LOW_SATISFACTION: "low_satisfaction"}
WINDOWS = """
SELECT w.client_id, w.commission_250_fen + w.purchase_250_fen, coalesce(w.last_assets_fen, 0), w.assets_sum_60_fen,
       w.assets_days_60, w.trade_days_20, w.trade_days_120, w.commission_250_fen, w.turnover_250_fen
FROM clients_clientwindow w WHERE w.branch_id = %(branch)s
"""
TIERS = """
SELECT client_id, array_position(%(tiers)s::text[], tier::text)::smallint FROM clients_clientstanding
WHERE branch_id = %(branch)s ORDER BY client_id
"""
WINDOW_TYPES = {
    "client_id": "int8", "contribution_fen": "int8", "assets_fen": "int8", "assets_sum_fen": "int8",
    "assets_days": "int2", "trade_days": "int2", "trade_days_half_year": "int2", "commission_fen": "int8",
    "turnover_fen": "int8",
}  # fmt: skip
SIGN_TYPES = {"client_id": "int8", "number": "int2", "since": "date", "a": "int8", "b": "int8"}

Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Book:
    """The clients of a branch with their 12-month contribution, and the signs found of them, each once.

    `signs` holds columns place (in `client_id`), number, since (days since 1970-01-01), a, b.
    """

    client_id: Ints
    contribution_fen: Ints
    signs: Columns
    sessions: npt.NDArray[np.datetime64]


def read_book(branch: Branch, as_of: date, before: ChurnRun | None) -> Book:
    """Read what is known of every client at the close of `as_of`; the windows end on that day."""
    days = calendar(branch.calendar)
    with connection.cursor() as cursor:
        windows = _sorted(_read(cursor, WINDOWS, {"branch": branch.pk}, WINDOW_TYPES))
        scope = _scope(branch, as_of, before, days) | _ids(windows["client_id"])
        with joined_by_hash(cursor):
            found = _joined(_read(cursor, statement(POLICY_TABLE), scope, SIGN_TYPES), _complaints(branch, as_of))
        if BY_CODE["commission_asked"].number in found["number"]:
            windows["tier"] = _tiers(cursor, branch, windows["client_id"])
    placed = _placed(windows["client_id"], found)
    signs = settled(placed, states(windows), asked_too_much(windows), (as_of - EPOCH).days)
    return Book(windows["client_id"], windows["contribution_fen"], signs, days.sessions)


def _sorted(windows: Columns) -> Columns:
    order = np.argsort(windows["client_id"])
    return {name: array[order] for name, array in windows.items()}


def _tiers(cursor: CursorWrapper, branch: Branch, client_id: Ints) -> Ints:
    """Return the place of each client's tier on the ladder; only needed when somebody asked about commission."""
    scope = {"branch": branch.pk, "tiers": [str(tier) for tier in Tier.values]}
    rows = _read(cursor, TIERS, scope, {"client_id": "int8", "tier": "int2"})
    return np.asarray(rows["tier"][np.searchsorted(rows["client_id"], client_id)])


def _ids(client_id: Ints) -> dict[str, int]:
    bounds = (client_id[0], client_id[-1]) if len(client_id) else (0, 0)
    return {"first_client": int(bounds[0]), "last_client": int(bounds[1])}


def _read(cursor: CursorWrapper, select: str, scope: dict[str, Any], types: dict[str, str]) -> Columns:
    found = copy_out(cursor, cursor.mogrify(select, scope).decode(), types)
    return {name: array.astype(np.int64) for name, array in found.items()}


def _complaints(branch: Branch, as_of: date) -> Columns:
    """Return what stood of complaints, as signs."""
    rows = [
        (client_id, BY_CODE[COMPLAINTS[kind]].number, (on - EPOCH).days)
        for client_id, kind, on in for_churn(branch, as_of)
    ]
    table = np.array(rows, np.int64).reshape(-1, 3)
    nothing = np.zeros(len(table), np.int64)
    return {"client_id": table[:, 0], "number": table[:, 1], "since": table[:, 2], "a": nothing, "b": nothing}


def _joined(one: Columns, other: Columns) -> Columns:
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def _placed(client_id: Ints, found: Columns) -> Columns:
    """Return the signs of known clients by their place, the latest of each kind."""
    place = np.searchsorted(client_id, found["client_id"])
    known = place < len(client_id)
    known[known] = client_id[place[known]] == found["client_id"][known]
    signs = {name: array[known] for name, array in found.items() if name != "client_id"} | {"place": place[known]}
    return latest(signs, ("place", "number"), "since")


def _scope(branch: Branch, as_of: date, before: ChurnRun | None, days: TradingCalendar) -> dict[str, Any]:
    """Return every value that the statement names."""
    look_from = _back(days, as_of, LOOK_BACK)
    scan_from = max(before.as_of, look_from) if before else look_from
    first = _back(days, scan_from, BANK_DAYS + OUTFLOW_DAYS + 1)
    sessions = [day for day in days.trading[-MEMORY * 5 :] if first <= day <= as_of] or [
        day for day in days.trading if first <= day <= as_of
    ]
    logged = Contact.objects.filter(branch=branch).aggregate(first=Min("at"))["first"]
    return {
        "branch": branch.pk,
        "as_of": as_of,
        "before": before.pk if before else 0,
        "before_on": before.as_of if before else EPOCH,
        "look_from": look_from,
        "look_at": _midnight(look_from),
        "until_at": _midnight(as_of + timedelta(days=1)),
        "memory_from": _back(days, as_of, MEMORY),
        "memory_at": _midnight(_back(days, as_of, MEMORY)),
        "scan_from": scan_from,
        "bank_from": _back(days, scan_from, BANK_DAYS),
        "bank_until": _back(days, as_of, BANK_DAYS),
        "sessions": sessions,
        "logged_from": logged.astimezone(SHANGHAI).date() if logged else None,
        "codes": [sign.code for sign in SIGNS],
        "numbers": [sign.number for sign in SIGNS],
        **grid_columns(branch),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)


def _back(days: TradingCalendar, day: date, count: int) -> date:
    try:
        return days.add_trading(day, -count)
    except CalendarExhausted:
        return days.first
