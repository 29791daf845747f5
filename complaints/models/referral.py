"""What was asked of other departments (CMP-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from complaints.models.complaint import Complaint
from office.rights import Principal

if TYPE_CHECKING:
    from typing import Self


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep what was asked about complaints that `user` may know of."""
        return self.filter(complaint__in=Complaint.objects.visible_to(user))

    def open(self) -> Self:
        """Keep what is not answered yet."""
        return self.filter(answered_at=None)


class Referral(models.Model):
    """One department asked for its part in one complaint; its answer is awaited by `due_at`."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="referrals")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.TextField("请办事项")
    sent_at = models.DateTimeField("转交时间")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField("时限")
    answer = models.TextField("回复", blank=True)
    answered_at = models.DateTimeField("回复时间", null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "投诉转交"
        constraints = [
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answer=""), name="referral_answer_says_something")
        ]
        indexes = [models.Index(fields=["employee", "answered_at", "due_at"], name="referral_of_employee")]

    def __str__(self) -> str:
        return f"{self.complaint_id}→{self.employee_id}"
