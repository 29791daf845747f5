"""COPY out of numpy and into it: columns at the speed the server can take and give them."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db.backends.utils import CursorWrapper

from clients.feed.columns import day_of
from clients.feed.numbers import DECIMAL_PLACES, NONE

POSTGRES_EPOCH = 10_957  # days from 1970-01-01 to 2000-01-01
BINARY = {
    "int8": (">i8", 8), "int4": (">i4", 4), "int2": (">i2", 2), "float8": (">f8", 8), "date": (">i4", 4),
    "bool": (">i1", 1), "empty_list": ("S3", 3),
}  # fmt: skip
EMPTY_LIST = b"\x01[]"  # jsonb, as COPY sends it
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
HEADER = len(SIGNATURE)
TRAILER = b"\xff\xff"
SLICE = 200_000  # rows in flight
PORTION = 4_096  # rows of text: the server takes one in while the next is spelt
PIECE = 1 << 18  # bytes handed to the server at once


@dataclass(frozen=True)
class Values:
    """One column to be copied: its name, its type, its values.

    Types are int8 int4 int2 float8 date bool text numeric bytea, and empty_list: jsonb, all of it EMPTY_LIST.
    Dates are days since 1970-01-01, numerics millionths, bytea hexadecimal text; NONE is null.
    """

    name: str
    type: str
    array: npt.NDArray[Any]

    @property
    def is_fixed(self) -> bool:
        """Whether every value takes the same room, so that rows can be laid out in memory as COPY wants them."""
        return self.type in BINARY and not bool((self.array == NONE).any())


def copy_in(cursor: CursorWrapper, table: str, columns: Sequence[Values]) -> None:
    """Append `columns` to `table` by COPY, in binary where every value has a fixed width."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    if all(column.is_fixed for column in columns):
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', _Stream(_binary(columns)), PIECE)
    else:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', _Stream(_text(columns)), PIECE)


def copy_out(cursor: CursorWrapper, select: str, types: dict[str, str]) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of `select` by name, read by COPY; `types` names them in order and none holds a null.

    Only types of fixed width; dates come as days since 1970-01-01, bool as bool.
    """
    raw = io.BytesIO()
    cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT binary)", raw)
    data = raw.getbuffer()
    layout = np.dtype(_layout(list(types.values())))
    rows = np.frombuffer(data, layout, count=(len(data) - HEADER - len(TRAILER)) // layout.itemsize, offset=HEADER)
    columns: dict[str, npt.NDArray[Any]] = {}
    for place, (name, kind) in enumerate(types.items()):
        array = rows[f"value{place}"]
        if (rows[f"length{place}"] != BINARY[kind][1]).any():
            raise ValueError(f"a null or another width in column {name}")
        native = array.astype(bool if kind == "bool" else array.dtype.newbyteorder("="))
        columns[name] = native + POSTGRES_EPOCH if kind == "date" else native
    return columns


def _layout(types: Sequence[str]) -> list[tuple[str, str]]:
    layout: list[tuple[str, str]] = [("count", ">i2")]
    for place, kind in enumerate(types):
        layout += [(f"length{place}", ">i4"), (f"value{place}", BINARY[kind][0])]
    return layout


class _Stream(io.RawIOBase):
    """What psycopg2 reads from: the pieces of an iterable, in the sizes it asks for."""

    def __init__(self, pieces: Iterable[bytes | memoryview]) -> None:
        self.pieces = iter(pieces)
        self.rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        if not self.rest:
            self.rest = memoryview(next(self.pieces, b""))
        taken, self.rest = self.rest[:size], self.rest[size:]
        return bytes(taken)


def _binary(columns: Sequence[Values]) -> Iterable[bytes | memoryview]:
    layout = _layout([column.type for column in columns])
    rows = len(columns[0].array)
    yield SIGNATURE
    for start in range(0, rows, SLICE):
        part = np.empty(min(SLICE, rows - start), np.dtype(layout))
        part["count"] = len(columns)
        for place, column in enumerate(columns):
            values = column.array[start : start + len(part)]
            part[f"length{place}"] = BINARY[column.type][1]
            part[f"value{place}"] = values - POSTGRES_EPOCH if column.type == "date" else values
        yield part.view(np.uint8).data
    yield TRAILER


def _text(columns: Sequence[Values]) -> Iterable[bytes]:
    rows = len(columns[0].array)
    for start in range(0, rows, PORTION):
        texts = [_written(column.type, column.array[start : start + PORTION]) for column in columns]
        yield ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()


def _written(kind: str, array: npt.NDArray[Any]) -> list[str]:
    """Return values as COPY's text format spells them; repeated ones are spelt once."""
    codes, uniques = pd.factorize(array)
    spelt = np.array([_spell(kind, value) for value in uniques.tolist()] + [""], object)
    written: list[str] = spelt[codes].tolist()
    return written


def _spell(kind: str, value: Any) -> str:
    if kind in {"text", "bytea"}:
        return str(value).replace("\\", "\\\\") if kind == "text" else f"\\\\x{value}"
    if value == NONE:
        return "\\N"
    if kind == "date":
        return str(day_of(value))
    if kind == "numeric":
        return str(Decimal(value).scaleb(-DECIMAL_PLACES))
    return str(value)
