"""What a client is unhappy with, short of a complaint: heard, given to somebody, put right (RET-08)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.models import Client
from clients.models.scope import ClientRows
from office.models import Branch


class GrievanceQuerySet(ClientRows["Grievance"]):
    def open(self) -> GrievanceQuerySet:
        """Keep what is not put right yet."""
        return self.filter(closed_at=None)


class Grievance(models.Model):
    """One grievance; closed with what was done. Who wants to complain is helped to do so instead."""

    class Kind(models.TextChoices):
        SERVICE = "service", "服务"
        COMMISSION = "commission", "佣金"
        SOFTWARE = "software", "软件"
        PRODUCT = "product", "产品"
        PROCESS = "process", "业务办理"
        OTHER = "other", "其他"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="grievances")
    kind = models.CharField("类别", max_length=12, choices=Kind)
    text = models.CharField("内容", max_length=400)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("期限")
    logged_at = models.DateTimeField("登记", auto_now_add=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField("处理", max_length=400, blank=True)
    closed_at = models.DateTimeField("办结", null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = GrievanceQuerySet.as_manager()

    class Meta:
        verbose_name = "客户不满"
        constraints = [
            models.CheckConstraint(condition=Q(closed_at=None) | ~Q(action=""), name="grievance_closed_with_action")
        ]
        indexes = [
            models.Index(fields=["branch", "due_on", "id"], condition=Q(closed_at=None), name="grievance_open"),
            models.Index(fields=["branch", "-logged_at", "-id"], name="grievance_by_branch"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text[:20]}"

    def is_late(self, today: date) -> bool:
        """Whether it should have been put right before today."""
        return self.closed_at is None and self.due_on < today
