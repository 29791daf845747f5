"""Tables partitioned by month: how migrations make them and how months are added."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, migrations
from django.db.models import Model


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel whose table is partitioned by range of one date column, so model and table cannot drift apart."""

    def __init__(self, *args: Any, partition_by: str, **kwargs: Any) -> None:
        self.partition_by = partition_by
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, args, kwargs = super().deconstruct()
        return name, args, {**kwargs, "partition_by": self.partition_by}

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} PARTITION BY RANGE ({self.partition_by})"
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.sql_create_table = plain


def month_of(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def partition_name(model: type[Model], month: date) -> str:
    """Return the table that holds one month of `model`."""
    return f"{model._meta.db_table}_{month:%Y%m}"


def ensure_months(model: type[Model], days: Iterable[date]) -> None:
    """Create the monthly partitions of `model` that `days` need and that are missing; safe to race for."""
    table = model._meta.db_table
    months = sorted({month_of(day) for day in days})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass",
            [table],
        )
        present = {name for (name,) in cursor.fetchall()}
        missing = [month for month in months if partition_name(model, month) not in present]
        if missing:  # one creator at a time: IF NOT EXISTS alone does not stand a race
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
        for month in missing:
            cursor.execute(
                f'CREATE TABLE IF NOT EXISTS "{partition_name(model, month)}" PARTITION OF "{table}"'
                f" FOR VALUES FROM ('{month}') TO ('{next_month(month)}')"
            )
