"""Access to the pages of the roof: today, cockpit, night."""

from __future__ import annotations

from datetime import date

from office.models import JobRun
from tests.access.row import Row
from tests.conftest import Cast


def night(cast: Cast) -> dict[str, object]:
    """A night of the branch that a gate refused."""
    gate = {"code": "tiers", "label": "等级变更", "limit": "≤ 5.00%", "value": "7.00%", "passed": False, "note": ""}
    run = JobRun.objects.create(
        name="night",
        branch=cast.branch,
        as_of=date(2026, 8, 21),
        state=JobRun.State.FAILED,
        detail={"outcome": "refused", "gates": [gate], "figures": {}, "run": 0},
    )
    return {"pk": run.pk}


def friday(cast: Cast) -> dict[str, object]:
    return {"day": "2026-08-21"}


def acceptance(cast: Cast) -> dict[str, object]:
    return {"gates": ["tiers"], "reason": "已与柜台核对"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("today", "302 200 200 200 200 200 200 200 200"),
    Row("api_docs", "302 200 200 200 200 200 200 200 200"),
    Row("cockpit", "302 403 403 200 200 200 403 403 200"),
    Row("tier_moves", "302 403 403 404 404 404 403 403 404"),
    Row("night_list", "302 403 403 403 200 200 403 200 200"),
    Row("night_detail", "302 403 403 403 200 200 403 200 404", night),
    Row("night_live", "302 403 403 403 204 204 403 204 404", night),
    Row("night_changes", "302 200 200 200 200 200 403 403 404", night),
    Row("night_run", "302 405 405 405 405 405 405 405 405"),
    Row("night_run", "302 403 403 403 302 403 403 302 302", method="post", data=friday),
    Row("night_accept", "302 403 403 403 200 403 403 403 404", night),
    Row("night_accept", "302 403 403 403 302 403 403 403 404", night, "post", acceptance),
]
