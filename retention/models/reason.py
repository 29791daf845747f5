"""What the branch answers to each reason for leaving: written anew, never edited (RET-03)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from office.models import Branch, Employee
from retention.models.closure import Reason


class ResponseQuerySet(models.QuerySet["ResponseNote"]):
    def visible_to(self, user: Employee) -> Self:
        """Keep the responses of the user's branch."""
        return self.filter(branch_id=user.branch_id or 0)


class ResponseNote(models.Model):
    """One version of what helped with a reason; the latest version of a reason holds."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("原因", max_length=20, choices=Reason)
    version = models.PositiveIntegerField("版本")
    text = models.CharField("应对", max_length=600)
    worked = models.CharField("有效的做法", max_length=400, blank=True)
    made_at = models.DateTimeField("写于", auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = "应对办法"
        constraints = [models.UniqueConstraint(fields=["branch", "reason", "version"], name="response_version_once")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} V{self.version}"
