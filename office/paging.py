"""Keyset paging and capped counts: a page costs the same wherever in the list it lies."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value

from office.remembering import remembered

M = TypeVar("M", bound=Model)

COUNT_CAP = 1_000  # beyond, a list says 1,000+ instead of counting
COUNT_KEPT = 60  # seconds


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows with the cursors of its neighbours; an empty cursor means there is none."""

    rows: list[M]
    next: str
    previous: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(
    rows: QuerySet[M], order: list[str], cursor: str, size: int = 50, *, keys_first: bool = False
) -> Page[M]:
    """Return the page of `rows` that `cursor` names, ordered by the fields of `order` ("-value" descends).

    The order must end in a unique field and name none that can be null. A cursor that does not
    belong to this order, or was tampered with, starts over at the first page: no link fails. With `keys_first`
    a query sorts the keys alone and a second one reads the page: for wide rows in an order without index.
    """
    backwards, after = _read(cursor, order)
    after = _clean(rows, order, after)
    backwards = backwards and bool(after)
    wanted = [turned(name) for name in order] if backwards else order
    found = rows.order_by(*wanted)
    if after:
        found = found.filter(_beyond(wanted, after))
    page = _by_keys(rows, found[: size + 1]) if keys_first else list(found[: size + 1])
    more, page = len(page) > size, page[:size]
    if backwards:
        page.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(after))
    return Page(
        page,
        next=_write("n", page[-1], order) if page and has_next else "",
        previous=_write("p", page[0], order) if page and has_previous else "",
    )


def _by_keys(rows: QuerySet[M], found: QuerySet[M]) -> list[M]:
    keys = list(found.values_list("pk", flat=True))
    full = {row.pk: row for row in rows.order_by().filter(pk__in=keys)}
    return [full[key] for key in keys if key in full]


def capped_count(rows: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """Return how many rows there are, `cap` + 1 if there are more than `cap`.

    That there were more is taken for true for a minute: such a list does not become short at once.
    """
    first = rows.order_by()[: cap + 1]
    try:
        asked = repr(first.query.sql_with_params())
    except EmptyResultSet:
        return 0
    name = f"office.count:{sha256(asked.encode()).hexdigest()}"
    return remembered(name, COUNT_KEPT, first.count, worth=lambda count: count > cap)


def count_beside(page: Page[Any], rows: QuerySet[Any]) -> int:
    """Return the capped count of `rows` of which `page` is one; a page without neighbours holds them all."""
    alone = page.rows and not page.next and not page.previous
    return len(page) if alone else capped_count(rows)


def count_label(count: int, cap: int = COUNT_CAP) -> str:
    """Return a capped count as people read it: 486 or 1,000+."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


def turned(name: str) -> str:
    """Return the field of an order in the other direction."""
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: list[str], after: list[Any]) -> Q | Func:
    """Return the condition "later than `after`" in lexicographic order of the fields.

    Where all fields are the table's own and run one way, rows are compared: an index begins exactly there.
    Else the first field is bounded once more by itself: the database starts reading its index there, not at the top.
    """
    falls = [name.startswith("-") for name in order]
    names = [name.removeprefix("-") for name in order]
    if len(set(falls)) == 1 and not any("__" in name for name in names):
        sides = [Func(*each, template="(%(expressions)s)") for each in (map(F, names), map(Value, after))]
        sign = " < " if falls[0] else " > "
        return Func(*sides, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField())
    bound = Q(**{f"{names[0]}__{'lte' if falls[0] else 'gte'}": after[0]})
    condition = Q()
    equal = Q()
    for field, down, value in zip(names, falls, after, strict=True):
        condition |= equal & Q(**{f"{field}__{'lt' if down else 'gt'}": value})
        equal &= Q(**{field: value})
    return bound & condition


def _value(row: Any, field: str) -> Any:
    value: Any = row
    name = field.removeprefix("-")
    for part in [name] if hasattr(row, name) else name.split("__"):  # a line of values has the whole path for a name
        value = getattr(value, part)
    return value


def _write(direction: str, row: Any, order: list[str]) -> str:
    values = [_value(row, name) for name in order]
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    text = json.dumps([direction, order, plain], default=str, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: list[str]) -> tuple[bool, list[Any]]:
    try:
        direction, named, values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        ours = named == order and len(values) == len(order) and all(isinstance(v, str | int | float) for v in values)
    except (ValueError, TypeError, RecursionError):
        return False, []
    return (direction == "p", values) if ours else (False, [])


def _clean(rows: QuerySet[Any], order: list[str], values: list[Any]) -> list[Any]:
    """Return the values as the fields of `order` hold them; none at all if one of them cannot be such a value."""
    try:
        return [_as_held(_field(rows, name), value) for name, value in zip(order, values, strict=False)]
    except (ValidationError, ValueError, TypeError, OverflowError):
        return []


def _as_held(field: Field[Any, Any], value: Any) -> Any:
    held = field.to_python(value)
    if isinstance(held, str):
        held.encode()  # no lone half of a character
        if "\x00" in held:
            raise ValueError("PostgreSQL holds no NUL")
    if isinstance(held, datetime) and held.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return held


def _field(rows: QuerySet[Any], name: str) -> Field[Any, Any]:
    """Return the field, of the table or annotated, that a member of an order names."""
    path = name.removeprefix("-")
    if path in rows.query.annotations:
        annotated: Field[Any, Any] = rows.query.annotations[path].output_field
        return annotated
    model: Any = rows.model
    *relations, column = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    field: Field[Any, Any] = model._meta.pk if column == "pk" else model._meta.get_field(column)
    return field
