"""How often one caller may call."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from office.models import Employee, ServiceKey

logger = logging.getLogger(__name__)
WINDOW = 60  # seconds
PERSON_LIMIT = 300  # calls in a window
STRANGER_LIMIT = 60  # refused calls in a window that are written down, of one address without a key or one caller


def calls_in_window(who: str, now: float) -> int:
    """Count one more call of `who` and return how many there were in this window; 0 if nothing can count."""
    name = f"api:{who}:{int(now // WINDOW)}"
    try:
        try:
            return int(cache.incr(name))
        except ValueError:  # the first call of a window
            cache.add(name, 0, WINDOW * 2)
            return int(cache.incr(name))
    except (RedisError, ValueError):  # a counter that is down or just fell out must not stop the counter's questions
        logger.warning("nothing counts the calls of %s", who)
        return 0


class PerCaller(BaseThrottle):
    """So many calls a minute: what the key says, the same for every person."""

    def allow_request(self, request: Request, view: Any) -> bool:
        user: Any = request.user  # a person, a key, or nobody
        if isinstance(user, ServiceKey):
            return calls_in_window(f"key{user.pk}", time.time()) <= user.calls_per_minute
        return not isinstance(user, Employee) or calls_in_window(f"person{user.pk}", time.time()) <= PERSON_LIMIT

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return WINDOW - time.time() % WINDOW
