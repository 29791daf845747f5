"""The figures of the complaint list: as many queries, and hardly longer, for 100,000 complaints as for 60."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.database import AS_OF
from bench.harness import Figure, median_of
from bench.lists import director, signed_in
from bench.nights import the_branch
from clients.models import Client
from complaints.models import Clock, ClockSetting, Complaint, State
from office.dates import SHANGHAI
from office.models import Branch, Employee

FEW, MANY = 60, 100_000  # a little more than a page: what fits on one page is counted without a query
OPEN_EVERY = 50  # the first few and one of so many are still open
RUNS = 20
NOW = datetime.combine(AS_OF, time(10), SHANGHAI)
IS_OPEN = "n %% %(every)s = 0"
COMPLAINTS = {  # column → what differs from the complaint that is copied
    "no": "'TS-BENCH-' || lpad(n::text, 6, '0')",
    "client_id": "c.ids[1 + n %% cardinality(c.ids)]",
    "received_at": "%(now)s - make_interval(mins => n)",
    "state": f"CASE WHEN {IS_OPEN} THEN '{State.ACCEPTED}' ELSE '{State.WITHDRAWN}' END",
    "due_at": f"CASE WHEN {IS_OPEN} THEN %(now)s + make_interval(hours => n) END",
    "ended_at": f"CASE WHEN NOT {IS_OPEN} THEN %(now)s END",
    "FROM": """
FROM complaints_complaint t
CROSS JOIN (SELECT array_agg(id ORDER BY id) FROM clients_client) AS c(ids)
CROSS JOIN generate_series(%(few)s, %(many)s - 1) n WHERE t.no = 'TS-BENCH-000000'""",
}
CLOCKS = {
    "complaint_id": "o.id",
    "started_at": "o.received_at",
    "due_at": "coalesce(o.due_at, %(now)s)",
    "stopped_at": "o.ended_at",
    "FROM": """
FROM complaints_clock t JOIN complaints_complaint f ON f.id = t.complaint_id AND f.no = 'TS-BENCH-000000'
JOIN complaints_complaint o ON o.no LIKE 'TS-BENCH-%%'
WHERE NOT EXISTS (SELECT 1 FROM complaints_clock k WHERE k.complaint_id = o.id)""",
}
ROUTES = {"complaint_list": "complaints:list", "complaint_api": "api:complaint_list"}


def complaints() -> list[Figure]:
    """Ask for the page and the list by REST with few complaints and with many; told are queries and time of both."""
    browser = signed_in(director())
    _fill_few()
    few = {name: _asked(browser, reverse(route)) for name, route in ROUTES.items()}
    _fill_many()
    many = {name: _asked(browser, reverse(route)) for name, route in ROUTES.items()}
    return [_figure(name, few[name], many[name]) for name in ROUTES]


def _figure(name: str, few: tuple[int, float], many: tuple[int, float]) -> Figure:
    told = {"queries": many[0], "queries_few": few[0], "seconds_few": few[1], "time_ratio": many[1] / few[1]}
    return Figure(name, many[1], many[0] / few[0], 1, {**told, "rows": MANY})


def _asked(browser: Browser, address: str) -> tuple[int, float]:
    def ask() -> None:
        assert browser.get(address).status_code == 200, address

    seconds = median_of(RUNS, ask)
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked), seconds


def _fill_few() -> None:
    """Write the first page of complaints, all open, each with its clock."""
    clients = Client.objects.filter(branch=the_branch()).order_by("pk").values_list("pk", flat=True)[:FEW]
    made = Complaint.objects.bulk_create(_one(n, client) for n, client in enumerate(clients))
    Clock.objects.bulk_create(_clock(one) for one in made)
    _count()


def _fill_many() -> None:
    """Write the others as likenesses of the first, in the database: one by one they would take a minute."""
    with connection.cursor() as cursor:
        for model, own in ((Complaint, COMPLAINTS), (Clock, CLOCKS)):
            columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
            values = ", ".join(own.get(column, f"t.{column}") for column in columns)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} {own['FROM']}",
                {"few": FEW, "many": MANY, "every": OPEN_EVERY, "now": NOW},
            )
    _count()


def _count() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE complaints_complaint, complaints_clock")


@cache
def _house() -> tuple[Branch, Employee]:
    return the_branch(), director()


def _one(n: int, client_id: int) -> Complaint:
    branch, handler = _house()
    return Complaint(
        branch=branch, no=f"TS-BENCH-{n:06}", client_id=client_id, caller_name=f"投诉人{n}", channel="phone",
        category="other", received_at=NOW - timedelta(minutes=n), content="反映对账单没有按时寄到，要求说明。",
        state=State.ACCEPTED, due_at=NOW + timedelta(hours=n), handler=handler, kept_until=AS_OF + timedelta(days=7305),
    )  # fmt: skip


def _clock(complaint: Complaint) -> Clock:
    started = complaint.received_at
    return Clock(
        branch_id=complaint.branch_id, complaint=complaint, step=Clock.Measure.RECEIPT, amount=1,
        unit=ClockSetting.Unit.WORKING_DAYS, certainty=ClockSetting.Certainty.HOUSE, started_at=started,
        due_at=max(started, complaint.due_at or NOW), stopped_at=complaint.ended_at,
    )  # fmt: skip
