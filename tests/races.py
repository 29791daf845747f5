"""Several people at the same moment: what the tests of races have in common."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from office.errors import DomainError


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do the acts at the same moment, each with a connection of its own; a refusal is returned, not raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=10)
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [found.result(timeout=30) for found in [pool.submit(run, act) for act in acts]]
