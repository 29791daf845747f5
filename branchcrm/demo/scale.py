"""What is asked for: how many clients and branches, until which day, and how much of the past is told day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from office.dates import TradingCalendar

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]

FIRST_BRANCH = 6601
MONTHS = 13  # of history
CHUNK = 4_000  # clients made at a time: what bounds the memory
LARGE = 20_000  # clients of a branch from which less of the past is told day by day
NOT_YET = np.iinfo(np.int64).max  # a day index for what does not happen


@dataclass(frozen=True)
class Scale:
    """The size of a demonstration; the same scale makes the same rows.

    `dense_days` is how many last trading days have a row for every account; before them only days
    with trades or movements and the ends of months have one. `told_days` is for how many last
    trading days single trades and movements are told.
    """

    as_of: date
    clients: int = 3_000  # per branch
    branches: int = 1
    seed: int = 1

    @property
    def dense_days(self) -> int:
        return 25 if self.clients >= LARGE else 65

    @property
    def told_days(self) -> int:
        return 65 if self.clients >= LARGE else 400

    def branch_codes(self) -> list[str]:
        """Return the codes of the branches, four digits each."""
        return [str(FIRST_BRANCH + place) for place in range(self.branches)]

    def random(self, *path: int | str) -> np.random.Generator:
        """Return the generator of one part of the work; parts do not disturb each other."""
        words = [part if isinstance(part, int) else int.from_bytes(part.encode()[:8], "big") for part in path]
        return np.random.default_rng([self.seed, *words])


@dataclass(frozen=True)
class Timeline:
    """The trading days of the history, ascending; the last one is the day told last."""

    sessions: Days

    @classmethod
    def until(cls, as_of: date, calendar: TradingCalendar) -> Timeline:
        """Return the days of the thirteen months up to `as_of`."""
        last = np.datetime64(as_of, "D")
        month = last.astype("datetime64[M]")
        first = (month - MONTHS).astype("datetime64[D]") + (last - month.astype("datetime64[D]"))
        sessions = calendar.sessions
        return cls(sessions[(sessions > first) & (sessions <= last)])

    def __len__(self) -> int:
        return len(self.sessions)

    @property
    def last(self) -> np.datetime64:
        last: np.datetime64 = self.sessions[-1]
        return last

    def day(self, at: int) -> date:
        """Return the date of a day index."""
        day: date = self.sessions[at].item()
        return day

    def month_ends(self) -> Bools:
        """Return which days are the last trading day of their month."""
        months = self.sessions.astype("datetime64[M]")
        return np.append(months[1:] != months[:-1], False)
