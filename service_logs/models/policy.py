"""How often whom, by what means, with what content: the service policy per grade."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clients.models import Grade, Tier, ValueType
from office.models import Branch
from service_logs.models.catalogue import Channel


class Content(models.TextChoices):
    """How deep the content goes (COM-04)."""

    DEEP = "deep", "深度分析与建议"
    STANDARD = "standard", "市场资讯与持仓回顾"
    BASIC = "basic", "基础资讯与投教"


class Way(models.TextChoices):
    """Talking with one client, or writing to many."""

    TALK = "talk", "通话"
    MESSAGE = "message", "消息"


class ServicePolicy(models.Model):
    """What is owed to the clients of one grade in one way; tier and value type narrow it down (SEG-05, VAL-08).

    A row without a branch is the house's default; a branch's own row takes its place. Of the rows
    that fit a client the narrowest holds: tier before value type before neither.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    grade = models.CharField("客户级别", max_length=10, choices=Grade)
    tier = models.CharField("等级", max_length=10, choices=Tier, blank=True)
    value_type = models.CharField("价值类型", max_length=12, choices=ValueType, blank=True)
    way = models.CharField("形式", max_length=8, choices=Way, default=Way.TALK)
    channel = models.CharField("方式", max_length=8, choices=Channel)
    fallback = models.CharField("替代方式", max_length=8, choices=Channel, blank=True)  # where the first is refused
    rhythm_days = models.PositiveSmallIntegerField("节奏（天）")  # calendar days
    minutes = models.FloatField("分钟")  # of one talk; of a whole batch for messages
    core_minutes = models.FloatField("核心客户分钟", null=True, blank=True)
    content = models.CharField("内容层次", max_length=10, choices=Content)
    focus = models.CharField("服务重点", max_length=40, blank=True)
    qualifying = ArrayField(models.CharField(max_length=20), default=list, verbose_name="算作联系的结果")
    is_active = models.BooleanField("启用", default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "服务策略"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "grade", "tier", "value_type", "way"],
                name="policy_once_per_group",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(rhythm_days__gte=1), name="policy_rhythm_at_least_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_grade_display()}·{self.get_channel_display()}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Which clients and which way the row speaks of."""
        return self.grade, self.tier, self.value_type, self.way
