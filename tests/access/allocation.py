"""Access to the pages of allocation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from clients.models import ClientStanding
from office.models import Employee
from office.operations.calendar import seed_calendar
from office.queries.days import forget_calendars
from segmentation.models import AllocationPlan, ClientSuggestion, Handover, PlanLine
from tests.access.row import Row, wu
from tests.conftest import Cast

PURPOSE = {"reason": "9月经理会"}


def plan(state: str) -> Callable[[Cast], dict[str, Any]]:
    """Return what makes a plan in that state, wu to go from li to wang."""

    def make(cast: Cast) -> dict[str, Any]:
        seed_calendar()
        forget_calendars()
        made = AllocationPlan.objects.create(
            branch=cast.branch, plan_no="P-2608-01", kind="full", state=state, as_of=date(2026, 8, 21),
            effective_on=date(2026, 8, 25), undo_until=date(2099, 12, 31),
            applied_by=cast.zhao, approved_by=cast.zhao, undone_by=cast.zhao,
        )  # fmt: skip
        PlanLine.objects.create(
            plan=made, client=cast.wu, from_manager=cast.li, to_manager=cast.wang, reason="low_fit", minutes=1,
            state={"applied": "applied", "approved": "approved"}.get(state, "pending"),
        )  # fmt: skip
        return {"pk": made.pk}

    return make


def chosen(cast: Cast) -> dict[str, Any]:
    """Every line there is, to be approved."""
    return {"ids": list(PlanLine.objects.values_list("pk", flat=True)), "decision": "approve"}


def gone(cast: Cast) -> dict[str, Any]:
    """Li, who has left."""
    Employee.objects.filter(pk=cast.li.pk).update(is_active=False, left_on=date(2026, 8, 20))
    return {"pk": cast.li.pk}


def word(cast: Cast) -> dict[str, Any]:
    """What wu says of li."""
    return {"employee": cast.li.pk, "kind": "stay", "said_on": "2026-08-24"}


def handed(to: str) -> Callable[[Cast], dict[str, Any]]:
    """Return what makes the open dossier of wu, who has gone from li to that person."""

    def make(cast: Cast) -> dict[str, Any]:
        ClientStanding.objects.filter(client=cast.wu).update(manager=cast.people[to])
        made = Handover.objects.create(
            branch=cast.branch, client=cast.wu, from_manager=cast.li, to_manager=cast.people[to], reason="团队调整",
            effective_on=date(2026, 8, 25), confirm_by=date(2026, 8, 28), tier="general", value=0, assets_fen=0,
            commission_fen=0,
        )  # fmt: skip
        return {"pk": made.pk}

    return make


def wish_for_wu(cast: Cast) -> dict[str, Any]:
    """That somebody would like to serve wu."""
    return {"client_no": cast.wu.client_no, "kind": "want", "note": "老同学"}


def said_by_wang(cast: Cast) -> dict[str, Any]:
    """What wang suggested about wu."""
    said = ClientSuggestion.objects.create(
        branch=cast.branch, employee=cast.wang, client=cast.wu, kind="want", note="老同学", said_on=date(2026, 8, 24)
    )
    return {"pk": said.pk}


TO_WANG = handed("wang")

DRAFT, PUBLISHED, APPROVED, APPLIED = (plan(state) for state in ("draft", "published", "approved", "applied"))

ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("segmentation:plan_list", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:plan_create", "302 405 405 405 405 405 405 405 405"),
    Row("segmentation:plan_create", "302 403 403 403 302 403 403 403 302", method="post"),
    Row("segmentation:plan_departure", "302 302 403 403 302 403 403 403 404", gone, "post"),
    Row("segmentation:plan_detail", "302 200 200 200 200 200 403 403 404", PUBLISHED),
    Row("segmentation:plan_print", "302 200 200 200 200 200 403 403 404", PUBLISHED),
    Row("segmentation:plan_export", "302 403 403 200 200 200 403 403 404", PUBLISHED, "post", lambda cast: PURPOSE),
    Row("segmentation:plan_publish", "302 403 403 403 302 403 403 403 404", DRAFT, "post"),
    Row("segmentation:plan_decide", "302 403 403 403 302 403 403 403 404", PUBLISHED, "post", chosen),
    Row("segmentation:plan_approve", "302 403 403 403 302 403 403 403 404", PUBLISHED, "post"),
    Row("segmentation:plan_reject", "302 403 403 403 200 403 403 403 404", PUBLISHED),
    Row("segmentation:plan_reject", "302 403 403 403 302 403 403 403 404", PUBLISHED, "post", lambda cast: PURPOSE),
    Row("segmentation:plan_apply", "302 403 403 403 200 403 403 403 404", APPROVED),
    Row("segmentation:plan_apply", "302 403 403 403 302 403 403 403 404", APPROVED, "post"),
    Row("segmentation:plan_undo", "302 403 403 403 200 403 403 403 404", APPLIED),
    Row("segmentation:plan_undo", "302 403 403 403 302 403 403 403 404", APPLIED, "post"),
    Row("segmentation:plan_undo_lines", "302 403 403 403 302 403 403 403 404", APPLIED, "post", chosen),
    Row("segmentation:handover_list", "302 200 200 200 200 200 403 403 200"),
    Row("segmentation:handover_detail", "302 404 200 404 200 200 403 403 404", TO_WANG),
    Row("segmentation:handover_print", "302 404 200 404 200 200 403 403 404", TO_WANG),
    Row("segmentation:handover_confirm", "302 405 405 405 405 405 405 405 405", TO_WANG),
    Row("segmentation:handover_confirm", "302 404 302 404 403 403 403 403 404", TO_WANG, "post"),
    Row("segmentation:suggestions", "302 200 200 200 403 403 403 403 403"),
    Row("segmentation:kinds_state", "302 405 405 405 405 405 405 405 405"),
    Row("segmentation:kinds_state", "302 302 302 302 403 403 403 403 403", None, "post", lambda cast: {"kinds": []}),
    Row("segmentation:suggestion_add", "302 409 302 302 403 403 403 403 403", None, "post", wish_for_wu),
    Row("segmentation:suggestion_add", "302 405 405 405 405 405 405 405 405"),
    Row("segmentation:suggestion_remove", "302 404 302 409 403 403 403 403 403", said_by_wang, "post"),
    Row("segmentation:suggestion_remove", "302 405 405 405 405 405 405 405 405", said_by_wang),
    Row("segmentation:matrix", "302 403 403 200 200 200 403 403 200"),
    Row("segmentation:wish", "302 200 404 200 200 403 403 403 404", wu),
    Row("segmentation:wish", "302 302 404 302 302 403 403 403 404", wu, "post", word),
]
