"""Access to the pages of churn."""

from __future__ import annotations

from datetime import date

from retention.models import PointSet
from retention.models.churn import house_points
from retention.operations.points import Proposal, ensure_points, propose_points
from tests.access.row import Row, wu
from tests.conftest import Cast

PURPOSE = {"reason": "9月挽留例会"}


def in_force(cast: Cast) -> dict[str, object]:
    """The version a branch begins with, approved already."""
    return {"pk": ensure_points(cast.branch, date(2026, 8, 21)).pk}


def submitted(cast: Cast) -> dict[str, object]:
    """A version that zhao proposed and nobody decided about."""
    in_force(cast)
    waiting = PointSet.objects.filter(branch=cast.branch, state="submitted").first()
    made = waiting or propose_points(cast.branch, Proposal(house_points(), note="按季度回测"), by=cast.zhao)
    return {"pk": made.pk}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("retention:list", "302 200 200 200 200 200 403 403 200"),
    Row("retention:export", "302 405 405 405 405 405 405 405 405"),
    Row("retention:export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:client_panel", "302 200 404 200 200 200 403 403 404", wu),
    Row("retention:backtest", "302 403 403 200 200 200 403 403 200"),
    Row("retention:points", "302 403 403 200 200 200 403 403 200"),
    Row("retention:points_new", "302 403 403 403 200 403 403 403 200"),
    Row("retention:points_new", "302 403 403 403 422 403 403 403 422", method="post"),
    Row("retention:points_detail", "302 403 403 200 200 200 403 403 404", in_force),
    Row("retention:points_effects", "302 403 403 409 409 409 403 403 404", submitted),
    Row("retention:points_approve", "302 403 403 403 409 403 403 403 404", submitted, "post"),
    Row("retention:points_reject", "302 403 403 403 422 403 403 403 404", submitted, "post"),
]
