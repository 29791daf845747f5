"""The catalogue of signals: what is watched for, and what each branch set differently."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clients.models import Tier
from office.models import Branch


class Kind(models.TextChoices):
    """Whether a task counts in the completion rate (MOT-01, MOT-02)."""

    MANDATORY = "mandatory", "必做"
    OPTIONAL = "optional", "选做"


class Channel(models.TextChoices):
    """How a client is met or reached."""

    PHONE = "phone", "电话"
    WECOM = "wecom", "企微"
    VISIT = "visit", "面谈"
    SMS = "sms", "短信"
    EMAIL = "email", "邮件"
    POST = "post", "信函"


MESSAGES = (Channel.SMS, Channel.EMAIL, Channel.POST)  # written to many at once, not talked over one by one


class Rule(models.Model):
    """One MOT type of the catalogue (nightly.md §6): fixed in code and text, the same for every branch."""

    class OwnerRole(models.TextChoices):
        MANAGER = "manager", "客户经理"
        SERVICE = "service", "客服（回避客户经理）"
        COMPLIANCE = "compliance", "合规"

    class Measure(models.TextChoices):
        TRADING_DAYS = "trading_days", "个交易日"
        WORKING_DAYS = "working_days", "个工作日"
        CALENDAR_DAYS = "calendar_days", "个自然日"
        SAME_DAY = "same_day", "当日"
        MONTH = "month", "当月"

    number = models.PositiveSmallIntegerField("序号", unique=True)
    code = models.SlugField("代码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=40)
    trigger = models.CharField("触发条件", max_length=120)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    mandatory_from = models.CharField("必做起始等级", max_length=10, choices=Tier, blank=True)  # optional below it
    measure = models.CharField("期限单位", max_length=14, choices=Measure)
    deadline = models.PositiveSmallIntegerField("期限", default=0)
    deadline_at = models.TimeField("期限时刻", default="17:00")
    channel = models.CharField("方式", max_length=8, choices=Channel, default=Channel.PHONE)
    owner_role = models.CharField("办理人", max_length=10, choices=OwnerRole, default=OwnerRole.MANAGER)
    minutes = models.FloatField("分钟", default=5)
    priority = models.PositiveSmallIntegerField("紧急程度", default=50)  # 0 to 100
    cooldown_days = models.PositiveSmallIntegerField("冷却（交易日）", default=0)
    lapses_days = models.PositiveSmallIntegerField("逾期后保留（交易日）", default=5)  # then the task expires
    params = models.JSONField("参数", default=dict)  # name → default value; what a branch may set differently
    script_hint = models.CharField("话术提示", max_length=200)
    feedback = ArrayField(models.CharField(max_length=20), default=list, size=4, verbose_name="客户反馈")
    reason = models.CharField("依据", max_length=160, blank=True)  # template of "why did this fire"
    is_promotional = models.BooleanField("可选关怀营销", default=False)  # never for clients who are not profiled
    waits_for = models.CharField("等待的数据", max_length=120, blank=True)  # why it cannot run; "" if it can

    class Meta:
        verbose_name = "MOT 类型"
        constraints = [models.CheckConstraint(condition=Q(priority__lte=100), name="rule_priority_to_100")]

    def __str__(self) -> str:
        return self.name

    @property
    def can_run(self) -> bool:
        """Whether the facts it needs are held."""
        return not self.waits_for


class RuleSetting(models.Model):
    """What one branch set differently for one rule; null or empty keeps the catalogue's."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="settings")
    is_active = models.BooleanField("启用", default=True)
    params = models.JSONField("参数", default=dict)
    deadline = models.PositiveSmallIntegerField("期限", null=True, blank=True)
    cooldown_days = models.PositiveSmallIntegerField("冷却（交易日）", null=True, blank=True)
    script_hint = models.CharField("话术提示", max_length=200, blank=True)
    feedback = ArrayField(models.CharField(max_length=20), default=list, size=4, blank=True, verbose_name="客户反馈")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "MOT 设置"
        constraints = [models.UniqueConstraint(fields=["branch", "rule"], name="setting_once_per_rule")]

    def __str__(self) -> str:
        return f"{self.branch_id}:{self.rule_id}"
