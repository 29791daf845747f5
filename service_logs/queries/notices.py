"""What the night noticed and whose birthday it is."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from clients.models import ChannelPreference, Client, ClientStanding
from office.models import Employee
from service_logs.models import Kind, Signal, SignalMark
from service_logs.queries.scope import Day

ALERTS, ALERT_PRIORITY = 6, 60  # lines of the page; the urgency (0 to 100) from which an optional signal is an alert
BIRTHDAY_DAYS = 7


def last_night(user: Employee) -> date | None:
    """Return the day of the branch's last night that raised signals."""
    marks = SignalMark.objects.filter(branch_id=user.branch_id or 0).order_by("-day")
    return marks.values_list("day", flat=True).first()


def night_signals(day: Day, night: date) -> QuerySet[Signal]:
    """Return the signals of one night worth a look for the scope, the most urgent and most valuable first."""
    worth = Q(kind=Kind.MANDATORY) | Q(rule__priority__gte=ALERT_PRIORITY)
    return (
        Signal.objects.visible_to(day.user)
        .filter(worth, day.scope.served("client__standing__"), day=night)
        .select_related("rule", "client__standing")
        .order_by("-rule__priority", "-client__standing__value", "pk")
    )


def birthdays_on(day: Day) -> QuerySet[ClientStanding]:
    """Return whose birthday is that day, the most valuable first; each carries `care`, the consent to care.

    Who was born on 29 February is greeted on the 28th of a short year.
    """
    care = ChannelPreference.objects.filter(client=OuterRef("pk"), purpose=ChannelPreference.Purpose.CARE).order_by(
        "channel"
    )
    return (
        _people(day)
        .filter(client__birth_md__in=month_days(day.today, 1))
        .annotate(care=Subquery(care.values("state")[:1]))
        .select_related("client")
        .order_by("-value", "pk")
    )


def birthday_counts(day: Day) -> dict[str, int]:
    """Return how many birthdays fall on that day, `today`, and on it and the six days after it, `week`."""
    on_the_day = Q(client__birth_md__in=month_days(day.today, 1))
    week = _people(day).filter(client__birth_md__in=month_days(day.today, BIRTHDAY_DAYS))
    return week.aggregate(today=Count("pk", filter=on_the_day), week=Count("pk"))


def month_days(start: date, days: int) -> list[int]:
    """Return `days` days from `start` on as month·100 + day, with 29 February beside the 28th of a short year."""
    wanted = [start + timedelta(days=offset) for offset in range(days)]
    numbers = [day.month * 100 + day.day for day in wanted]
    return [*numbers, 229] if 228 in numbers and 229 not in numbers else numbers


def _people(day: Day) -> QuerySet[ClientStanding]:
    return day.standings.filter(is_closed=False, client__kind=Client.Kind.PERSON, client__is_deceased=False)
