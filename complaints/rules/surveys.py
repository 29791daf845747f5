"""Surveys as arithmetic: who is asked how, whom a sample holds, when a message may go out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from math import ceil

from office.dates import SHANGHAI

PHONE, ONLINE, FORUM = "phone", "online", "forum"
GRANTED, DENIED = "granted", "denied"
MESSAGE_WAYS = ("wecom", "sms", "email")  # how a link travels, the least disturbing first
LINK_DAYS = 30  # how long a one-time link is good
LOW_SCORE = 2.0  # of 5: from here down the branch answers (MOT 48)
MOST_REMINDERS = 3

Wishes = Mapping[tuple[str, str], str]  # (channel, purpose) → granted, denied, unknown


def way_of(channels: Sequence[str], wishes: Wishes) -> tuple[str, str] | None:
    """Return (channel, way of the message) by which a client is asked; None if he allows none of them.

    The first of `channels` that he allows. What he said about surveys decides; where he said nothing,
    what he said about service. A message needs his consent, a call or an invitation only that he did
    not refuse calls.
    """
    for channel in channels:
        if channel == ONLINE:
            way = next((way for way in MESSAGE_WAYS if _wish(way, wishes) == GRANTED), "")
            if way:
                return channel, way
        elif _wish(PHONE, wishes) != DENIED:
            return channel, PHONE
    return None


def _wish(way: str, wishes: Wishes) -> str:
    said = wishes.get((way, "survey"), "unknown")
    return said if said != "unknown" else wishes.get((way, "service"), "unknown")


def sample(ids: Sequence[int], seed: int, *, size: int | None = None, share: float | None = None) -> list[int]:
    """Return the drawn ids in order: `size` of them, or `share` (0 to 1) rounded up; everybody without either.

    The same ids and seed give the same sample, whatever order the ids come in.
    """
    everybody = sorted(ids)
    wanted = size if size is not None else ceil(len(everybody) * share) if share is not None else len(everybody)
    if wanted >= len(everybody):
        return everybody
    return sorted(random.Random(seed).sample(everybody, max(wanted, 0)))


def allowed_from(moment: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """Return the first moment at or after the aware `moment` outside the quiet hours of the branch, Shanghai clock."""
    local = moment.astimezone(SHANGHAI)
    over = datetime.combine(local.date(), quiet_until, SHANGHAI)
    if quiet_from <= quiet_until:  # the quiet hours lie within one day
        return over if quiet_from <= local.time() < quiet_until else local
    if local.time() < quiet_until:
        return over
    return over + timedelta(days=1) if local.time() >= quiet_from else local


def link_until(issued_at: datetime, closes_on: date) -> datetime:
    """Return until when a link issued at that moment is good: 30 days, and not beyond the last day of its run."""
    close = datetime.combine(closes_on + timedelta(days=1), time.min, SHANGHAI)
    return min(issued_at + timedelta(days=LINK_DAYS), close)


def reminder_is_due(sent: int, most: int, last_at: datetime, every_days: int, now: datetime) -> bool:
    """Whether somebody who was last written to at `last_at` may be reminded: not too often, not too soon."""
    return sent < min(most, MOST_REMINDERS) and last_at + timedelta(days=every_days) <= now


def is_low(score: float | None) -> bool:
    """Whether a score of 1 to 5 asks the branch to act."""
    return score is not None and score <= LOW_SCORE
