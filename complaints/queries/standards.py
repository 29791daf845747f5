"""The service standard, version by version."""

from __future__ import annotations

from complaints.models import ServiceStandard
from office.models import Employee
from office.rights import branch_ids


def standards(user: Employee) -> list[ServiceStandard]:
    """Return what was published for the branch of `user`, latest first: everybody who works there reads it."""
    rows = ServiceStandard.objects.filter(branch__in=branch_ids(user)).select_related("published_by")
    return list(rows.order_by("-version")[:20])
