"""Access to requests for another manager; li is the present manager of wu and sees none of it."""

from __future__ import annotations

from typing import Any

from segmentation.models import ManagerChangeRequest
from segmentation.operations.changes import ask_for_change
from tests.access.row import Row, wu
from tests.conftest import Cast


def asked(cast: Cast) -> dict[str, Any]:
    """Wu's open request for another manager."""
    return {"pk": ask_for_change(cast.wu, channel="counter", by=cast.zhou, reason="service").pk}


def give(cast: Cast) -> dict[str, Any]:
    return {"version": ManagerChangeRequest.objects.get().version, "to": cast.wang.pk}


def note(cast: Cast) -> dict[str, Any]:
    return {"version": 1, "note": "客户当面说明"}


def wish(cast: Cast) -> dict[str, Any]:
    return {"reason": "unsaid", "channel": "counter"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("segmentation:change_list", "302 403 403 403 200 200 200 403 200"),
    Row("segmentation:change_detail", "302 403 403 403 200 200 200 403 404", asked),
    Row("segmentation:change_create", "302 403 403 403 200 403 200 403 404", wu),
    Row("segmentation:change_create", "302 403 403 403 302 403 302 403 404", wu, "post", wish),
    Row("segmentation:change_grant", "302 405 405 405 405 405 405 405 405", asked),
    Row("segmentation:change_grant", "302 403 403 403 302 403 403 403 404", asked, "post", give),
    Row("segmentation:change_refuse", "302 403 403 403 302 403 403 403 404", asked, "post", note),
    Row("segmentation:change_withdraw", "302 403 403 403 200 403 200 403 404", asked),
    Row("segmentation:change_withdraw", "302 403 403 403 302 403 302 403 404", asked, "post", note),
    Row("api:counter_changes", "401 405 405 405 405 405 405 405 405"),
    Row(
        "api:counter_changes", "401 403 403 403 201 403 201 403 404", method="post",
        data=lambda cast: {"client_no": cast.wu.client_no, "words": "联系不上"},
    ),
    Row("segmentation:client_changes", "302 403 403 403 200 200 404 403 404", wu),
]  # fmt: skip
