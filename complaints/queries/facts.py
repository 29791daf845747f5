"""What the churn score wants to know of complaints (nightly.md §7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q

from complaints.models import Complaint
from complaints.rules.classes import UPHOLDING
from office.dates import SHANGHAI
from office.models import Branch

OPEN, UPHELD, LOW_SATISFACTION = "open", "upheld", "low_satisfaction"
LOOK_BACK = timedelta(days=60)
LOW_SCORE = 2


def for_churn(branch: Branch, as_of: date) -> list[tuple[int, str, date]]:
    """Return (client id, kind, day) of what stood at the close of `as_of`, in order; kinds as above.

    Open is dated by its receipt, whatever its age. Upheld and low satisfaction are those of the last 60 days.
    """
    close = datetime(as_of.year, as_of.month, as_of.day, tzinfo=SHANGHAI) + timedelta(days=1)
    rows = Complaint.objects.filter(branch=branch, client__isnull=False, received_at__lt=close).standing()
    still = rows.filter(Q(ended_at=None) | Q(ended_at__gte=close)).values_list("client", "received_at")
    since = close - LOOK_BACK
    upheld = rows.filter(outcome__in=UPHOLDING, approved_at__gte=since, approved_at__lt=close)
    low = rows.filter(
        Q(satisfied=False) | Q(satisfaction__lte=LOW_SCORE), feedback_at__gte=since, feedback_at__lt=close
    )
    found = [(client, OPEN, _day(at)) for client, at in still]
    found += [(client, UPHELD, _day(at)) for client, at in upheld.values_list("client", "approved_at") if at]
    found += [(client, LOW_SATISFACTION, _day(at)) for client, at in low.values_list("client", "feedback_at") if at]
    return sorted(found)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
