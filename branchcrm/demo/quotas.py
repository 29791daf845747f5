"""What new shares the demonstration's accounts may subscribe for, as the counter reckons it from their holdings."""

from __future__ import annotations

import numpy as np

from branchcrm.demo import lines
from branchcrm.demo.market import Market
from branchcrm.demo.tables import Chunk, Rows
from branchcrm.demo.trading import Holdings

MARKETS = ("sh", "star", "sz")
STARTS = {"68": 1, "6": 0, "0": 2, "3": 2}  # how a code begins → its market; the longest beginning holds
LEAST_FEN, UNIT_FEN = 1_000_000, 500_000  # from 10,000 yuan on, a unit for each 5,000


def entitlement_rows(chunk: Chunk, market: Market, holdings: Holdings, day: int) -> Rows:
    """Return the quota of every account and market at the close of `day`; what is held stands for its average."""
    there = chunk.books.open_days()[holdings.account, day]
    place = _places(market)[holdings.security[there]]
    known = place >= 0
    key = holdings.account[there][known] * len(MARKETS) + place[known]
    held = np.bincount(key, holdings.value[there][known], minlength=1).astype(np.int64)
    # The rooms of Shanghai and of its STAR market come from one market value.
    held = np.append(held, np.zeros(-len(held) % len(MARKETS), np.int64)).reshape(-1, len(MARKETS))
    held[:, :2] = held[:, :2].sum(axis=1)[:, None]
    at, which = np.nonzero(held >= LEAST_FEN)
    value = held[at, which]
    columns = {
        "account_no": chunk.accounts(at),
        "market": lines.picked(MARKETS, which),
        "average_mv_20d": lines.money(value),
        "quota_units": lines.whole(value // UNIT_FEN),
        "as_of": chunk.sessions(np.full(len(at), day)),
    }
    return Rows(columns)


def _places(market: Market) -> np.ndarray:
    """Return the place in MARKETS of each security, -1 for one of another market."""
    by_length = sorted(STARTS, key=len, reverse=True)
    return np.array(
        [next((STARTS[start] for start in by_length if code.startswith(start)), -1) for code in market.codes]
    )
