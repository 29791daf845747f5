"""Access to requests to leave: the desk, the clock, what compliance reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retention.models import ClosureRequest
from retention.operations.closures import hold_up, register_request
from tests.access.row import Row, wu
from tests.conftest import Cast


def asked(cast: Cast) -> ClosureRequest:
    """A request of wu, a client of li, registered by the counter."""
    return register_request(cast.wu, kind="close", channel="counter", by=cast.zhou)


def request(cast: Cast) -> dict[str, Any]:
    return {"pk": asked(cast).pk}


def held(cast: Cast) -> dict[str, Any]:
    """The same, held up by the law."""
    made = asked(cast)
    hold_up(made, "judicial", "（2026）冻结 12 号", by=cast.zhou)
    return {"pk": made.pk}


def step(version: int, **fields: str) -> Callable[[Cast], dict[str, Any]]:
    """Return what a form of a step sends."""
    return lambda cast: {"version": version, **fields}


def told(cast: Cast) -> dict[str, Any]:
    """What the counter system says of wu."""
    return {"client_no": cast.wu.client_no, "kind": "transfer_sh"}


WISH = {"kind": "close", "channel": "counter"}
PURPOSE = {"reason": "月度报合规"}

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("retention:desk", "302 200 200 200 200 403 200 403 200"),
    Row("retention:desk_client", "302 200 404 200 200 403 200 403 404", wu),
    Row("retention:desk_client", "302 302 404 302 302 403 302 403 404", wu, "post", lambda cast: WISH),
    Row("retention:clock_board", "302 200 200 200 200 200 200 403 200"),
    Row("retention:clock_panel", "302 200 200 200 200 200 200 403 200"),
    Row("retention:request_list", "302 200 200 200 200 200 200 403 200"),
    Row("retention:request_export", "302 403 403 403 200 200 403 403 200"),
    Row("retention:request_export", "302 403 403 403 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:request_detail", "302 200 404 200 200 200 200 403 404", request),
    Row("retention:request_registered", "302 200 404 200 200 403 200 403 404", request),
    Row("retention:request_slip", "302 200 404 200 200 403 200 403 404", request),
    Row("retention:request_hold", "302 403 403 403 403 403 200 403 403", request),
    Row(
        "retention:request_hold", "302 403 403 403 403 403 302 403 403", request, "post",
        step(1, block="judicial", evidence="冻结文书 12 号"),
    ),
    Row("retention:request_free", "302 403 403 403 403 403 200 403 403", held),
    Row("retention:request_free", "302 403 403 403 403 403 302 403 403", held, "post", step(2)),
    Row("retention:request_complete", "302 403 403 403 403 403 200 403 403", request),
    Row("retention:request_complete", "302 403 403 403 403 403 302 403 403", request, "post", step(1)),
    Row("retention:request_withdraw", "302 403 403 403 403 403 200 403 403", request),
    Row(
        "retention:request_withdraw", "302 403 403 403 403 403 302 403 403", request, "post",
        step(1, note="客户当面撤回"),
    ),
    Row("retention:client_requests", "302 200 404 200 200 200 404 403 404", wu),
    Row("retention:breach_list", "302 403 403 403 200 200 403 403 200"),
    Row("retention:breach_export", "302 403 403 403 200 200 403 403 200"),
    Row("retention:breach_export", "302 403 403 403 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("api:request_list", "401 200 200 200 200 200 200 403 200"),
    Row("api:counter_client", "401 200 404 200 200 403 200 403 404", lambda cast: {"client_no": cast.wu.client_no}),
    Row("api:counter_requests", "401 405 405 405 405 405 405 405 405"),
    Row("api:counter_requests", "401 201 404 201 201 403 201 403 404", method="post", data=told),
    Row("api:counter_request", "401 200 404 200 200 200 200 403 404", request),
    Row("retention:process_report", "302 403 403 403 200 200 403 403 200"),
]  # fmt: skip
