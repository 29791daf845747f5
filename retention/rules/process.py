"""How long each step of a request takes, by kind (QUA-02, QUA-03, QUA-04): pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median


@dataclass(frozen=True)
class Passage:
    """The moments of one request; a missing one did not happen."""

    kind: str
    arrived_at: datetime | None
    requested_at: datetime
    registered_at: datetime
    blocked_at: datetime | None
    freed_at: datetime | None
    done_at: datetime | None
    is_breached: bool


@dataclass(frozen=True)
class Step:
    """How long one step took: how many went through it, the middle and the slow tenth, in minutes."""

    count: int
    median_minutes: float
    slow_minutes: float


@dataclass(frozen=True)
class Row:
    """The process of one kind of request."""

    kind: str
    requests: int
    done: int
    in_time: int
    waiting: Step | None
    held: Step | None
    serving: Step | None

    @property
    def share_in_time(self) -> float | None:
        """The share of served requests that were served in time, None if none was served."""
        return self.in_time / self.done if self.done else None


def process(passages: Iterable[Passage], kinds: Sequence[str]) -> list[Row]:
    """Return a row per kind, in that order, for kinds that have requests at all."""
    by_kind: dict[str, list[Passage]] = {}
    for passage in passages:
        by_kind.setdefault(passage.kind, []).append(passage)
    return [_row(kind, by_kind[kind]) for kind in kinds if kind in by_kind]


def _row(kind: str, passages: list[Passage]) -> Row:
    done = [one for one in passages if one.done_at]
    return Row(
        kind=kind,
        requests=len(passages),
        done=len(done),
        in_time=sum(not one.is_breached for one in done),
        waiting=_step(one.registered_at - one.arrived_at for one in passages if one.arrived_at),
        held=_step(filter(None, map(_held, passages))),
        serving=_step(one.done_at - one.requested_at for one in done if one.done_at),
    )


def _held(one: Passage) -> timedelta | None:
    """Return how long the law held it up, None if it did not or does still; one may be held up once more."""
    if one.freed_at is None or one.blocked_at is None or one.freed_at <= one.blocked_at:
        return None
    return one.freed_at - one.blocked_at


def _step(spans: Iterable[timedelta]) -> Step | None:
    minutes = sorted(span.total_seconds() / 60 for span in spans)
    if not minutes:
        return None
    return Step(len(minutes), median(minutes), minutes[min(int(len(minutes) * 0.9), len(minutes) - 1)])
