"""The figure of the feed by REST: the same file through web server, broker and worker as by the command."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from bench.database import AS_OF
from bench.feed import forget_days, import_once, write_file
from bench.harness import Figure, median_of, seconds_of
from bench.lists import director
from bench.web import server
from branchcrm import serve
from clients.models import ImportBatch
from office.models import Scope
from office.operations.keys import KeyWish, make_key

RUNS = 3
LOOK_SECONDS = 0.02  # between two looks whether the worker is done
PATIENCE = 600.0
BLOCK = 1 << 20  # bytes sent at a time
OWN_BROKER = "13"  # number of the Valkey database in which no other worker listens


def feed_rest() -> list[Figure]:
    """Send a million account days as one part, close, wait until they are there; the floor is the same by command."""
    ends = timezone.now() + timedelta(days=1)
    branch = director().branch
    assert branch is not None
    wish = KeyWish("bench", [Scope.FEEDS], [branch], ends, calls_per_minute=1_000_000)
    _, secret = make_key(wish, by=director())
    with tempfile.TemporaryDirectory(prefix="bench-feed-rest-") as private:
        folder = Path(private) / "delivery"
        path, rows = write_file(folder)
        floor = median_of(RUNS, lambda: import_once(folder), warm=False)
        os.environ |= {"CRM_FEED_DIR": private, "REDIS_URL": _own_broker()}
        with server() as port, _worker(Path(private)):
            sender = Sender(port, secret)
            runs = [_sent(sender, path) for _ in range(RUNS + 1)][1:]  # the first wakes the worker
    whole = sorted(runs, key=lambda run: run["whole"])[RUNS // 2]
    told = {"floor": floor, "rows": rows, "upload_seconds": whole["upload"], "worker_seconds": whole["work"]}
    return [Figure("feed_rest", whole["whole"], whole["whole"] / floor, 1.5, told)]


@dataclass
class Sender:
    """The counter's system."""

    port: int
    secret: str
    written: int = 0

    def call(self, method: str, path: str, body: IO[bytes] | str | None = None, kind: str = "application/json") -> Any:
        """Call the API; return what it answers."""
        self.written += 1
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": kind, "Idempotency-Key": f"{self.written}"}
        if body is not None and not isinstance(body, str):
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, blocksize=BLOCK)
        line.request(method, f"/api/v1/{path}", body, headers)
        answer = line.getresponse()
        said = answer.read()
        line.close()
        assert answer.status < 300, (answer.status, path, said)
        return json.loads(said)


def _sent(sender: Sender, path: Path) -> dict[str, float]:
    forget_days()
    ImportBatch.objects.update(
        content_hash=Concat(Value("bench "), F("pk"), output_field=ImportBatch._meta.get_field("content_hash"))
    )
    started = time.perf_counter()
    feed = sender.call("POST", "feeds/", json.dumps({"as_of": AS_OF.isoformat()}))["id"]
    with path.open("rb") as file:
        upload = seconds_of(lambda: sender.call("PUT", f"feeds/{feed}/parts/daily_metrics/1/", file, "text/csv"))
    sender.call("POST", f"feeds/{feed}/close/", "{}")
    closed = time.perf_counter()
    while (told := sender.call("GET", f"feeds/{feed}/"))["state"] == "closed":
        assert time.perf_counter() < started + PATIENCE
        time.sleep(LOOK_SECONDS)
    ended = time.perf_counter()
    assert (told["state"], told["batch"]["state"], told["batch"]["files"][0]["refused"]) == ("done", "done", 0), told
    return {"whole": ended - started, "upload": upload, "work": ended - closed}


@contextmanager
def _worker(private: Path) -> Iterator[None]:
    process = subprocess.Popen(serve.commands(private)["worker"], cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _own_broker() -> str:
    return urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{OWN_BROKER}"))
