"""The book of calls does not grow for ever: it is kept a year, and logs of the network must be kept six months."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.db import transaction

from office.models import ApiCall

CALLS_KEPT = timedelta(days=366)
AT_ONCE = 10_000  # lines that one transaction takes out


def forget_call_book(now: datetime) -> int:
    """Take the calls of more than a year ago out of the book; return how many. Nothing else may take a line out.

    The book is written in the order of its numbers, so reading begins at its oldest line and ends at the
    first that is kept: a call costs one INSERT, and no index serves this alone.
    """
    forgotten = 0
    while took := _take_out(now - CALLS_KEPT):
        forgotten += took
    return forgotten


@transaction.atomic
def _take_out(before: datetime) -> int:
    oldest = ApiCall.objects.order_by("pk").values_list("pk", "at")[:AT_ONCE]
    old = [pk for pk, at in oldest if at < before]
    if not old:
        return 0
    with pgtrigger.ignore("office.ApiCall:append_only"):
        return ApiCall.objects.filter(pk__in=old).delete()[0]
