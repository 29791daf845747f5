"""What became of the law's deadline: breaches are told to compliance, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from office.audit import record
from office.jobs import Ledger
from office.menu import link
from office.models import Branch, Employee, Role
from office.operations.notices import notify
from retention.models import ClosureRequest


@transaction.atomic
def tell_breaches(branch: Branch, now: datetime) -> Ledger:
    """Tell compliance and the head of the branch of every request past its deadline; of each one once."""
    late = list(ClosureRequest.objects.filter(branch=branch).late(now).select_related("client"))
    ledger = Ledger(seen=len(late))
    concerned = [
        person
        for person in Employee.objects.filter(branch=branch, is_active=True)
        if person.has_role(Role.COMPLIANCE, Role.BRANCH_MANAGER)
    ]
    for request in late:
        text = f"{request.request_no} {request.what}已过法定时限，尚未办结"
        if notify(concerned, f"closure-late:{request.pk}", text, link("retention:request_detail", request.pk)):
            record("retention.request_breached", request, by=None, branch_id=branch.pk)
            ledger.changed += 1
    return ledger
