"""Queries put into words once: for who stands and waits, the ORM takes longer to word one than the database to answer.

Only what differs by one whole number is worth it, and asks the same of everybody else: no query by person.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

PLACE = -(2**61)  # stands in the query where the number goes; no row has it


class Prepared:
    """A query of values: `build` names PLACE once, a call gives the number and returns the rows."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self.build = build

    @cached_property
    def _worded(self) -> tuple[str, list[Any]]:
        sql, params = self.build().query.sql_with_params()
        if list(params).count(PLACE) != 1:
            raise ValueError("the query names its place not once")
        return sql, list(params)

    def __call__(self, number: int) -> list[tuple[Any, ...]]:
        """Return the rows for one number."""
        sql, params = self._worded
        with connection.cursor() as cursor:
            cursor.execute(sql, [number if value == PLACE else value for value in params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
