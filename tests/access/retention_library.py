"""Access to the pages around a case: reasons, responses, drills, accounts elsewhere, grievances, who left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from retention.models import Drill, Grievance, OtherAccount
from retention.operations.drills import plan_drill
from retention.operations.grievances import log_grievance
from retention.operations.wallet import note_other_account
from tests.access.row import Row, wu
from tests.conftest import Cast

PURPOSE = {"reason": "季度挽留例会"}
SHEET = {"listen": "4", "no_pressure": "5", "lawful": "5", "clear": "4"}


def commission(cast: Cast) -> dict[str, Any]:
    """The reason 佣金过高."""
    return {"reason": "commission"}


def planned(cast: Cast) -> dict[str, Any]:
    """A drill of li's team."""
    made = Drill.objects.filter(branch=cast.branch, state="planned").first() or plan_drill(
        cast.branch, title="佣金过高", planned_on=timezone.localdate() + timedelta(days=7), team=cast.team,
        participants=[cast.li], scene={"reason": "commission"}, by=cast.chen,
    )  # fmt: skip
    return {"pk": made.pk}


def elsewhere(cast: Cast) -> dict[str, Any]:
    """An account of wu with another broker."""
    made = OtherAccount.objects.filter(client=cast.wu, ended_on=None).first() or note_other_account(
        cast.wu, broker="东海证券", source="client", learnt_on=timezone.localdate(), is_agreed=True, by=cast.li
    )
    return {"pk": made.pk}


def unhappy(cast: Cast) -> dict[str, Any]:
    """A grievance of wu."""
    made = Grievance.objects.filter(client=cast.wu, closed_at=None).first() or log_grievance(
        cast.wu, kind="service", text="电话难打通", owner=cast.li, by=cast.li
    )
    return {"pk": made.pk}


def account(cast: Cast) -> dict[str, Any]:
    """What the form of an account elsewhere sends; a broker of its own each time."""
    number = OtherAccount.objects.count()
    day = timezone.localdate().isoformat()
    return {"broker": f"券商{number}", "source": "client", "learnt_on": day, "is_agreed": "on"}


def heard(cast: Cast) -> dict[str, Any]:
    """What the form of a grievance sends."""
    return {"kind": "service", "text": "电话难打通", "owner": cast.li.pk}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("retention:reasons", "302 200 200 200 200 200 200 403 200"),
    Row("retention:reason_export", "302 403 403 403 200 200 403 403 200"),
    Row("retention:reason_export", "302 403 403 403 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:responses", "302 200 200 200 200 200 200 403 200"),
    Row("retention:response_detail", "302 200 200 200 200 200 200 403 200", commission),
    Row("retention:response_write", "302 403 403 403 200 403 403 403 200", commission),
    Row(
        "retention:response_write", "302 403 403 403 302 403 403 403 302", commission, "post",
        lambda cast: {"version": 0, "text": "先听客户说完，费率走审批"},
    ),
    Row("retention:drill_list", "302 200 200 200 200 200 200 403 200"),
    Row("retention:drill_plan", "302 403 403 200 200 403 403 403 200"),
    Row("retention:drill_plan", "302 403 403 422 422 403 403 403 422", method="post"),
    Row("retention:drill_export", "302 403 403 200 200 403 403 403 200"),
    Row("retention:drill_export", "302 403 403 200 200 403 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:drill_detail", "302 200 200 200 200 200 200 403 404", planned),
    Row("retention:drill_hold", "302 403 403 200 200 403 403 403 404", planned),
    Row(
        "retention:drill_hold", "302 403 403 302 302 403 403 403 404", planned, "post",
        lambda cast: {"version": 1, "held_on": timezone.localdate().isoformat(), "lessons": "先听完", **SHEET},
    ),
    Row("retention:drill_cancel", "302 403 403 200 200 403 403 403 404", planned),
    Row(
        "retention:drill_cancel", "302 403 403 302 302 403 403 403 404", planned, "post",
        lambda cast: {"version": 1, "reason": "改期"},
    ),
    Row("retention:wallet_list", "302 200 200 200 200 200 403 403 200"),
    Row("retention:wallet_export", "302 403 403 200 200 200 403 403 200"),
    Row("retention:wallet_export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:wallet_panel", "302 200 404 200 200 200 403 403 404", wu),
    Row("retention:wallet_note", "302 200 404 200 200 403 403 403 404", wu),
    Row("retention:wallet_note", "302 302 404 302 302 403 403 403 404", wu, "post", account),
    Row("retention:wallet_change", "302 200 404 200 200 403 403 403 404", elsewhere),
    Row(
        "retention:wallet_change", "302 302 404 302 302 403 403 403 404", elsewhere, "post",
        lambda cast: {"version": OtherAccount.objects.get().version, "assets_wan": "30"},
    ),
    Row("retention:wallet_end", "302 200 404 200 200 403 403 403 404", elsewhere),
    Row("retention:wallet_end", "302 302 404 302 302 403 403 403 404", elsewhere, "post", lambda cast: {"version": 1}),
    Row("retention:grievance_list", "302 200 200 200 200 200 403 403 200"),
    Row("retention:grievance_export", "302 403 403 200 200 200 403 403 200"),
    Row("retention:grievance_export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:grievance_panel", "302 200 404 200 200 200 403 403 404", wu),
    Row("retention:grievance_log", "302 200 404 200 200 200 403 403 404", wu),
    Row("retention:grievance_log", "302 302 404 302 302 302 403 403 404", wu, "post", heard),
    Row("retention:grievance_give", "302 200 404 200 200 200 403 403 404", unhappy),
    Row("retention:grievance_give", "302 422 404 422 422 422 403 403 404", unhappy, "post"),
    Row("retention:grievance_close", "302 200 404 200 200 200 403 403 404", unhappy),
    Row(
        "retention:grievance_close", "302 302 404 302 302 302 403 403 404", unhappy, "post",
        lambda cast: {"version": 1, "action": "已回电致歉"},
    ),
    Row("retention:winback_list", "302 200 200 200 200 200 403 403 200"),
    Row("retention:winback_export", "302 403 403 403 200 200 403 403 200"),
    Row("retention:winback_export", "302 403 403 403 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
]  # fmt: skip
