"""From bytes to fields: one pass of array arithmetic over a piece finds where every value starts and ends.

Commas, quotes and line ends are the same bytes in UTF-8 and in GB18030 (whose trailing bytes start
at 0x30), so nothing needs decoding here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clients.feed.files import MAX_LINE, Piece
from clients.feed.refusal import Refusal, reason

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
COMMA, QUOTE, NEWLINE, RETURN, SPACE, TAB = 44, 34, 10, 13, 32, 9


@dataclass(frozen=True)
class Field:
    """One column of a block: where the value of each row starts and ends in `data`."""

    data: bytes
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.start)

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The bytes as numbers, shared by all fields of a block."""
        return np.frombuffer(self.data, np.uint8)

    def take(self, rows: Ints | Bools) -> "Field":
        """Return the field of some of the rows."""
        return Field(self.data, self.start[rows], self.end[rows])

    def raw(self) -> Iterator[bytes]:
        """Yield the value of each row as bytes, doubled quotes made single."""
        for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True):
            yield self.data[start:end].replace(b'""', b'"')


@dataclass(frozen=True)
class Block:
    """The readable rows of a piece: line numbers and the separators between their values."""

    data: bytes
    line: Ints
    _edges: Ints  # rows × (width + 1): the position before each value, and the end of the row

    def field(self, place: int) -> Field:
        """Return the column at `place`, outer quotes and blanks taken off."""
        start, end = self._edges[:, place] + 1, self._edges[:, place + 1]
        codes = np.frombuffer(self.data, np.uint8)
        start, end = _strip(codes, start, end)
        quoted = (end - start >= 2) & (codes[start] == QUOTE) & (codes[end - 1] == QUOTE)
        if quoted.any():
            start, end = _strip(codes, start + quoted, end - quoted)
        return Field(self.data, start, end)


def _strip(codes: npt.NDArray[np.uint8], start: Ints, end: Ints) -> tuple[Ints, Ints]:
    while (blank := (start < end) & _blank(codes[start])).any():
        start = start + blank
    while (blank := (start < end) & _blank(codes[end - 1])).any():
        end = end - blank
    return start, end


def _blank(codes: npt.NDArray[np.uint8]) -> Bools:
    """Which bytes are blanks; spreadsheets put a tab behind a long number to keep its digits."""
    blank: Bools = (codes == SPACE) | (codes == TAB)
    return blank


def split(piece: Piece, width: int) -> tuple[Block, list[Refusal], int]:
    """Return the rows of `piece` that have `width` values, the refused lines, and how many lines held anything."""
    codes = np.frombuffer(piece.data, np.uint8)
    ends = np.flatnonzero(codes == NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)[: len(ends)]
    stops = ends - ((ends > starts) & (codes[ends - 1] == RETURN))
    filled = stops > starts
    commas, unbalanced = _separators(piece.data, codes, starts, ends)
    row_of = np.searchsorted(ends, commas)
    faults = {
        "long_line": stops - starts > MAX_LINE,
        "nul": _holding(codes, 0, piece.data, ends),
        "quotes": unbalanced,
        "columns": np.bincount(row_of, minlength=len(ends)) != width - 1,
    }
    bad = np.zeros(len(ends), bool)
    refusals = [Refusal(line, "long_line", reason=reason("long_line")) for line in piece.overlong]
    for code, at_fault in faults.items():
        new = at_fault & filled & ~bad
        refusals += [Refusal(int(row) + piece.line, code, reason=reason(code)) for row in np.flatnonzero(new)]
        bad |= new
    good = filled & ~bad
    inner = commas[good[row_of]].reshape(-1, width - 1)
    edges = np.column_stack([starts[good] - 1, inner, stops[good]]).astype(np.int64)
    block = Block(piece.data, np.flatnonzero(good) + piece.line, edges)
    return block, refusals, int(filled.sum()) + len(piece.overlong)


def _separators(data: bytes, codes: npt.NDArray[np.uint8], starts: Ints, ends: Ints) -> tuple[Ints, Bools]:
    """Return the positions of commas outside quotes, and which lines have an odd number of quotes."""
    commas = np.flatnonzero(codes == COMMA)
    if b'"' not in data:
        return commas, np.zeros(len(ends), bool)
    quotes = np.flatnonzero(codes == QUOTE)
    before_line = np.searchsorted(quotes, starts)
    unbalanced = (np.searchsorted(quotes, ends) - before_line) % 2 == 1
    within = np.searchsorted(quotes, commas) - before_line[np.searchsorted(ends, commas)]
    return commas[within % 2 == 0], unbalanced


def _holding(codes: npt.NDArray[np.uint8], code: int, data: bytes, ends: Ints) -> Bools:
    """Which lines hold the byte `code`."""
    found = np.zeros(len(ends), bool)
    if bytes([code]) in data:
        found[np.searchsorted(ends, np.flatnonzero(codes == code))] = True
    return found
