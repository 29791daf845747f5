"""Signs that are seen from the windows alone: assets, trading, the rate of commission among one's equals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from retention.scoring.churn import Ints
from retention.scoring.signals import BY_CODE

MIN_FEN = 1_000_000  # assets below 10,000 yuan on average are no sign when they go
FEWEST_ASSET_DAYS, FEWEST_TRADE_DAYS = 10, 12  # of 60, of 120
MONTHS = 6  # a half year holds so many windows of 20 days
UPPER_QUARTER = 75

Columns = dict[str, npt.NDArray[Any]]
Windows = Mapping[str, npt.NDArray[Any]]

FELL, TRADED_LESS = BY_CODE["assets_fell"].number, BY_CODE["trading_fell"].number
ASKED = BY_CODE["commission_asked"].number
OPEN, UPHELD = BY_CODE["complaint"].number, BY_CODE["complaint_upheld"].number


def states(windows: Windows) -> Columns:
    """Return who lost half of his assets or trades 70 % less, by place, with the figures that say so."""
    usual = windows["assets_sum_fen"] // np.maximum(windows["assets_days"], 1)
    fell = np.flatnonzero(
        (windows["assets_days"] >= FEWEST_ASSET_DAYS) & (usual >= MIN_FEN) & (windows["assets_fen"] * 2 <= usual)
    )
    recent, half_year = windows["trade_days"], windows["trade_days_half_year"]
    less = np.flatnonzero((half_year >= FEWEST_TRADE_DAYS) & (recent * 10 * MONTHS <= half_year * 3))
    return {
        "place": np.concatenate([fell, less]),
        "number": np.repeat([FELL, TRADED_LESS], [len(fell), len(less)]),
        "a": np.concatenate([windows["assets_fen"][fell], recent[less]]),
        "b": np.concatenate([usual[fell], half_year[less]]),
    }


def asked_too_much(windows: Windows) -> tuple[Ints, Ints]:
    """Return each client's rate of commission per million of turnover, and the 75th percentile of his tier.

    Both are 0 for who did not trade, and for all where no tiers are told because nobody asked.
    """
    if "tier" not in windows:
        nothing = np.zeros(len(windows["client_id"]), np.int64)
        return nothing, nothing
    traded = windows["turnover_fen"] > 0
    rate = np.where(traded, windows["commission_fen"] * 1e6 / np.maximum(windows["turnover_fen"], 1), 0.0)
    limit = np.zeros(len(rate))
    for tier in np.unique(windows["tier"][traded]):
        among = traded & (windows["tier"] == tier)
        limit[among] = np.percentile(rate[among], UPPER_QUARTER)
    return np.floor(rate).astype(np.int64), np.floor(limit).astype(np.int64)


def settled(found: Columns, held: Columns, rates: tuple[Ints, Ints], today: int) -> Columns:
    """Return the signs of a branch, each with its beginning.

    Of `found` those of assets and trading only tell since when; they count if they are `held` today
    (days since 1970-01-01). Who asked about commission counts if he pays more than his equals, an
    upheld complaint takes the place of an open one.
    """
    told = np.isin(found["number"], [FELL, TRADED_LESS])
    begun = {(place, number): since for place, number, since in zip(
        found["place"][told].tolist(), found["number"][told].tolist(), found["since"][told].tolist(), strict=True
    )}  # fmt: skip
    pairs = zip(held["place"].tolist(), held["number"].tolist(), strict=True)
    since = np.array([begun.get(pair, today) for pair in pairs], np.int64)
    asked = found["number"] == ASKED
    rate, limit = rates
    fair = asked & (rate[found["place"]] <= limit[found["place"]])
    upheld = found["place"][found["number"] == UPHELD]
    superseded = (found["number"] == OPEN) & np.isin(found["place"], upheld)
    kept = {name: array[~(told | fair | superseded)] for name, array in found.items()}
    asking = kept["number"] == ASKED
    kept["a"] = np.where(asking, rate[kept["place"]], kept["a"])
    kept["b"] = np.where(asking, limit[kept["place"]], kept["b"])
    more = held | {"since": since}
    return {name: np.concatenate([array, more[name]]).astype(np.int64) for name, array in kept.items()}
