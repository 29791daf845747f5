"""Access to the pages of clients."""

from __future__ import annotations

from clients.models import ImportBatch
from tests.access.row import Row, li, wu
from tests.conftest import Cast

ARCHIVE = {"importance": "basic", "service_mode": "offsite", "version": "1"}


def ids(cast: Cast) -> dict[str, object]:
    return {"ids": [cast.wu.pk], "importance": "important"}


def batch(cast: Cast) -> dict[str, object]:
    """A delivery with rows of the branch, whose files are gone."""
    made = ImportBatch.objects.create(label="20260821", content_hash="x", state=ImportBatch.State.DONE)
    made.branches.add(cast.branch)
    return {"pk": made.pk}


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
    Row("clients:batch_list", "302 403 403 403 200 200 403 200 200"),
    Row("clients:batch_upload", "302 403 403 403 403 403 403 200 403"),
    Row("clients:batch_upload", "302 403 403 403 403 403 403 422 403", method="post", data=lambda cast: {"x": "1"}),
    Row("clients:batch_detail", "302 403 403 403 200 200 403 200 404", batch),
    Row("clients:batch_rerun", "302 405 405 405 405 405 405 405 405", batch),
    Row("clients:batch_rerun", "302 403 403 403 403 403 403 409 403", batch, "post"),
    Row("clients:quarantine_export", "302 405 405 405 405 405 405 405 405", batch),
    Row("clients:quarantine_export", "302 403 403 403 200 200 403 200 404", batch, "post"),
    Row("clients:detail", "302 200 404 200 200 200 403 403 404", wu),
    Row("clients:edit", "302 200 404 200 200 403 403 403 404", wu),
    Row("clients:edit", "302 302 404 302 302 403 403 403 404", wu, "post", lambda cast: ARCHIVE),
    Row("clients:preferences", "302 200 404 200 200 403 403 403 404", wu),
    Row("clients:preferences", "302 422 404 422 422 403 403 403 404", wu, "post"),
    Row("clients:unmask", "302 405 405 405 405 405 405 405 405", wu),
    Row("clients:unmask", "302 200 404 200 200 200 403 403 404", wu, "post", lambda cast: {"field": "phone"}),
]
