"""Wishes of clients for another manager (ALC-08): asked for at the counter, decided by the director."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models import Client
from office.models import Branch, Employee, ServiceKey
from office.rights import Principal, branch_ids


class ChangeQuerySet(models.QuerySet["ManagerChangeRequest"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep those of the branch for who decides, watches or takes them in; never a change of one's own client.

        The present manager learns the outcome from the service relation alone, whatever posts he holds.
        """
        rows = self.filter(branch__in=branch_ids(user))
        if not isinstance(user, Employee):
            return rows
        if not user.is_active or not user.has_perm("segmentation.view_manager_change"):
            return rows.none()
        return rows.exclude(present=user)


class ManagerChangeRequest(models.Model):
    """One client who asks for another manager, a named one or any; a client has one open at a time."""

    class Reason(models.TextChoices):
        UNSAID = "unsaid", "客户未说明"
        SERVICE = "service", "对服务不满意"
        CONTACT = "contact", "联系不上或联系过少"
        EXPERTISE = "expertise", "希望更专业的服务"
        RELATION = "relation", "与另一位经理熟悉"
        OTHER = "other", "其他"

    class Channel(models.TextChoices):
        COUNTER = "counter", "柜台"
        PHONE = "phone", "电话"
        API = "api", "柜台系统"

    class State(models.TextChoices):
        OPEN = "open", "待决定"
        GRANTED = "granted", "已同意"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "客户撤回"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="change_requests")
    present = models.ForeignKey(  # who served him when he asked
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="现客户经理"
    )
    wished = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="希望的经理"
    )
    reason = models.CharField("原因", max_length=12, choices=Reason, default=Reason.UNSAID)
    words = models.CharField("客户的话", max_length=400, blank=True)
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    asked_at = models.DateTimeField("提出")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    service_key = models.ForeignKey(ServiceKey, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="新客户经理"
    )
    note = models.CharField("决定说明", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "更换客户经理申请"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(state="open"), name="one_open_change_per_client"),
            models.CheckConstraint(
                condition=Q(state="granted", given_to__isnull=False) | ~Q(state="granted") & Q(given_to=None),
                name="change_granted_names_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | ~Q(state="open") & Q(decided_at__isnull=False),
                name="change_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "state", "-asked_at", "-id"], name="change_of_branch")  # change_list
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"客户 {self.client_id} 更换经理"

    def get_absolute_url(self) -> str:
        return reverse("segmentation:change_detail", args=[self.pk])
