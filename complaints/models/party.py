"""Who of the branch a complaint is about."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from complaints.models.complaint import Complaint

NOT_ACTING = """
IF EXISTS (SELECT 1 FROM complaints_complaint c
           WHERE c.id = NEW.complaint_id AND NEW.employee_id IN (c.handler_id, c.approver_id, c.reviewer_id)) THEN
    RAISE EXCEPTION 'complaints: nobody named in a complaint handles or approves it';
END IF;
RETURN NEW;
"""


class ComplaintParty(models.Model):
    """One person named in a complaint: he neither acts on it nor sees it, until compliance releases the words to him.

    `came_by` is the repeat through which he came to be named here.
    """

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="parties", db_index=False)
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    named_at = models.DateTimeField("列入时间")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    came_by = models.ForeignKey(Complaint, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    released_at = models.DateTimeField("准予查看", null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "被投诉人"
        constraints = [
            models.UniqueConstraint(fields=["complaint", "employee"], name="party_once_per_complaint"),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_by__isnull=False), name="party_released_by_somebody"
            ),
        ]
        indexes = [models.Index(fields=["employee", "complaint"], name="party_by_employee")]  # visible_to
        triggers = [
            pgtrigger.Trigger(
                name="named_do_not_act", when=pgtrigger.Before, operation=pgtrigger.Insert, func=NOT_ACTING
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}·{self.employee_id}"
