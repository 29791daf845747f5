"""From the signs found of a branch to scores, and the reasons of each client as its score keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from retention.scoring.churn import TENTHS, Floats, Ints, ages, bands, points_now, scores, value_at_risk
from retention.scoring.signals import BY_NUMBER, SIGNS, day_text

NOTHING = "[]"
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Terms:
    """What a version of the points says."""

    points: Mapping[str, float]
    half_life: int  # trading days
    limits: Sequence[float]  # of watch, warn and alarm
    factors: Sequence[float]  # share at risk, by band


@dataclass(frozen=True)
class Found:
    """The signs of a branch, a place in `contribution_fen` each; `since` in days since 1970-01-01."""

    contribution_fen: Ints
    place: Ints
    number: Ints
    since: Ints
    a: Ints
    b: Ints


@dataclass(frozen=True)
class Appraised:
    """Score, band and value at risk by client; of the signs those that still count, by client, most points first."""

    score: Floats
    band: Ints
    value_at_risk_fen: Ints
    place: Ints
    number: Ints
    since: Ints
    a: Ints
    b: Ints
    tenths: Ints

    @property
    def sign_counts(self) -> dict[str, int]:
        """Code of a sign → how many clients show it."""
        counts = np.bincount(self.number, minlength=len(SIGNS) + 1)
        return {sign.code: int(counts[sign.number]) for sign in SIGNS if counts[sign.number]}


def appraise(found: Found, terms: Terms, as_of: np.datetime64, sessions: npt.NDArray[np.datetime64]) -> Appraised:
    """Turn the signs of a branch into scores at the close of `as_of`.

    A sign whose points have faded to nothing is not told any more.
    """
    full = np.zeros(len(SIGNS) + 1)
    for sign in SIGNS:
        full[sign.number] = terms.points.get(sign.code, 0)
    since = found.since.astype("datetime64[D]")
    tenths = points_now(full[found.number], ages(since, as_of, sessions), terms.half_life)
    order = np.lexsort([found.number, -tenths, found.place])
    order = order[tenths[order] > 0]
    score = scores(found.place[order], tenths[order], len(found.contribution_fen))
    band = bands(score, terms.limits)
    return Appraised(
        score=score, band=band, value_at_risk_fen=value_at_risk(found.contribution_fen, band, terms.factors),
        place=found.place[order], number=found.number[order], since=found.since[order], a=found.a[order],
        b=found.b[order], tenths=tenths[order],
    )  # fmt: skip


def told(found: Appraised, clients: int) -> Texts:
    """Return the reasons of each client as JSON text: code, points left, since, the fact in words, its figures."""
    texts = np.full(clients, NOTHING, object)
    parts = _parts(found)
    stretches = _stretches(found)
    texts[[found.place[start] for start, _ in stretches]] = [
        f"[{', '.join(parts[start:end])}]" for start, end in stretches
    ]
    return texts


def codes(found: Appraised) -> Texts:
    """Return the codes of the signs of each client who shows any, most points first, as text of an array."""
    names = [BY_NUMBER[number].code for number in found.number.tolist()]
    return np.array([f"{{{','.join(names[start:end])}}}" for start, end in _stretches(found)], object)


def _stretches(found: Appraised) -> list[tuple[int, int]]:
    """Return where the signs of each client who shows any begin and end."""
    starts = np.flatnonzero(np.diff(found.place, prepend=-1))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(found.place)], strict=True)) if len(starts) else []


def _parts(found: Appraised) -> list[str]:
    columns: Sequence[npt.NDArray[Any]] = (found.number, found.tenths, found.since, found.a, found.b)
    return [_part(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _part(number: int, tenths: int, since: int, a: int, b: int) -> str:
    sign = BY_NUMBER[number]
    return (
        f'{{"code": "{sign.code}", "points": {tenths / TENTHS}, "since": "{_day(since)}",'
        f' "fact": {_quoted(sign.words(a, b))}, "figures": [{a}, {b}]}}'
    )


_day = lru_cache(maxsize=4096)(day_text)


@lru_cache(maxsize=65_536)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
