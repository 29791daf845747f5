"""The values of one column of one block: read, checked, and what was wrong with which row."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clients.feed import numbers
from clients.feed.layout import Column
from clients.feed.lines import Bools, Field, Ints
from clients.feed.lookup import UNKNOWN, Lookup
from clients.feed.numbers import NONE, BadValue
from office.identity import parse_identity

EPOCH = date(1970, 1, 1)
CODE = re.compile(r"[A-Za-z0-9._\-]+")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[\d\- ]{7,20}")
IDENTITY_CARDS = {"", "id_card", "身份证", "居民身份证", "港澳台居民居住证"}
MOBILE_DIGITS = 11
PERIOD = b"PERIOD"


@dataclass
class Values:
    """One column read: an array, and the code of the reason for each row that is wrong."""

    array: npt.NDArray[Any]
    faults: dict[int, str] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)  # a reason of its own instead of the code's
    dropped: Bools | None = None  # values left out with a note


@dataclass(frozen=True)
class Context:
    """What a value is judged by: the business date, the encoding, and the numbers known so far."""

    as_of: date
    encoding: str
    lookups: dict[str, Lookup]
    only: frozenset[int] = frozenset()  # the branches whose rows may land; none: all


def read(column: Column, source: Field, context: Context) -> Values:
    """Return the values of `source` as `column` demands them."""
    values = READERS[column.kind](column, source, context)
    if column.filled:
        for row in np.flatnonzero(source.end <= source.start).tolist():
            values.faults[row] = "missing"
    return values


def absent(column: Column, rows: int) -> npt.NDArray[Any]:
    """Return the column of a file that does not have it: empty values."""
    if column.kind in TEXTS:
        return np.full(rows, "", object)
    return np.full(rows, NONE, np.int64)


def _texts(source: Field, encoding: str, values: Values) -> list[str]:
    if source.data.isascii():
        text = source.data.decode("ascii")
        spans = zip(source.start.tolist(), source.end.tolist(), strict=True)
        return [text[start:end].replace('""', '"') for start, end in spans]
    found = []
    for row, raw in enumerate(source.raw()):
        try:
            found.append(raw.decode(encoding))
        except UnicodeDecodeError:
            found.append("")
            values.faults[row] = "encoding"
    return found


def _text(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, object))
    texts = ["".join(ch for ch in t if ch.isprintable()) if not t.isprintable() else t
             for t in _texts(source, context.encoding, values)]  # fmt: skip
    for row, text in enumerate(texts):
        if len(text) > column.limit:
            values.faults[row] = "too_long"
    values.array = np.array(texts, object)
    return values


def _key(column: Column, source: Field, context: Context) -> Values:
    values = _text(column, source, context)
    for row, text in enumerate(values.array):
        if text and (len(text) > column.limit or not CODE.fullmatch(text)):
            values.faults[row] = "bad_code"
    return values


def _one_by_one(source: Field, rows: Ints, parse: Callable[[str], int], values: Values, *, blank: int) -> None:
    """Read the rows that array arithmetic could not."""
    for row, raw in zip(rows.tolist(), source.take(rows).raw(), strict=True):
        text = raw.decode("utf-8", "replace")
        try:
            values.array[row] = parse(text) if text else blank
        except BadValue as error:
            values.faults[row] = error.code


def _money(column: Column, source: Field, context: Context) -> Values:
    array, plain = numbers.money(source)
    values = Values(array)
    _one_by_one(source, np.flatnonzero(~plain), numbers.money_of, values, blank=NONE)
    if not column.signed:
        for row in np.flatnonzero((array < 0) & (array != NONE)).tolist():
            values.faults.setdefault(row, "negative")
    return values


def _decimal(column: Column, source: Field, context: Context) -> Values:
    whole, plain = numbers.digits(source, 11)
    values = Values(whole * 10**numbers.DECIMAL_PLACES)
    _one_by_one(source, np.flatnonzero(~plain), numbers.decimal_of, values, blank=NONE)
    if not column.signed:
        for row in np.flatnonzero((values.array < 0) & (values.array != NONE)).tolist():
            values.faults.setdefault(row, "negative")
    return values


def _count(column: Column, source: Field, context: Context) -> Values:
    array, plain = numbers.digits(source, 9)
    values = Values(array)
    _one_by_one(source, np.flatnonzero(~plain), numbers.count_of, values, blank=0)
    return values


def _flag(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, np.int64))
    meaning = {"": NONE, "0": 0, "1": 1, "否": 0, "是": 1, "false": 0, "true": 1}
    texts = [text.lower() for text in _texts(source, context.encoding, values)]
    values.array = np.array([meaning.get(text, NONE) for text in texts], np.int64)
    values.faults |= {row: "not_a_choice" for row, text in enumerate(texts) if text not in meaning}
    return values


def _period(column: Column, source: Field, context: Context) -> Values:
    """Read 1 where the row sums a whole period (its basis starts with PERIOD), else 0."""
    codes, found = source.codes, (source.end - source.start) >= len(PERIOD)
    for step, code in enumerate(PERIOD):
        found &= codes[(source.start + step) * found] == code
    return Values(found.astype(np.int64))


def _choice(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, object))
    texts = [text.lower() for text in _texts(source, context.encoding, values)]
    values.array = np.array([column.choices.get(text, "") for text in texts], object)
    values.faults |= {row: "not_a_choice" for row, text in enumerate(texts) if text and text not in column.choices}
    return values


def _date(column: Column, source: Field, context: Context) -> Values:
    """Read 2026-08-21, 2026/08/21 and 20260821 into days since 1970-01-01."""
    codes, widths = source.codes, source.end - source.start
    dashed = (widths == 10) & np.isin(codes[source.start + 4 * (widths == 10)], (45, 47))
    dashed &= codes[source.start + 4 * dashed] == codes[source.start + 7 * dashed]
    year, good_year = numbers.digits(Field(source.data, source.start, source.start + 4 * (widths >= 8)), 4)
    written = dashed | (widths == 8)
    # Where nothing is written there may be no byte to look at either: the field may end the data.
    month_at, day_at = (source.start + 4 + dashed) * written, (source.start + 6 + 2 * dashed) * written
    month, good_month = numbers.digits(Field(source.data, month_at, month_at + 2 * written), 2)
    day, good_day = numbers.digits(Field(source.data, day_at, day_at + 2 * written), 2)
    good = written & good_year & good_month & good_day
    code, uniques = pd.factorize(np.where(good, year * 10_000 + month * 100 + day, 0))
    known = np.array([_day_number(int(value)) for value in uniques], np.int64)
    values = Values(known[code] if len(uniques) else np.empty(0, np.int64))
    values.faults = dict.fromkeys(np.flatnonzero((values.array == NONE) & (widths > 0)).tolist(), "bad_date")
    _judge_dates(column, values, context)
    return values


def _judge_dates(column: Column, values: Values, context: Context) -> None:
    there = values.array != NONE
    late = there & (values.array > (context.as_of - EPOCH).days)
    early = there & (values.array < (date.fromisoformat(column.earliest) - EPOCH).days)
    values.faults |= dict.fromkeys(np.flatnonzero(early).tolist(), "too_old")
    if column.future == "refuse":
        values.faults |= dict.fromkeys(np.flatnonzero(late).tolist(), "future")
    elif column.future == "drop":
        values.array[late] = NONE
        values.dropped = late


def _day_number(code: int) -> int:
    try:
        return (date(code // 10_000, code // 100 % 100, code % 100) - EPOCH).days
    except ValueError:
        return NONE


def day_of(number: int) -> date | None:
    """Return the date behind a number of days, None for an empty one."""
    return None if number == NONE else EPOCH + timedelta(days=int(number))


def _known(column: Column, source: Field, context: Context) -> Values:
    found = context.lookups[column.kind].find(source)
    unknown = (found == UNKNOWN) & (source.end > source.start)
    return Values(found, dict.fromkeys(np.flatnonzero(unknown).tolist(), f"unknown_{column.kind}"))


def _phone(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, object))
    texts = _texts(source, context.encoding, values)
    for row, text in enumerate(texts):
        plain = text.replace("-", "").replace(" ", "")
        mobile = plain.startswith("1") and not text.startswith("10")
        if text and (not PHONE.fullmatch(text) or (mobile and len(plain) != MOBILE_DIGITS)):
            values.faults[row] = "bad_phone"
    values.array = np.array(texts, object)
    return values


def _email(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, object))
    texts = _texts(source, context.encoding, values)
    bad = [row for row, text in enumerate(texts) if text and (len(text) > 254 or not EMAIL.fullmatch(text))]
    values.faults |= dict.fromkeys(bad, "bad_email")
    values.array = np.array(texts, object)
    return values


def _id_no(column: Column, source: Field, context: Context) -> Values:
    values = Values(np.empty(0, object))
    values.array = np.array([text.upper() for text in _texts(source, context.encoding, values)], object)
    for row, text in enumerate(values.array):
        if len(text) > 40 or (text and not CODE.fullmatch(text)):
            values.faults[row] = "bad_id_no"
    return values


def judge_identities(id_types: npt.NDArray[Any], id_nos: npt.NDArray[Any], as_of: date) -> dict[int, str]:
    """Return what is wrong with identity-card numbers, row → words; other documents are taken as they are."""
    wrong = {}
    for row, (kind, number) in enumerate(zip(id_types, id_nos, strict=True)):
        looks_so = len(number) in {15, 18} and number[:17].isdigit()
        is_card = kind.lower() in IDENTITY_CARDS and (kind or looks_so)
        if number and is_card:
            try:
                parse_identity(number, as_of)
            except ValueError as error:
                wrong[row] = f"{error}：请对照证件核对"
    return wrong


TEXTS = {"text", "key", "choice", "phone", "email", "id_no"}
READERS: dict[str, Callable[[Column, Field, Context], Values]] = {
    "text": _text,
    "key": _key,
    "money": _money,
    "decimal": _decimal,
    "count": _count,
    "flag": _flag,
    "period": _period,
    "choice": _choice,
    "date": _date,
    "phone": _phone,
    "email": _email,
    "id_no": _id_no,
    "account": _known,
    "client": _known,
    "branch": _known,
}
