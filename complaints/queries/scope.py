"""Who reads the words of a complaint, and who may act on it: the reverse of `visible_to`, changed together with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from complaints.models import Complaint, ComplaintParty
from office.models import Employee, Leave
from office.rights import Principal, Reach, reach


def may_read_words(complaint: Complaint, user: Principal) -> bool:
    """Whether `user`, who sees the complaint, reads what was said and answered; others see its outline only.

    Who leads or watches reads; a manager reads what he wrote down, was asked about or was released to
    him. A key of another system never does.
    """
    if not isinstance(user, Employee):
        return False
    if reach(user) >= Reach.TEAM or user.pk in (complaint.handler_id, complaint.recorder_id, complaint.reviewer_id):
        return True
    return Complaint.objects.filter(pk=complaint.pk).worked_on_by(user).exists()


def is_named(complaint: Complaint, employee: Employee) -> bool:
    """Whether the complaint names `employee`, released to him or not."""
    return ComplaintParty.objects.filter(complaint=complaint, employee=employee).exists()


def naming(employee: Employee) -> QuerySet[ComplaintParty, Any]:
    """Return the ids, as text, of the complaints that name `employee` and whose words were not released to him."""
    rows = ComplaintParty.objects.filter(employee=employee, released_at=None)
    return rows.annotate(subject=Cast("complaint_id", CharField())).values("subject")


def party_ids(complaint: Complaint) -> frozenset[int]:
    """Return who is named in the complaint."""
    return frozenset(complaint.parties.values_list("employee_id", flat=True))


def leads(complaint: Complaint, employee: Employee, on: date) -> bool:
    """Whether `employee` handles the complaint: as its handler, in his stead, or above him."""
    if employee.branch_id != complaint.branch_id or not employee.has_perm("complaints.handle_complaint"):
        return False
    if employee.pk == complaint.handler_id or employee.has_perm("complaints.lead_complaint"):
        return True
    away = Leave.objects.filter(employee=complaint.handler_id or 0, starts_on__lte=on, ends_on__gte=on)
    return away.filter(substitute=employee).exists()
