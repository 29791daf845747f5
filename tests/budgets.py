"""The fixture `query_budget`: a page's number of queries is a promise kept in query_budgets.json.

    def test_list(browse, query_budget):
        with query_budget("clients:list"):
            browse("zhao").get("/clients/")

`UPDATE_BUDGETS=1 pytest …` writes what was counted; review the difference like code.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

BUDGETS = Path(__file__).parent / "query_budgets.json"
CALENDAR = 'FROM "office_calendarday"'
UPDATING = os.environ.get("UPDATE_BUDGETS") == "1"
QueryBudget = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def query_budget(db: None) -> QueryBudget:
    """Return a context manager that fails if more queries run inside it than the file grants to that name."""
    return _within_budget


@contextmanager
def _within_budget(name: str) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [query["sql"] for query in captured.captured_queries]
    calendar = next((sql for sql in statements if CALENDAR in sql), "")
    if calendar:  # read once a minute by each process, so it falls into one test or another
        statements.remove(calendar)
    if UPDATING:
        _grant(name, len(statements))
        return
    granted = json.loads(BUDGETS.read_text(encoding="utf-8")).get(name)
    if granted is None:
        pytest.fail(f"{name} has no budget ({len(statements)} queries ran): run once with UPDATE_BUDGETS=1")
    if len(statements) > granted:
        pytest.fail(f"{name} ran {len(statements)} queries, {granted} are granted.\n{_most_repeated(statements)}")


def _most_repeated(statements: list[str]) -> str:
    """Return each statement's beginning with how often it ran, the most frequent first."""
    shapes = Counter(statement[:160] for statement in statements)
    return "\n".join(f"{count:4} × {shape}" for shape, count in shapes.most_common())


def _grant(name: str, count: int) -> None:
    with BUDGETS.open("r+", encoding="utf-8") as file:  # several test processes may write at once
        fcntl.flock(file, fcntl.LOCK_EX)
        budgets = json.load(file)
        budgets[name] = count
        file.seek(0)
        file.truncate()
        json.dump(dict(sorted(budgets.items())), file, indent=2)
        file.write("\n")
