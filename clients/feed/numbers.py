"""Exact numbers from text, a whole column at a time.

What is written as plain digits is read by array arithmetic on the bytes; what is not, one by one
through Decimal, which also finds the words for what is wrong. No float is ever made.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np

from clients.feed.lines import Bools, Field, Ints

NONE = int(np.iinfo(np.int64).min)  # an empty cell of a column of whole numbers
MAX_MONEY_FEN = 10**15 - 1  # 15 digits, two of them fen
MAX_DECIMAL = 10**12  # of a quantity or price, before the point
DECIMAL_PLACES = 6
FEN = Decimal("0.01")
DOT, ZERO = 46, 48
_SEPARATED = re.compile(r"[+-]?\d{1,3}([,，]\d{3})+(\.\d+)?")
_EXPONENT = re.compile(r"[eE]")


class BadValue(ValueError):
    """A value cannot be read; `code` names the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def digits(field: Field, limit: int = 18) -> tuple[Ints, Bools]:
    """Return each value as a whole number, and which ones are 1 to `limit` (at most 18) digits and nothing else."""
    codes, widths = field.codes, field.end - field.start
    value = np.zeros(len(field), np.int64)
    good = (widths >= 1) & (widths <= limit)
    scale = 1
    for step in range(1, int(min(widths.max(initial=0), limit)) + 1):
        place = field.end - step
        digit = codes[place] - np.uint8(ZERO)  # wraps below "0", so one comparison does
        inside = place >= field.start
        good &= ~inside | (digit < 10)
        value += np.where(inside & good, digit, 0).astype(np.int64) * scale
        scale *= 10
    return value, good


def money(field: Field) -> tuple[Ints, Bools]:
    """Return plain amounts (123, 123.4, 123.45) in fen, and which rows are such."""
    codes, widths = field.codes, field.end - field.start
    two = (widths >= 4) & (codes[field.end - 3] == DOT)
    one = ~two & (widths >= 3) & (codes[field.end - 2] == DOT)
    whole, good = digits(Field(field.data, field.start, field.end - 3 * two - 2 * one), 13)
    tail, tail_good = digits(Field(field.data, np.where(one, field.end - 1, field.end - 2), field.end), 2)
    fen = whole * 100 + np.where(two, tail, np.where(one, tail * 10, 0))
    return fen, good & (tail_good | ~(two | one))


def money_of(text: str) -> int:
    """Return one amount in fen. Raises BadValue for anything that is not an amount to the fen."""
    value = _decimal(text)
    if _EXPONENT.search(text):
        raise BadValue("not_a_number")
    if abs(value) * 100 > MAX_MONEY_FEN:
        raise BadValue("too_big")
    if value != value.quantize(FEN):
        raise BadValue("too_precise")
    return int(value * 100)


def decimal_of(text: str) -> int:
    """Return one quantity or price in millionths, rounded half up. The source may write 1.5e+06 for it."""
    value = _decimal(text)
    if abs(value) >= MAX_DECIMAL:
        raise BadValue("too_big")
    return int((value * 10**DECIMAL_PLACES).quantize(Decimal(1), ROUND_HALF_UP))


def count_of(text: str) -> int:
    """Return one count. Raises BadValue unless it is a whole number of at most 9 digits."""
    value = _decimal(text)
    if value < 0:
        raise BadValue("negative")
    if value != value.to_integral_value() or value >= 10**9:
        raise BadValue("not_a_number")
    return int(value)


def _decimal(text: str) -> Decimal:
    if _SEPARATED.fullmatch(text):
        raise BadValue("separator")
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or abs(value.adjusted()) > 40:  # 1e400 would fill the memory
        raise BadValue("not_a_number")
    if value.adjusted() > 17:
        raise BadValue("too_big")
    return value
