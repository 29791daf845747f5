"""Keys by which other systems call the office, and the book of those calls."""

from __future__ import annotations

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from office.models.branch import Branch


class Scope(models.TextChoices):
    """One thing a key may be allowed to do."""

    FEEDS = "feeds", "送入柜台文件"
    EVENTS = "events", "送入单笔事件"
    CLIENTS_READ = "clients.read", "读取客户"
    SCORES_READ = "scores.read", "读取价值"
    TASKS_READ = "tasks.read", "读取任务"
    COMPLAINTS_READ = "complaints.read", "读取投诉"
    REQUESTS_READ = "requests.read", "读取销户与转户申请"
    COUNTER_READ = "counter.read", "柜台查询客户"
    COUNTER_WRITE = "counter.write", "柜台登记申请"


class ServiceKey(models.Model):
    """The account of another system: what it may do, at which branches, until when.

    The secret is 256 random bits, so one keyed hash of it is enough; whoever lost it makes a new one.
    A key stands where a person stands: `request.user` of the API and `visible_to` take either.
    """

    name = models.CharField("名称", max_length=40)
    prefix = models.CharField("前缀", max_length=8, unique=True)  # shown, to tell keys apart; finds the row
    secret_hash = models.CharField(max_length=64, editable=False)
    previous_hash = models.CharField(max_length=64, blank=True, editable=False)  # good until `previous_until`
    previous_until = models.DateTimeField("旧密钥有效至", null=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name="可办事项")
    branches = models.ManyToManyField(Branch, related_name="+", verbose_name="营业部")
    calls_per_minute = models.PositiveIntegerField("每分钟调用上限", default=600)
    made_at = models.DateTimeField("建立", auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField("有效至")
    revoked_at = models.DateTimeField("停用", null=True)
    last_used_at = models.DateTimeField("最近使用", null=True)  # to the minute

    held_branches: list[int]  # set by the statement of office.queries.keys alone, which reads key and branches at once
    USE_NOTED_EVERY = timedelta(minutes=1)
    is_authenticated = True
    is_anonymous = False

    class Meta:
        verbose_name = "接口密钥"

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @cached_property
    def branch_ids(self) -> list[int]:
        """The branches it is good for; authentication reads them with the key itself."""
        return list(self.branches.order_by("pk").values_list("pk", flat=True))

    @property
    def branch_id(self) -> int | None:
        """The one branch it is good for, None if there are several."""
        return self.branch_ids[0] if len(self.branch_ids) == 1 else None

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope]

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Answer no: a key holds scopes, never the rights of a post."""
        return False

    def has_role(self, *roles: str) -> bool:
        """Answer no: a key holds no post."""
        return False


class ApiCall(models.Model):
    """One call of the API: who called which route with what outcome, and which records it named; no personal value."""

    at = models.DateTimeField("时间", auto_now_add=True)
    key = models.ForeignKey(ServiceKey, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    method = models.CharField("方法", max_length=8)
    route = models.CharField("接口", max_length=60)
    status = models.PositiveSmallIntegerField("状态")
    milliseconds = models.PositiveIntegerField("耗时（毫秒）")
    subjects = ArrayField(models.CharField(max_length=64), default=list, verbose_name="编号")
    address = models.GenericIPAddressField("来源地址", null=True)

    class Meta:
        verbose_name = "接口调用"
        indexes = [models.Index(fields=["key", "-at", "-id"], name="apicall_by_key")]  # office:key_detail
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class IdempotentCall(models.Model):
    """A write under an Idempotency-Key: repeated with the same body it answers what it answered first."""

    key = models.ForeignKey(ServiceKey, on_delete=models.CASCADE, null=True, related_name="+")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    route = models.CharField("接口", max_length=200)  # with the records its address names
    idempotency_key = models.CharField("幂等键", max_length=100)
    request_hash = models.CharField(max_length=64)
    started_at = models.DateTimeField("开始")
    status = models.PositiveSmallIntegerField("状态", null=True)  # null: still at work, or broken off
    body = models.JSONField("回答", null=True)

    class Meta:
        verbose_name = "幂等调用"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "employee", "route", "idempotency_key"], name="idempotent_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["started_at"], name="idempotent_by_age")]  # forget_old_calls

    def __str__(self) -> str:
        return f"{self.route} {self.idempotency_key}"
