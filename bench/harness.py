"""What a figure is, how it is measured and how it is told."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MEGABYTE = 1024  # kilobytes, the unit of ru_maxrss


@dataclass
class Figure:
    """One line of the table: seconds, the ratio to its floor, and the ratio it should reach (None: only told)."""

    name: str
    seconds: float
    ratio: float | None = None
    target: float | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the figure as one JSON line, with the peak memory of this process in megabytes."""
        told: dict[str, Any] = {
            "name": self.name,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "target": self.target,
            "seconds": round(self.seconds, 4),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE,
        }
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in self.more.items()}
        return json.dumps(told | rounded, ensure_ascii=False)


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long `work` takes once."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_of(times: int, work: Callable[[], Any], *, warm: bool = True) -> float:
    """Return the median seconds of `times` runs, after one that does not count if `warm`."""
    if warm:
        work()
    return statistics.median(seconds_of(work) for _ in range(times))
