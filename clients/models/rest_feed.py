"""A delivery of the counter that comes by REST, part by part."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models.feed import ImportBatch
from office.models import Branch, ServiceKey
from office.rights import Principal, branch_ids


class RestFeedQuerySet(models.QuerySet["RestFeed"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep a key's own deliveries; to a person those that are meant for his branch."""
        if isinstance(user, ServiceKey):
            return self.filter(key=user)
        return self.filter(branches__in=branch_ids(user))


class RestFeed(models.Model):
    """One delivery in the making: opened, filled with parts, closed, then taken in by a worker."""

    class State(models.TextChoices):
        OPEN = "open", "接收中"
        CLOSED = "closed", "等待导入"
        DONE = "done", "已导入"
        FAILED = "failed", "未能导入"

    key = models.ForeignKey(ServiceKey, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    branches = models.ManyToManyField(Branch, related_name="+")  # whose rows may land
    as_of = models.DateField("业务日期")
    control_totals = models.JSONField("控制总数", default=dict)  # branch code → name → number as text
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    error = models.CharField("错误", max_length=200, blank=True)
    opened_at = models.DateTimeField("开始", auto_now_add=True)
    closed_at = models.DateTimeField("送完", null=True)
    tries = models.PositiveSmallIntegerField("导入次数", default=0)  # by workers that began, however they ended
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, null=True, related_name="rest_feeds")

    objects = RestFeedQuerySet.as_manager()

    class Meta:
        verbose_name = "接口送入"

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}·{self.pk}"


class FeedPart(models.Model):
    """One numbered part of one kind of file; the same part again replaces it while the delivery is open."""

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        NDJSON = "ndjson", "NDJSON"

    feed = models.ForeignKey(RestFeed, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField("内容", max_length=24)
    number = models.PositiveIntegerField("序号")  # from 1, without gaps
    form = models.CharField("格式", max_length=6, choices=Form)
    columns = ArrayField(models.CharField(max_length=80), verbose_name="列")  # as named in the header or the objects
    sha256 = models.CharField(max_length=64)  # as it was sent, packed or not
    size = models.BigIntegerField("字节")

    class Meta:
        verbose_name = "接口送入的一块"
        constraints = [models.UniqueConstraint(fields=["feed", "kind", "number"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
