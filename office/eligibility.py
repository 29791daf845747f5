"""Who may be given clients or work: one rule for every path that assigns anything to anybody."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

LONG_LEAVE_DAYS = 30  # calendar days; from here on a leave hands the book over (nightly.md §5.2)


class Hindrance(Enum):
    """Why somebody may not be given clients."""

    INACTIVE = "账号已停用"
    LEFT = "已离职"
    NOT_SERVING = "不在服务岗位"
    ON_LEAVE = "请假中"
    UNREGISTERED = "无有效执业登记"


@dataclass(frozen=True)
class Post:
    """What the rule needs to know of one employee on one day.

    `leave_days` is the whole length in calendar days of a leave that covers the day, 0 without one.
    """

    is_active: bool
    left_on: date | None
    is_serving: bool
    is_registered: bool
    leave_days: int = 0


def hindrance(post: Post, on: date, *, longest_leave_days: int = LONG_LEAVE_DAYS - 1) -> Hindrance | None:
    """Return why `post` may not be given clients on that day, or None if it may.

    A leave of up to `longest_leave_days` is bridged by the substitute and hinders nothing; 0 asks
    for somebody who is at the desk today.
    """
    if not post.is_active:
        return Hindrance.INACTIVE
    if post.left_on is not None and post.left_on <= on:
        return Hindrance.LEFT
    if not post.is_serving:
        return Hindrance.NOT_SERVING
    if not post.is_registered:
        return Hindrance.UNREGISTERED
    if post.leave_days > longest_leave_days:
        return Hindrance.ON_LEAVE
    return None
