"""Writes under an Idempotency-Key: done once, answered as often as asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from office.errors import DomainError
from office.models import Employee, IdempotentCall
from office.rights import Principal
from office.statements import write_unwaited

BROKEN_OFF = timedelta(minutes=2)  # no write takes longer: whoever began one is gone
KEPT = timedelta(days=7)


class KeyReused(DomainError):
    """The same Idempotency-Key stands for one request; another body needs another key."""

    status = 422


class StillAtWork(DomainError):
    """The first call under this Idempotency-Key has not been answered yet."""


@dataclass(frozen=True)
class Asked:
    """A write as it arrived."""

    who: Principal
    route: str
    idempotency_key: str
    request_hash: str


def begin(asked: Asked, now: datetime) -> IdempotentCall:
    """Return the call to work on, or the finished one (with `status`) whose answer is to be repeated.

    Raises KeyReused for another body under the same key, StillAtWork while the first call runs.
    """
    owner: dict[str, Any] = {"employee": asked.who} if isinstance(asked.who, Employee) else {"key": asked.who}
    place = {"key": None, "employee": None, **owner, "route": asked.route, "idempotency_key": asked.idempotency_key}
    call = IdempotentCall(**place, request_hash=asked.request_hash, started_at=now)
    if _claim(call):
        return call
    before = IdempotentCall.objects.filter(**place).first()
    if before is None:
        raise StillAtWork("同一幂等键的上一次调用刚刚退回，请重试")
    if before.request_hash != asked.request_hash:
        raise KeyReused("这个 Idempotency-Key 已用于另一份内容，请换一个")
    if before.status is None:
        _take_over(before, now)
    return before


def finish(call: IdempotentCall, status: int, body: bytes) -> None:
    """Keep the answer, JSON as it is sent, in the transaction of the write itself: both are there or neither is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE office_idempotentcall SET status = %s, body = %s::jsonb WHERE id = %s",
            [status, body.decode(), call.pk],
        )


def release(call: IdempotentCall) -> None:
    """Forget a call that was refused: nothing was done, it may be sent again corrected."""
    IdempotentCall.objects.filter(pk=call.pk, status=None).delete()


def forget_old_calls(now: datetime) -> int:
    """Forget answers nobody repeats any more; return how many."""
    return IdempotentCall.objects.filter(started_at__lt=now - KEPT).delete()[0]


CLAIM = """
INSERT INTO office_idempotentcall (key_id, employee_id, route, idempotency_key, request_hash, started_at)
VALUES (%(key_id)s, %(employee_id)s, %(route)s, %(idempotency_key)s, %(request_hash)s, %(started_at)s)
ON CONFLICT DO NOTHING RETURNING id
"""


def _claim(call: IdempotentCall) -> bool:
    """Write a call down as begun; return whether it is the first. Of a claim that a crash loses nothing was done."""
    with connection.cursor() as cursor:
        write_unwaited(cursor, CLAIM, vars(call))
        row = cursor.fetchone()
    call.pk = row[0] if row else None
    return row is not None


def _take_over(call: IdempotentCall, now: datetime) -> None:
    """Go on with a call whose worker died. Raises StillAtWork while it may be alive."""
    stale = IdempotentCall.objects.filter(pk=call.pk, status=None, started_at__lt=now - BROKEN_OFF)
    if not stale.update(started_at=now):
        raise StillAtWork("同一幂等键的上一次调用还在办理，请稍后再试")
