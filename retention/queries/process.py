"""The process report: what each step took, for the requests of a period."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from office.dates import SHANGHAI
from office.models import Employee
from retention.models import ClosureRequest
from retention.rules.process import Passage, Row, process


def process_rows(user: Employee, since: date, until: date) -> list[Row]:
    """Return the process of the requests that `user` may know of and that were made from `since` to `until`."""
    start = datetime.combine(since, time(0), SHANGHAI)
    end = datetime.combine(until + timedelta(days=1), time(0), SHANGHAI)
    rows = ClosureRequest.objects.visible_to(user).filter(requested_at__gte=start, requested_at__lt=end)
    found = rows.values_list(
        "kind", "arrived_at", "requested_at", "registered_at", "blocked_at", "freed_at", "done_at", "breached_at"
    )
    return process((Passage(*row[:-1], is_breached=row[-1] is not None) for row in found), ClosureRequest.Kind.values)
