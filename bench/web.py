"""Figures over HTTP: the pages of the real server, one user and twenty at once."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.harness import Figure
from bench.lists import cases, director, signed_in
from branchcrm import serve
from clients.models import ClientStanding

RUNS = 40
USERS, LOAD_SECONDS = 20, 20.0
START_SECONDS = 30.0


def pages() -> dict[str, str]:
    """Return the addresses that are asked for: list, search, one client."""
    found = {case.name: case for case in cases()}
    address = reverse("clients:list")
    first = ClientStanding.objects.filter(branch=director().branch).order_by("-value")[0]
    return {
        "list": address,
        "search": f"{address}?{urlencode(found['list_search'].query)}",
        "client": reverse("clients:detail", args=[first.pk]),
    }


def page_http() -> list[Figure]:
    """Ask each page of the running server one after the other; told is the slowest median."""
    addresses = pages()
    medians: dict[str, float] = {}
    with server() as port:
        for name, address in addresses.items():
            times = sorted(_asked(port, address, RUNS))
            medians[name] = statistics.median(times)
    queries = {name: _queries(address) for name, address in addresses.items()}
    worst = max(medians.values())
    told = {f"{name}_ms": round(seconds * 1000, 1) for name, seconds in medians.items()}
    return [Figure("page_http", worst, worst / 0.040, 1, {**told, "queries": queries})]


def load() -> list[Figure]:
    """Let twenty users ask for the list for twenty seconds."""
    address = pages()["list"]
    times: list[float] = []
    with server() as port:
        _asked(port, address, 5)
        until = time.monotonic() + LOAD_SECONDS
        users = [threading.Thread(target=lambda: times.extend(_until(port, address, until))) for _ in range(USERS)]
        started = time.monotonic()
        for user in users:
            user.start()
        for user in users:
            user.join()
        passed = time.monotonic() - started
    rate, slow = len(times) / passed, sorted(times)[int(len(times) * 0.95)]
    told = {"requests_per_second": rate, "p95_ms": slow * 1000, "limit_p95_ms": 500}
    return [Figure("load_20", passed, 60 / rate, 1, told)]


def _queries(address: str) -> int:
    browser = signed_in(director())
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        browser.get(address)
    return len(asked)


@contextmanager
def server() -> Iterator[int]:
    """Run the product's web server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    os.environ["PORT"] = str(port)
    command = serve.commands(Path(settings.BASE_DIR))["web"]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": os.environ["DATABASE_URL"]})
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the web server did not start")


def _cookie() -> str:
    browser = signed_in(director())
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def _asked(port: int, address: str, times: int) -> list[float]:
    cookie = _cookie()
    _once(port, address, cookie)
    return [_once(port, address, cookie) for _ in range(times)]


def _until(port: int, address: str, until: float) -> list[float]:
    cookie, times = _cookie(), []
    while time.monotonic() < until:
        times.append(_once(port, address, cookie))
    connection.close()
    return times


def _once(port: int, address: str, cookie: str) -> float:
    started = time.perf_counter()
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    browser.request("GET", address, headers={"Cookie": cookie})
    answer = browser.getresponse()
    answer.read()
    browser.close()
    assert answer.status == 200, (answer.status, address)
    return time.perf_counter() - started
