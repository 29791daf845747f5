"""CSV lines from columns of numbers, by array arithmetic: each cell is a row of bytes, 0 where there is nothing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from branchcrm.demo.scale import Days, Ints, Texts

Cells = npt.NDArray[np.uint8]  # rows × the widest cell
ZERO, DOT, MINUS, COMMA, NEWLINE = 48, 46, 45, 44, 10


def whole(values: Ints) -> Cells:
    """Return whole numbers, not negative."""
    width = len(str(int(values.max(initial=0))))
    cells = padded(values, width)
    for place in range(width - 1):
        cells[values < 10 ** (width - 1 - place), place] = 0
    return cells


def padded(values: Ints, width: int) -> Cells:
    """Return whole numbers with leading zeros."""
    cells = np.empty((len(values), width), np.uint8)
    rest = values
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        cells[:, place] = digit + ZERO
    return cells


def money(fen: Ints) -> Cells:
    """Return amounts in yuan with two decimals."""
    size = np.abs(fen)
    sign = np.where(fen < 0, MINUS, 0).astype(np.uint8)[:, None]
    dot = np.full((len(fen), 1), DOT, np.uint8)
    return np.hstack([sign, whole(size // 100), dot, padded(size % 100, 2)])


def texts(values: Texts) -> Cells:
    """Return texts in UTF-8; the caller knows that they hold no comma, quote or line end."""
    if not len(values):
        return np.empty((0, 1), np.uint8)
    raw = np.array([value.encode() for value in values.tolist()])
    return raw.view(np.uint8).reshape(len(values), -1)


def picked(words: Sequence[str], places: Ints) -> Cells:
    """Return the word at each place of a short list."""
    return texts(np.array(words, object))[places]


def days(values: Days) -> Cells:
    """Return dates as 2026-08-21, nothing for NaT."""
    distinct, places = np.unique(values.astype("datetime64[D]"), return_inverse=True)
    spelt = ["" if np.isnat(day) else str(day) for day in distinct]
    return picked(spelt, places) if len(values) else np.empty((0, 1), np.uint8)


def constant(text: str, rows: int) -> Cells:
    """Return the same text in every row."""
    return np.tile(np.frombuffer(text.encode(), np.uint8), (rows, 1))


def csv(columns: Sequence[Cells]) -> bytes:
    """Return the lines of these columns."""
    rows = len(columns[0])
    comma, end = np.full((rows, 1), COMMA, np.uint8), np.full((rows, 1), NEWLINE, np.uint8)
    parts: list[Cells] = []
    for column in columns:
        parts += [column, comma]
    cells = np.hstack([*parts[:-1], end])
    return bytes(cells[cells != 0].data)
