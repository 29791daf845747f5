"""What became of the law's deadline: breaches are told to compliance, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from office.audit import record
from office.jobs import Ledger
from office.menu import link
from office.models import Branch, Employee, Role
from office.operations.notices import notify
from retention.models import ClosureRequest

CONCERNED = (Role.COMPLIANCE, Role.BRANCH_MANAGER)


@transaction.atomic
def tell_breaches(branch: Branch, now: datetime) -> Ledger:
    """Note every request of the branch that passed its deadline unserved, and tell compliance; of each one once."""
    late = ClosureRequest.objects.filter(branch=branch, breached_at=None).late(now)
    ledger = Ledger()
    for request in late.order_by("pk"):
        ledger.seen += 1
        ledger.changed += note_breach(request)
    return ledger


@transaction.atomic
def note_breach(request: ClosureRequest) -> bool:
    """Write down the deadline that passed and tell compliance and the head of the branch; False if that was done."""
    fresh = ClosureRequest.objects.filter(pk=request.pk, breached_at=None)
    if fresh.update(breached_at=F("deadline_at")) != 1:
        return False
    request.refresh_from_db(fields=["breached_at"])
    people = Employee.objects.filter(branch=request.branch_id, is_active=True)
    concerned = [person for person in people if person.has_role(*CONCERNED)]
    text = f"{request.request_no} {request.what}超过法定时限仍未办结"
    notify(concerned, f"closure-late:{request.pk}", text, link("retention:request_detail", request.pk))
    record("retention.request_breached", request, by=None, branch_id=request.branch_id)
    return True
