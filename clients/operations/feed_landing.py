"""The fast way in: days of which nothing is there yet go straight into their partitions, without staging."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from clients.operations.copying import Values, copy_in
from office.partitions import ensure_months, next_month, partition_name

ATTACH_ROWS = 50_000  # from here a new month is loaded bare, indexed at once and attached


def land_fresh(model: type[Model], columns: Sequence[Values]) -> bool:
    """Copy `columns` straight in if none of their branches has a row on any of their days; return whether it was so.

    The caller holds the locks of the branches, so nobody else can add such rows meanwhile.
    """
    by_name = {column.name: column.array for column in columns}
    days = np.unique(by_name["day"]).astype("datetime64[D]").tolist()
    branches = [int(branch) for branch in np.unique(by_name["branch_id"])]
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT EXISTS (SELECT 1 FROM "{model._meta.db_table}" WHERE branch_id = ANY(%s) AND day = ANY(%s))',
            [branches, days],
        )
        if cursor.fetchone()[0]:
            return False
        months = by_name["day"].astype("datetime64[D]").astype("datetime64[M]")
        bare = _bare_months(cursor, model, months)
        for month in bare:
            _attach(cursor, model, month, columns, months == month)
        rest = ~np.isin(months, bare)
        if rest.any():
            ensure_months(model, [day for day in days if np.datetime64(day, "M") not in bare])
            copy_in(cursor, model._meta.db_table, _some(columns, rest) if bare else columns)
    return True


def _some(columns: Sequence[Values], rows: np.ndarray) -> list[Values]:
    if rows.all():
        return list(columns)
    return [Values(column.name, column.type, column.array[rows]) for column in columns]


def _bare_months(cursor: CursorWrapper, model: type[Model], months: np.ndarray) -> list[np.datetime64]:
    """Return the months with many rows and no partition yet, and keep others from making one meanwhile."""
    found, counts = np.unique(months, return_counts=True)
    large = list(found[counts >= ATTACH_ROWS])
    if not large:
        return []
    # The lock that ensure_months takes.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [model._meta.db_table])
    names = {partition_name(model, month.astype("datetime64[D]").item()): month for month in large}
    cursor.execute("SELECT name FROM unnest(%s) name WHERE to_regclass(quote_ident(name)) IS NULL", [list(names)])
    return sorted(names[name] for (name,) in cursor.fetchall())


def _attach(
    cursor: CursorWrapper,
    model: type[Model],
    month: np.datetime64,
    columns: Sequence[Values],
    rows: np.ndarray,
) -> None:
    first = month.astype("datetime64[D]").item()
    parent, name, end = model._meta.db_table, partition_name(model, first), next_month(first)
    bounds = f"day >= '{first}' AND day < '{end}'"  # spares ATTACH from reading the rows again
    cursor.execute(f'CREATE TABLE "{name}" (LIKE "{parent}" INCLUDING DEFAULTS, CONSTRAINT bounds CHECK ({bounds}))')
    copy_in(cursor, name, _some(columns, rows))
    cursor.execute(f"ALTER TABLE \"{parent}\" ATTACH PARTITION \"{name}\" FOR VALUES FROM ('{first}') TO ('{end}')")
    cursor.execute(f'ALTER TABLE "{name}" DROP CONSTRAINT bounds')
