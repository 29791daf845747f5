"""What decides a score: weights, ladders, yardsticks; every version is kept, so every old score can be told again."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clients.models import Tier
from office.models import Branch, Employee


class Component(models.TextChoices):
    """The three things a client is worth something by (VAL-01)."""

    COMMISSION = "commission", "佣金"
    PURCHASING = "purchasing", "购买力"
    ASSETS = "assets", "资产量"


def default_fee_rates() -> dict[str, str]:
    """Return the fee of a purchase by product type, as a share of its amount (nightly.md §3.6); 其他 is `other`."""
    return {"fund": "0.0120", "bond": "0.0010", "loan": "0.0200", "wealth": "0.0080", "card": "0", "other": "0.0050"}


class WeightSetQuerySet(models.QuerySet["WeightSet"]):
    def visible_to(self, user: Employee) -> WeightSetQuerySet:
        """Keep the versions of the user's branch."""
        return self.filter(branch_id=user.branch_id or 0)

    def valid_on(self, branch: Branch, day: object) -> WeightSetQuerySet:
        """Keep what may score `day` at the branch, the one to be used first."""
        return self.filter(branch=branch, state=WeightSet.State.APPROVED, effective_on__lte=day).order_by(
            "-effective_on", "-version"
        )


class WeightSet(models.Model):
    """One version of how the branch appraises its clients; used by the nights from `effective_on` on, never edited."""

    class Normaliser(models.TextChoices):
        LOG_CAP = "log_cap", "对数封顶"
        PERCENTILE = "percentile", "百分位"
        MINMAX = "minmax", "极差（仅供比较）"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待批准"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已驳回"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="weight_sets")
    version = models.PositiveIntegerField("版本")
    a = models.DecimalField("A 佣金", max_digits=5, decimal_places=4, default=Decimal("0.40"))
    b = models.DecimalField("B 购买力", max_digits=5, decimal_places=4, default=Decimal("0.25"))
    c = models.DecimalField("C 资产量", max_digits=5, decimal_places=4, default=Decimal("0.35"))
    normaliser = models.CharField("标准化", max_length=10, choices=Normaliser, default=Normaliser.LOG_CAP)
    fee_rates = models.JSONField("产品费率", default=default_fee_rates)  # product type → share of the amount, as text
    trailing_rates = models.JSONField("持有费率", default=dict)  # product type → share of the holding a year, as text
    core_share = models.DecimalField("核心份额", max_digits=4, decimal_places=3, default=Decimal("0.80"))
    core_exit_share = models.DecimalField("核心退出份额", max_digits=4, decimal_places=3, default=Decimal("0.85"))
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    effective_on = models.DateField("生效日", null=True)  # the first business date it scores
    note = models.CharField("说明", max_length=200, blank=True)
    remark = models.CharField("审批意见", max_length=200, blank=True)
    created_at = models.DateTimeField("新建", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("审批", null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = WeightSetQuerySet.as_manager()

    class Meta:
        verbose_name = "权重版本"
        constraints = [
            models.UniqueConstraint(fields=["branch", "version"], name="weights_version_once"),
            models.CheckConstraint(condition=Q(a=1 - F("b") - F("c")), name="weights_sum_to_one"),
            models.CheckConstraint(condition=Q(a__gte=0, b__gte=0, c__gte=0), name="weights_not_negative"),
            models.CheckConstraint(
                condition=Q(core_share__gt=0, core_exit_share__lte=1, core_share__lte=F("core_exit_share")),
                name="weights_core_shares",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("created_by")), name="weights_approved_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(effective_on__isnull=False), name="weights_approved_have_a_date"
            ),
        ]

    def __str__(self) -> str:
        return f"V{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("segmentation:weights_detail", args=[self.pk])

    @property
    def nominal(self) -> tuple[float, float, float]:
        """A, B and C as numbers of the arithmetic."""
        return float(self.a), float(self.b), float(self.c)


class TierRule(models.Model):
    """One step of a ladder of a weight set: what lifts a client to it. Persons and institutions climb their own."""

    class Ladder(models.TextChoices):
        PERSON = "person", "个人"
        INSTITUTION = "institution", "机构与产品"

    weight_set = models.ForeignKey(WeightSet, on_delete=models.CASCADE, related_name="tier_rules")
    ladder = models.CharField("阶梯", max_length=12, choices=Ladder)
    tier = models.CharField("等级", max_length=10, choices=Tier)
    min_assets_fen = models.BigIntegerField("20 日均资产")
    min_commission_fen = models.BigIntegerField("或 12 个月净佣金")

    class Meta:
        verbose_name = "等级标准"
        constraints = [
            models.UniqueConstraint(fields=["weight_set", "ladder", "tier"], name="tier_rule_once"),
            models.CheckConstraint(
                condition=Q(min_assets_fen__gt=0, min_commission_fen__gt=0), name="tier_rule_positive"
            ),
            models.CheckConstraint(condition=~Q(tier="general"), name="tier_rule_above_general"),
        ]

    def __str__(self) -> str:
        return f"{self.get_ladder_display()} {self.get_tier_display()}"


class Yardstick(models.Model):
    """What one component is measured against in one month: estimated by the first run of the month, then frozen."""

    weight_set = models.ForeignKey(WeightSet, on_delete=models.PROTECT, related_name="yardsticks")
    month = models.DateField("月份")  # its first day
    component = models.CharField("分量", max_length=10, choices=Component)
    s = models.FloatField("中位数")  # yuan, of the positive values
    cap = models.FloatField("封顶")  # yuan
    estimated_on = models.DateField("估计日")

    class Meta:
        verbose_name = "标尺"
        constraints = [models.UniqueConstraint(fields=["weight_set", "month", "component"], name="yardstick_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.get_component_display()}"
