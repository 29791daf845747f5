"""A tier set by hand: a director's decision with a reason and an end, shown wherever the tier is."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from clients.models import Client, ClientStanding, Tier
from office.audit import record
from office.errors import DomainError
from office.models import Employee
from segmentation.models import TierHistory

LONGEST_DAYS = 366  # of an override: twelve months
Reason = TierHistory.Reason


class OverrideRefused(DomainError):
    """A tier is set by hand with a reason, for at most twelve months, and to something else than it is."""


@transaction.atomic
def override_tier(client: Client, tier: str, *, reason: str, until: date, on: date, by: Employee) -> TierHistory:
    """Set the tier of `client` from the business date `on` until `until`, whatever the figures say.

    The standing shows it at once; nights keep it until it ends and then place the client by the
    figures again. Raises OverrideRefused.
    """
    standing = ClientStanding.objects.select_for_update(of=("self",)).get(client=client)
    if not reason.strip():
        raise OverrideRefused("人工定级须写明理由")
    if not on <= until <= on + timedelta(days=LONGEST_DAYS):
        raise OverrideRefused("人工定级的期限须在今天之后、十二个月之内")
    if tier not in Tier.values or tier == standing.tier:
        raise OverrideRefused("请选择与现等级不同的等级")
    made = TierHistory.objects.create(
        client=client,
        as_of=on,
        from_tier=standing.tier,
        to_tier=tier,
        from_grade=standing.grade,
        to_grade=standing.grade,
        reason=Reason.OVERRIDE,
        detail=reason.strip()[:200],
        override_by=by,
        until=until,
    )
    ClientStanding.objects.filter(client=client).update(tier=tier)
    record(
        "segmentation.tier_overridden", client, by=by, before=standing.tier, after={"tier": tier, "until": str(until)},
        reason=reason.strip()[:200],
    )  # fmt: skip
    return made


@transaction.atomic
def end_override(client: Client, *, reason: str, on: date, by: Employee) -> TierHistory:
    """End a tier set by hand before its time; the next night places the client by the figures.

    Raises OverrideRefused.
    """
    ClientStanding.objects.select_for_update(of=("self",)).get(client=client)  # of two people only one ends it
    latest = TierHistory.objects.filter(client=client, reason__in=(Reason.OVERRIDE, Reason.OVERRIDE_ENDED))
    override = latest.order_by("-pk").first()
    if override is None or override.reason != Reason.OVERRIDE or (override.until and override.until < on):
        raise OverrideRefused("该客户没有生效中的人工定级")
    made = TierHistory.objects.create(
        client=client,
        as_of=on,
        from_tier=override.to_tier,
        to_tier=override.to_tier,
        from_grade=override.to_grade,
        to_grade=override.to_grade,
        reason=Reason.OVERRIDE_ENDED,
        detail=reason.strip()[:200] or "提前结束，次晚按数据评定",
        override_by=by,
    )
    record("segmentation.override_ended", client, by=by, before=override.to_tier, reason=reason.strip()[:200])
    return made
