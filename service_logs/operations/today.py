"""What the counter tells of the day that still goes on becomes tasks at once; the night finds them known."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import connection
from django.db.models import Q

from clients.models import AccountEvent, Client
from office.dates import SHANGHAI
from office.jobs import Ledger
from office.models import Branch
from office.queries import calendar
from service_logs.operations.events import Event, raise_events
from service_logs.queries.catalogue import catalogue
from service_logs.queries.outlook import Today
from service_logs.signals.compiling import found
from service_logs.signals.conditions import CONDITIONS

# Types that rest on single records of the counter: openings, money and papers in and out, leaving, coming back.
OF_THE_DAY = frozenset({
    "new_account_welcome", "new_account_visit", "first_deposit", "large_inflow", "large_outflow", "leaving",
    "reactivation",
})  # fmt: skip


def raise_of_today(branch: Branch, now: datetime) -> Ledger:
    """Notice what the counter reported of today (Shanghai) and give it to whoever it concerns, once.

    The conditions are those of the night. Without a record of today nothing is looked at.
    """
    today = now.astimezone(SHANGHAI).date()
    reported = AccountEvent.objects.filter(branch=branch, day=today).exists()
    if not reported and not Client.objects.filter(Q(opened_on=today), branch=branch).exists():
        return Ledger()
    rules = [one for one in catalogue(branch) if one.is_active and one.rule.code in OF_THE_DAY]
    if not rules:
        return Ledger()
    numbers = {one.rule.code: one.rule.number for one in rules}
    codes = {number: code for code, number in numbers.items()}
    outlook = Today(branch, today, calendar(branch.calendar))
    with connection.cursor() as cursor:
        cursor.execute(found(numbers, [one for one in CONDITIONS if one.rule in numbers]), outlook.bindings(rules))
        rows = cursor.fetchall()
    fresh = [row for row in rows if row[3] == today]
    events = [Event(codes[number], client, key, on, json.loads(facts)) for client, number, key, on, facts in fresh]
    return raise_events(branch, events, now=now)
