"""Running numbers of the month, one line per branch."""

from __future__ import annotations

from datetime import date

from django.db import connection, models

from office.models import Branch


def next_number(rows: models.QuerySet[models.Model], field: str, prefix: str, branch: Branch, on: date) -> str:
    """Return the next of "PREFIX-8801-2611-0007" in `field`, under a lock that ends with the transaction."""
    return next_numbers(rows, field, prefix, branch, on, 1)[0]


def next_numbers(
    rows: models.QuerySet[models.Model], field: str, prefix: str, branch: Branch, on: date, count: int
) -> list[str]:
    """Return the next `count` numbers, under the same lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"retention.{prefix}", branch.pk])
    head = f"{prefix}-{branch.code}-{on:%y%m}-"
    last = rows.filter(**{f"{field}__startswith": head}).aggregate(last=models.Max(field))["last"]
    first = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return [f"{head}{number:04d}" for number in range(first, first + count)]
