"""The counter over HTTP: a question and a request, against the bare SELECT and INSERT of the same row."""

from __future__ import annotations

import http.client
import json
import statistics
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.floors import select_floor
from bench.harness import Figure, seconds_of
from bench.lists import director
from bench.nights import the_branch
from bench.web import server
from clients.models import Client
from office.models import Scope
from office.operations.keys import KeyWish, make_key
from retention.models import ClosureRequest

RUNS, WARM = 60, 6
SPARE = 0.010  # seconds that HTTP, the key and the books may cost besides three times the floor
SELECT = "SELECT * FROM clients_client WHERE client_no = %s"


def counter() -> list[Figure]:
    """Ask and register for so many clients one after the other; told is the median against three floors and 10 ms."""
    open_ones = Client.objects.filter(branch=the_branch(), standing__is_closed=False).exclude(status="closed")
    open_ones = open_ones.exclude(closure_requests__state__in=ClosureRequest.OWED)
    numbers = list(open_ones.order_by("client_no").values_list("client_no", flat=True)[: RUNS + WARM])
    ends = timezone.now() + timedelta(days=1)
    wish = KeyWish("bench", list(Scope), [the_branch()], ends, calls_per_minute=1_000_000)
    headers = {"Authorization": f"Bearer {make_key(wish, by=director())[1]}"}
    with server() as port:
        asked = [_called(port, "GET", f"clients/{number}/", headers) for number in numbers]
        told = [_called(port, "POST", "closure-requests/", headers, _wish(number)) for number in numbers]
    return [
        _figure("counter_question", asked, select_floor(SELECT, [numbers[0]])),
        _figure("counter_request", told, _insert_floor()),
    ]


def _figure(name: str, times: list[float], floor: float) -> Figure:
    median = statistics.median(times[WARM:])
    more = {"median_ms": median * 1000, "floor_ms": floor * 1000, "limit_ms": (3 * floor + SPARE) * 1000}
    return Figure(name, median, median / (3 * floor + SPARE), 1, more)


def _wish(number: str) -> dict[str, Any]:
    return {"client_no": number, "kind": "transfer_sh", "reason": "commission"}


def _called(port: int, method: str, path: str, headers: dict[str, str], body: dict[str, Any] | None = None) -> float:
    sent = {**headers, "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    started = time.perf_counter()
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    browser.request(method, f"/api/v1/counter/{path}", json.dumps(body) if body else None, sent)
    answer = browser.getresponse()
    answer.read()
    browser.close()
    assert answer.status in (200, 201), (answer.status, path)
    return time.perf_counter() - started


def _insert_floor() -> float:
    """Return the median seconds of one committed INSERT of a ready request into a copy of its table with indexes."""
    table, ready = ClosureRequest._meta.db_table, ClosureRequest.objects.latest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor_requests")
        cursor.execute(f"CREATE TABLE floor_requests (LIKE {table} INCLUDING INDEXES)")
        copy, times = f"INSERT INTO floor_requests SELECT * FROM {table} WHERE id = %s", []
        for _ in range(RUNS):
            cursor.execute("TRUNCATE floor_requests")
            times.append(seconds_of(lambda: cursor.execute(copy, [ready])))
        cursor.execute("DROP TABLE floor_requests")
    return statistics.median(times)
