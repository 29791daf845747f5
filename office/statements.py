"""How statements are run that are too large, or too small, to be run as any other."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.backends.utils import CursorWrapper

UNWANTED = ("enable_nestloop", "enable_mergejoin", "jit")


def run_large(cursor: CursorWrapper, sql: str, values: Mapping[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows that a statement told and how many it touched; see `joined_by_hash`."""
    with joined_by_hash(cursor):
        cursor.execute(sql, values)
        return (cursor.fetchall() if cursor.description else []), cursor.rowcount


def write_unwaited(cursor: CursorWrapper, insert: str, values: Mapping[str, Any]) -> None:
    """Run one INSERT that ends before it is on the disk, in one round trip: for lines that a crash may lose.

    Whatever is committed after it takes it to the disk first. Inside a transaction that one waits for nothing.
    """
    cursor.execute(f"SET LOCAL synchronous_commit TO off; {insert}", values)


@contextmanager
def joined_by_hash(cursor: CursorWrapper) -> Iterator[None]:
    """Let statements over a whole branch, inside the caller's transaction, be joined by hash and not compiled.

    The tables they read were filled a moment ago and have no statistics yet. A loop that the planner
    takes for short, or a merge on the few values it knows, would run for minutes; a hash join never does.
    So every table must be narrowed to the branch by an index of its own: a hash join reads it whole.
    """
    cursor.execute("; ".join(f"SET LOCAL {setting} = off" for setting in UNWANTED))
    yield
    cursor.execute("; ".join(f"SET LOCAL {setting} TO DEFAULT" for setting in UNWANTED))
