"""Access to independent return visits: nobody who sells plans, makes or reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from office.models import Employee
from service_logs.models import ReturnVisit, SpotCheck, VisitPlan
from service_logs.rules.visits import EXPECTED, TOPICS
from tests.access.row import Row
from tests.conftest import Cast

EMPTY = {"version": "1"}


def owed(cast: Cast, caller: Employee | None = None, **fields: Any) -> ReturnVisit:
    """A visit of wu that is still to be made."""
    values: dict[str, Any] = {
        "kind": "existing", "occurrence": "2026", "due_on": date(2026, 12, 31), "manager": cast.li,
    }  # fmt: skip
    return ReturnVisit.objects.create(branch=cast.branch, client=cast.wu, caller=caller, **{**values, **fields})


def visit(cast: Cast) -> dict[str, Any]:
    """One that nobody was given yet."""
    return {"pk": owed(cast).pk}


def of_qian(cast: Cast) -> dict[str, Any]:
    return {"pk": owed(cast, cast.qian).pk}


def made(cast: Cast) -> dict[str, Any]:
    """One that was made, without a recording."""
    day = date(2026, 8, 20)
    fields = {"state": "done", "done_on": day, "kept_until": date(2046, 8, 20), "outcome": "clean"}
    return {"pk": owed(cast, cast.qian, **fields).pk}


def plan(cast: Cast) -> dict[str, Any]:
    """The plan of the branch, with nobody to draw."""
    row = VisitPlan.objects.create(
        branch=cast.branch, year=2026, base_count=0, ratio=Decimal("0.1"), certainty="B", source="公告", target=0,
        seed=1, made_by=cast.qian,
    )  # fmt: skip
    return {"pk": row.pk}


def drawn(cast: Cast) -> SpotCheck:
    return SpotCheck.objects.create(
        branch=cast.branch, population=1, size=1, seed=1, made_by=cast.qian, made_on=date(2026, 8, 20),
        due_on=date(2026, 9, 4),
    )  # fmt: skip


def check(cast: Cast) -> dict[str, Any]:
    return {"pk": drawn(cast).pk}


def checked(cast: Cast) -> dict[str, Any]:
    return {"pk": owed(cast, kind="spot_check", occurrence="check", check_of=drawn(cast)).pk}


def answers(cast: Cast) -> dict[str, Any]:
    return {"version": "1", **{f"said_{topic.key}": EXPECTED for topic in TOPICS}}


def to_qian(cast: Cast) -> dict[str, Any]:
    return {"version": "1", "caller": cast.qian.pk}


def figures(cast: Cast) -> dict[str, Any]:
    return {"ratio": "10", "seed": "7"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("service_logs:visit_plan", "302 403 403 403 200 200 403 403 200"),
    Row("service_logs:visit_plan_make", "302 403 403 403 403 200 403 403 403"),
    Row("service_logs:visit_plan_make", "302 403 403 403 403 302 403 403 403", method="post", data=figures),
    Row("service_logs:visit_plan_add", "302 405 405 405 405 405 405 405 405", plan),
    Row("service_logs:visit_plan_add", "302 403 403 403 403 302 403 403 403", plan, "post"),
    Row("service_logs:visit_give_out", "302 405 405 405 405 405 405 405 405"),
    Row("service_logs:visit_give_out", "302 403 403 403 403 302 403 403 403", method="post"),
    Row("service_logs:visit_calls", "302 403 403 403 403 200 403 403 403"),
    Row("service_logs:visit_list", "302 403 403 403 200 200 403 403 200"),
    Row("service_logs:visit_export", "302 403 403 403 403 200 403 403 403"),
    Row(
        "service_logs:visit_export", "302 403 403 403 403 200 403 403 403", method="post",
        data=lambda cast: {"reason": "季度报送"},
    ),
    Row("service_logs:visit_detail", "302 403 403 403 200 200 403 403 404", visit),
    Row("service_logs:visit_record", "302 403 403 403 403 200 403 403 403", visit),
    Row("service_logs:visit_record", "302 403 403 403 403 302 403 403 403", of_qian, "post", answers),
    Row("service_logs:visit_tried", "302 405 405 405 405 405 405 405 405", visit),
    Row("service_logs:visit_tried", "302 403 403 403 403 302 403 403 403", visit, "post", lambda cast: EMPTY),
    Row("service_logs:visit_assign", "302 403 403 403 403 200 403 403 403", visit),
    Row("service_logs:visit_assign", "302 403 403 403 403 302 403 403 403", visit, "post", to_qian),
    Row("service_logs:visit_recording", "302 403 403 403 403 200 403 403 403", made),
    Row(
        "service_logs:visit_recording", "302 403 403 403 403 302 403 403 403", made, "post",
        lambda cast: {"version": "1", "recording_ref": "REC-20260820-7"},
    ),
    Row("service_logs:visit_checks", "302 403 403 403 200 200 403 403 200"),
    Row("service_logs:visit_check_draw", "302 403 403 403 403 200 403 403 403"),
    Row(
        "service_logs:visit_check_draw", "302 403 403 403 403 422 403 403 403", method="post",
        data=lambda cast: {"size": "5", "seed": "3"},
    ),
    Row("service_logs:visit_check_detail", "302 403 403 403 200 200 403 403 404", check),
    Row("service_logs:visit_check_finding", "302 403 403 403 403 200 403 403 403", checked),
    Row(
        "service_logs:visit_check_finding", "302 403 403 403 403 302 403 403 403", checked, "post",
        lambda cast: {"version": "1", "finding": "in_order"},
    ),
]  # fmt: skip
