"""How the large statements of the night are run."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

UNWANTED = ("enable_nestloop", "enable_mergejoin", "jit")


def run_large(cursor: CursorWrapper, sql: str, values: Mapping[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows that a statement told and how many it touched.

    It runs over a whole branch inside the caller's transaction, joined by hash and not compiled.
    The tables it reads were filled a moment ago and have no statistics yet. A loop that the planner
    takes for short, or a merge on the few values it knows, would run for minutes; a hash join never does.
    """
    cursor.execute("; ".join(f"SET LOCAL {setting} = off" for setting in UNWANTED))
    cursor.execute(sql, values)
    told, touched = (cursor.fetchall() if cursor.description else []), cursor.rowcount
    cursor.execute("; ".join(f"SET LOCAL {setting} TO DEFAULT" for setting in UNWANTED))
    return told, touched
