"""Access to the REST interface by people; what keys may is said in tests/branchcrm/test_api.py."""

from __future__ import annotations

from datetime import date

from clients.models import RestFeed
from tests.access.row import Row
from tests.complaints.making import complain
from tests.conftest import Cast


def feed(cast: Cast) -> dict[str, object]:
    """A delivery for the branch, still open and empty."""
    made = RestFeed.objects.create(as_of=date(2026, 8, 21), by=cast.shen)
    made.branches.add(cast.branch)
    return {"pk": made.pk}


def part(cast: Cast) -> dict[str, object]:
    return {**feed(cast), "kind": "clients", "number": 1}


def event(cast: Cast) -> dict[str, object]:
    return {"event_no": "E1", "kind": "bank_in", "account_no": "A880100000001"}


def complaint(cast: Cast) -> dict[str, object]:
    """A complaint of wu, a client of li, that chen handles."""
    return {"no": complain(cast).no}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("api:client_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:client_list", "401 405 405 405 405 405 405 405 405", method="post"),
    Row("api:score_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:task_list", "401 200 200 200 200 200 403 403 200"),
    Row("api:complaint_list", "401 200 200 200 200 200 200 403 200"),
    Row("api:complaint_detail", "401 200 404 200 200 200 404 403 404", complaint),
    Row("api:feed_list", "401 403 403 403 200 200 403 200 200"),
    Row(
        "api:feed_list", "401 403 403 403 403 403 403 201 403", method="post", data=lambda cast: {"as_of": "2026-08-21"}
    ),
    Row("api:feed_detail", "401 403 403 403 200 200 403 200 404", feed),
    Row("api:feed_part", "401 403 403 403 403 403 403 415 403", part, "put"),
    Row("api:feed_close", "401 403 403 403 403 403 403 409 403", feed, "post"),
    Row("api:feed_quarantine", "401 403 403 403 200 200 403 200 404", feed),
    Row("api:event_list", "401 403 403 403 403 403 403 201 403", method="post", data=event),
    Row("api:event_list", "401 405 405 405 405 405 405 405 405"),
    Row("api:description", "401 200 200 200 200 200 200 200 200"),
    Row("api:nothing", "404 404 404 404 404 404 404 404 404", lambda cast: {"rest": "nowhere/"}),
]
