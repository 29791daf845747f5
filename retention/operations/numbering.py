"""Running numbers of the month, one line per branch."""

from __future__ import annotations

from datetime import date

from django.db import connection, models

from office.models import Branch

LAST = 'SELECT max("{field}") FROM "{table}" WHERE "{field}" LIKE %s'


def next_number(model: type[models.Model], field: str, prefix: str, branch: Branch, on: date) -> str:
    """Return the next of "PREFIX-8801-2611-0007" in `field`, under a lock that ends with the transaction."""
    return next_numbers(model, field, prefix, branch, on, 1)[0]


def next_numbers(model: type[models.Model], field: str, prefix: str, branch: Branch, on: date, count: int) -> list[str]:
    """Return the next `count` numbers, under the same lock."""
    head = f"{prefix}-{branch.code}-{on:%y%m}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"retention.{prefix}", branch.pk])
        cursor.execute(LAST.format(table=model._meta.db_table, field=field), [f"{head}%"])
        (last,) = cursor.fetchone()
    first = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return [f"{head}{number:04d}" for number in range(first, first + count)]
