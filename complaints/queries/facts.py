"""What the churn score wants to know of complaints (nightly.md §7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from clients.models import AnswerSheet
from complaints.models import Complaint
from complaints.rules.classes import UPHOLDING
from office.dates import SHANGHAI
from office.models import Branch
from office.rights import Principal

OPEN, UPHELD, LOW_SATISFACTION = "open", "upheld", "low_satisfaction"
LOOK_BACK = timedelta(days=60)
LOW_SCORE = 2
_LOW = Q(satisfied=False) | Q(satisfaction__lte=LOW_SCORE)


def for_churn(branch: Branch, as_of: date) -> list[tuple[int, str, date]]:
    """Return (client id, kind, day) of what stood at the close of `as_of`, in order; kinds as above.

    Open is dated by its receipt, whatever its age. Upheld and low satisfaction, told to whoever answered a
    complaint or in a survey, are those of the last 60 days.
    """
    close = datetime(as_of.year, as_of.month, as_of.day, tzinfo=SHANGHAI) + timedelta(days=1)
    rows = Complaint.objects.filter(branch=branch, client__isnull=False, received_at__lt=close).standing()
    still = rows.filter(Q(ended_at=None) | Q(ended_at__gte=close)).values_list("client", "received_at")
    since = close - LOOK_BACK
    upheld = rows.filter(outcome__in=UPHOLDING, approved_at__gte=since, approved_at__lt=close)
    low = rows.filter(_LOW, feedback_at__gte=since, feedback_at__lt=close)
    found = [(client, OPEN, _day(at)) for client, at in still]
    found += [(client, UPHELD, _day(at)) for client, at in upheld.values_list("client", "approved_at") if at]
    found += [(client, LOW_SATISFACTION, _day(at)) for client, at in low.values_list("client", "feedback_at") if at]
    sheets = _low_sheets().filter(branch=branch, at__gte=since, at__lt=close)
    found += [(client, LOW_SATISFACTION, _day(at)) for client, at in sheets.values_list("client", "at")]
    return sorted(set(found))


def known_low(user: Principal, client: str = "client") -> Q:
    """Return the condition that `user` may read of a client that he is not satisfied, by a complaint or a survey.

    `client` names the path from the row to the client.
    """
    said = Complaint.objects.visible_to(user).filter(_LOW, client__isnull=False).values("client")
    sheets = AnswerSheet.objects.visible_to(user).filter(score__lte=LOW_SCORE).values("client")
    return Q(**{f"{client}__in": said}) | Q(**{f"{client}__in": sheets})


def served_badly(client_ids: Iterable[int], since: date) -> dict[int, set[int]]:
    """Return about whom these clients answered a survey with a low score since that day: he does not hear of it."""
    start = datetime(since.year, since.month, since.day, tzinfo=SHANGHAI)
    rows = _low_sheets().filter(client__in=list(client_ids), at__gte=start, about__isnull=False)
    found: dict[int, set[int]] = {}
    for client_id, about_id in rows.values_list("client_id", "about_id"):
        found.setdefault(client_id, set()).add(about_id)
    return found


def _low_sheets() -> QuerySet[AnswerSheet]:
    return AnswerSheet.objects.filter(score__lte=LOW_SCORE)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
