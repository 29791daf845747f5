"""Whose tier, type or place in the core group a night changed."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from office.models import Employee, JobRun
from segmentation.models import ClientScore, CoreMembership

KINDS = {
    "tier": "等级变更",
    "up": "等级上升",
    "down": "等级下降",
    "type": "类型变更",
    "core": "核心客户进出",
    "core_in": "进入核心",
    "core_out": "离开核心",
}
HAD_TIER = Q(previous_tier_no__gte=0)
MOVES = {
    "tier": HAD_TIER & ~Q(previous_tier_no=F("tier_no")),
    "up": HAD_TIER & Q(tier_no__gt=F("previous_tier_no")),
    "down": HAD_TIER & Q(tier_no__lt=F("previous_tier_no")),
    "type": Q(previous_type_no__gte=0) & ~Q(previous_type_no=F("type_no")),
}


def changed_clients(user: Employee, night: JobRun, kind: str) -> QuerySet[ClientScore]:
    """Return the scores of the clients `user` may see that the night changed in that way (a key of KINDS)."""
    run = night.detail.get("run", 0)
    rows = ClientScore.objects.visible_to(user).filter(run_id=run, as_of=night.as_of)
    rows = rows.select_related("client", "client__standing__manager")
    if kind in MOVES:
        return rows.filter(MOVES[kind])
    entered, left = Q(entered_run=run), Q(left_run=run)
    moved = CoreMembership.objects.filter({"core_in": entered, "core_out": left}.get(kind, entered | left))
    return rows.filter(client__in=moved.values("client"))
