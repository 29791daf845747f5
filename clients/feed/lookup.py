"""Who is known: numbers of the counter to rows of ours, for a million values at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from clients.feed.lines import Field, Ints
from clients.feed.numbers import digits

UNKNOWN = -1


class Lookup:
    """Known numbers in a fixed order; `find` returns the position of each value of a column.

    Numbers of up to 17 digits, which counters use, are compared as whole numbers; others as bytes.
    """

    def __init__(self, known: Sequence[bytes], ids: npt.ArrayLike, **columns: npt.ArrayLike) -> None:
        data = b"".join(known) + b"\n\n\n"
        ends = np.cumsum([0, *map(len, known)]).astype(np.int64)
        self.ids: Ints = np.asarray(ids, np.int64)
        self.columns = {name: np.asarray(values, np.int64) for name, values in columns.items()}
        codes, plain = _codes(Field(data, ends[:-1], ends[1:]))
        self._positions = np.flatnonzero(plain)
        self._index = pd.Index(codes[plain])
        self._others = {known[row]: row for row in np.flatnonzero(~plain).tolist()}

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, field: Field) -> Ints:
        """Return the position of each value of `field` among the known numbers, UNKNOWN for the others."""
        codes, plain = _codes(field)
        hits = self._index.get_indexer(pd.Index(codes))
        found = np.full(len(field), UNKNOWN, np.int64)
        known = plain & (hits >= 0)
        found[known] = self._positions[hits[known]]
        if self._others and not plain.all():
            rest = np.flatnonzero(~plain)
            found[rest] = [self._others.get(value, UNKNOWN) for value in field.take(rest).raw()]
        return found


def _codes(field: Field) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return digits as whole numbers that keep leading zeros apart (007 → 1007), and which values are such."""
    value, plain = digits(field, 17)
    widths = np.clip(field.end - field.start, 0, 18)
    return value + (10 ** np.arange(19, dtype=np.int64))[widths], plain
