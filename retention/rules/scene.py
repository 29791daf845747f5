"""A scene for a drill out of a past case, with nothing left that leads back to the client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

AGE_STEP, YOUNGEST, OLDEST = 10, 30, 70  # years: 30 岁以下, 30–39 岁 … 70 岁及以上
LONG_NUMBER = re.compile(r"\d{6,}")  # of an account, a telephone, a client
MOST_SIGNS = 3  # more of them together would be a fingerprint


def age_band(age: int | None) -> str:
    """Return the age as a band of ten years, open at both ends; "" if unknown."""
    if age is None:
        return ""
    if age < YOUNGEST:
        return f"{YOUNGEST} 岁以下"
    if age >= OLDEST:
        return f"{OLDEST} 岁及以上"
    low = age // AGE_STEP * AGE_STEP
    return f"{low}–{low + AGE_STEP - 1} 岁"


def scene(*, age: int | None, tier: str, reason: str, trigger: str, signs: Iterable[str]) -> dict[str, Any]:
    """Return what the players of a drill are told: bands and kinds, no name, number, day or amount."""
    return {
        "age_band": age_band(age), "tier": tier, "reason": reason, "trigger": trigger,
        "signs": list(signs)[:MOST_SIGNS],
    }  # fmt: skip


def leads_back(text: str, names: Iterable[str] = ()) -> str:
    """Return what in `text` would lead back to a client: one of `names`, or a run of digits as long as a number."""
    for name in names:
        if len(name) >= 2 and name in text:
            return name
    found = LONG_NUMBER.search(text)
    return found.group() if found else ""
