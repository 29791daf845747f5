"""Access to the pages of segmentation."""

from __future__ import annotations

from datetime import date

from segmentation.operations.weights import ensure_weights
from tests.access.row import Row, wu
from tests.conftest import Cast

PURPOSE = {"reason": "9月经理会"}


def total(cast: Cast) -> dict[str, object]:
    return {"table": "total"}


def version(cast: Cast) -> dict[str, object]:
    """The version a branch begins with, approved already."""
    return {"pk": ensure_weights(cast.branch, date(2026, 8, 21)).pk}


def without_figures(cast: Cast) -> dict[str, object]:
    version(cast)
    return {"a": "0.5"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("segmentation:ranking", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:ranking_export", "302 405 405 405 405 405 405 405 405"),
    Row("segmentation:ranking_export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("segmentation:grid", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:report", "302 200 200 200 200 200 403 403 200", total),
    Row("segmentation:report_export", "302 403 403 200 200 200 403 403 200", total, "post", lambda cast: PURPOSE),
    Row("segmentation:core", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:core_export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("segmentation:weights", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:weights_try", "302 403 403 403 422 403 403 403 404", method="post", data=without_figures),
    Row("segmentation:weights_propose", "302 403 403 403 422 403 403 403 404", method="post", data=without_figures),
    Row("segmentation:weights_list", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:weights_detail", "302 200 200 200 200 200 403 403 404", version),
    Row("segmentation:weights_effects", "302 409 409 409 409 409 403 403 404", version),
    Row("segmentation:weights_submit", "302 403 403 403 409 403 403 403 404", version, "post"),
    Row("segmentation:weights_approve", "302 403 403 403 409 403 403 403 404", version, "post"),
    Row("segmentation:weights_reject", "302 403 403 403 422 403 403 403 404", version, "post"),
    Row("segmentation:client_value", "302 200 404 200 200 200 403 403 404", wu),
    Row("segmentation:client_panel", "302 200 404 200 200 200 403 403 404", wu),
    Row("segmentation:client_history", "302 200 404 200 200 200 403 403 404", wu),
    Row("segmentation:tier_override", "302 403 403 403 200 403 403 403 404", wu),
    Row("segmentation:tier_override", "302 403 403 403 422 403 403 403 404", wu, "post"),
    Row("segmentation:tier_override_end", "302 403 403 403 422 403 403 403 404", wu, "post"),
]
