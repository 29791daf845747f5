"""Access to the pages of clients."""

from __future__ import annotations

from tests.access.row import Row, li, wu
from tests.conftest import Cast

ARCHIVE = {"importance": "basic", "service_mode": "offsite", "version": "1"}


def ids(cast: Cast) -> dict[str, object]:
    return {"ids": [cast.wu.pk], "importance": "important"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("clients:list", "302 200 200 200 200 200 403 403 200"),
    Row("clients:suggest", "302 200 200 200 200 200 403 403 200"),
    Row("clients:export", "302 405 405 405 405 405 405 405 405"),
    Row(
        "clients:export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: {"reason": "座谈邀约"}
    ),
    Row("clients:mark_importance", "302 405 405 405 405 405 405 405 405"),
    Row("clients:mark_importance", "302 302 302 302 302 403 403 403 302", method="post", data=ids),
    Row("clients:owner_panel", "302 403 403 200 200 200 403 200 404", li),
    Row("clients:detail", "302 200 404 200 200 200 403 403 404", wu),
    Row("clients:edit", "302 200 404 200 200 403 403 403 404", wu),
    Row("clients:edit", "302 302 404 302 302 403 403 403 404", wu, "post", lambda cast: ARCHIVE),
    Row("clients:preferences", "302 200 404 200 200 403 403 403 404", wu),
    Row("clients:preferences", "302 422 404 422 422 403 403 403 404", wu, "post"),
    Row("clients:unmask", "302 405 405 405 405 405 405 405 405", wu),
    Row("clients:unmask", "302 200 404 200 200 200 403 403 404", wu, "post", lambda cast: {"field": "phone"}),
]
