"""Counting in Valkey what strangers do; when it is down nothing counts, and nobody is turned away for that."""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def counted(name: str, seconds: int) -> int:
    """Count one more of `name` and return how many there were within so many seconds; 0 if nothing can count."""
    try:
        cache.add(name, 0, seconds)
        return int(cache.incr(name))
    except (RedisError, ValueError):  # down, or it ended in between
        logger.warning("nothing counts %s", name)
        return 0


def is_first(name: str, seconds: int) -> bool:
    """Remember `name` for so many seconds and return whether it is new; true if nothing can remember."""
    try:
        return bool(cache.add(name, 1, seconds))
    except RedisError:
        logger.warning("nothing remembers %s", name)
        return True
