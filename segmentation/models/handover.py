"""Clients that changed hands, and that the new manager has read what the former one knew (nightly.md §5.5)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models import Client, Tier
from clients.models.scope import ClientRows
from office.models import Branch, Employee
from segmentation.models.allocation import AllocationPlan


class HandoverQuerySet(ClientRows["Handover"]):
    def overdue(self, on: date) -> HandoverQuerySet:
        """Keep those whose dossier should have been read before `on`."""
        return self.filter(state=Handover.State.OPEN, confirm_by__lt=on)


class Handover(models.Model):
    """One client given from one manager to another: the cover of the dossier, with the figures of that day."""

    class State(models.TextChoices):
        OPEN = "open", "待确认"
        CONFIRMED = "confirmed", "已确认"
        WITHDRAWN = "withdrawn", "已失效"  # the client moved on or went back

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="handovers")
    plan = models.ForeignKey(AllocationPlan, on_delete=models.PROTECT, null=True, related_name="handovers")
    from_manager = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_manager = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField("原因", max_length=120, blank=True)
    effective_on = models.DateField("生效")
    confirm_by = models.DateField("确认期限")
    substitute_until = models.DateField("原经理代理至", null=True)  # his last day; null: he does not stand in
    tier = models.CharField("等级", max_length=10, choices=Tier)  # of the client on that day, as all figures below
    value = models.FloatField("价值")
    assets_fen = models.BigIntegerField("资产")
    commission_fen = models.BigIntegerField("12 个月净佣金")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField("建档", auto_now_add=True)
    confirmed_at = models.DateTimeField("确认", null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "交接档案"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(state="open"), name="one_open_handover_per_client"),
            models.CheckConstraint(
                condition=Q(state="open", confirmed_at=None)
                | Q(state="confirmed", confirmed_at__isnull=False)
                | Q(state="withdrawn"),
                name="handover_confirmed_has_time",
            ),
        ]
        indexes = [
            # segmentation:handover_list: mine and the branch's, the next deadline first
            models.Index(fields=["to_manager", "state", "confirm_by"], name="handover_of_manager"),
            models.Index(fields=["branch", "state", "confirm_by"], name="handover_of_branch"),
        ]

    def __str__(self) -> str:
        return f"客户 {self.client.client_no} 的交接档案"

    def get_absolute_url(self) -> str:
        return reverse("segmentation:handover_detail", args=[self.pk])
