"""Keeping in Valkey for a moment what is dear to ask for; when it is down, it is asked for each time."""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

T = TypeVar("T")


def remembered(name: str, seconds: int, ask: Callable[[], T], *, worth: Callable[[T], bool] = lambda found: True) -> T:
    """Return what `ask` found at most so many seconds ago, or finds now; only what is `worth` it is kept.

    Never None, and nothing that a person would see to be out of date: what he wrote himself, or few rows.
    """
    try:
        known: T | None = cache.get(name)
        if known is not None:
            return known
        found = ask()
        if worth(found):
            cache.set(name, found, seconds)
        return found
    except RedisError:
        return ask()
