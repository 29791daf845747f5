"""Tasks given to many clients at once, as one act that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from office.models import Branch
from office.rights import Principal, Reach, branch_ids, own, reach

if TYPE_CHECKING:
    from typing import Self


class TaskBatchQuerySet(models.QuerySet["TaskBatch"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the batches that `user` made; who sees the whole branch sees all of the branch."""
        here = self.filter(branch__in=branch_ids(user))
        return here if reach(user) == Reach.BRANCH else here.filter(own(user, "made_by"))


class TaskBatch(models.Model):
    """One act that gave each client of a filtered list a task; its tasks name it in their facts ("batch").

    `token` is made with the page that asks, so that sending it twice makes one batch.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    token = models.UUIDField(unique=True)
    title = models.CharField("事项", max_length=80)
    due_on = models.DateField("时限")
    query = models.CharField("条件", max_length=1000, blank=True)  # of the client list
    made_count = models.PositiveIntegerField("任务（件）", default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("建立", auto_now_add=True)
    withdrawn_at = models.DateTimeField("撤回", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_count = models.PositiveIntegerField("撤回（件）", default=0)

    objects = TaskBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "批量任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_by__isnull=False), name="batch_withdrawn_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("service_logs:batch_detail", args=[self.pk])
