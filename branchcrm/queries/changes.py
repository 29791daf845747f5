"""Whose tier, type or place in the core group a night changed."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from office.models import Employee, JobRun
from segmentation.models import ClientScore, CoreMembership

KINDS = {"tier": "等级变更", "type": "类型变更", "core": "核心客户进出"}


def changed_clients(user: Employee, night: JobRun, kind: str) -> QuerySet[ClientScore]:
    """Return the scores of the clients `user` may see that the night changed in that way (a key of KINDS)."""
    run = night.detail.get("run", 0)
    rows = ClientScore.objects.visible_to(user).filter(run_id=run, as_of=night.as_of)
    rows = rows.select_related("client", "client__standing__manager")
    if kind == "tier":
        return rows.filter(previous_tier_no__gte=0).exclude(previous_tier_no=F("tier_no"))
    if kind == "type":
        return rows.filter(previous_type_no__gte=0).exclude(previous_type_no=F("type_no"))
    moved = CoreMembership.objects.filter(Q(entered_run=run) | Q(left_run=run))
    return rows.filter(client__in=moved.values("client"))
