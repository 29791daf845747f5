"""Who may leave, and why: what points a sign brings, what a night found of every client, and where each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clients.models import Client
from clients.models.scope import ClientRows
from office.models import Branch, Employee
from office.rights import branch_ids
from retention.scoring.signals import BAND_FACTORS, BAND_LIMITS, HALF_LIFE_DAYS, HOUSE_POINTS

if TYPE_CHECKING:
    from office.rights import Principal


class Band(models.IntegerChoices):
    """How likely a client is to leave."""

    QUIET = 0, "平稳"
    WATCH = 1, "关注"
    WARN = 2, "预警"
    ALARM = 3, "警报"


def house_points() -> dict[str, int]:
    """Return the points of the house by sign (nightly.md §7)."""
    return dict(HOUSE_POINTS)


def house_limits() -> list[int]:
    """Return where watch, warn and alarm begin."""
    return list(BAND_LIMITS)


def house_factors() -> list[float]:
    """Return the share of the contribution at risk, by band."""
    return list(BAND_FACTORS)


class PointSetQuerySet(models.QuerySet["PointSet"]):
    def visible_to(self, user: Employee) -> PointSetQuerySet:
        """Keep the versions of the user's branch."""
        return self.filter(branch_id=user.branch_id or 0)

    def valid_on(self, branch: Branch, day: object) -> PointSetQuerySet:
        """Keep what may score `day` at the branch, the one to be used first."""
        approved = self.filter(branch=branch, state=PointSet.State.APPROVED, effective_on__lte=day)
        return approved.order_by("-effective_on", "-version")


class PointSet(models.Model):
    """One version of what each sign counts; used by the nights from `effective_on` on, never edited."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待批准"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已驳回"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="point_sets")
    version = models.PositiveIntegerField("版本")
    points = models.JSONField("分值", default=house_points)  # code of a sign → points, 0 to 100
    half_life_days = models.PositiveSmallIntegerField("半衰期", default=HALF_LIFE_DAYS)  # trading days
    limits = ArrayField(models.PositiveSmallIntegerField(), size=3, default=house_limits)  # of watch, warn, alarm
    factors = ArrayField(models.FloatField(), size=4, default=house_factors)  # share at risk by band
    state = models.CharField("状态", max_length=10, choices=State, default=State.SUBMITTED)
    effective_on = models.DateField("生效日", null=True)  # the first business date it scores
    note = models.CharField("说明", max_length=200)
    remark = models.CharField("审批意见", max_length=200, blank=True)
    made_at = models.DateTimeField("提出", auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("审批", null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PointSetQuerySet.as_manager()

    class Meta:
        verbose_name = "流失分值版本"
        permissions = [
            ("view_churn", "查看流失风险"),
            ("edit_points", "编辑流失分值"),
            ("approve_points", "批准流失分值"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["branch", "version"], name="points_version_once"),
            models.CheckConstraint(
                condition=Q(made_by=None) | Q(decided_by=None) | ~Q(made_by=F("decided_by")),
                name="points_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(effective_on__isnull=False), name="points_approved_have_a_date"
            ),
        ]

    def __str__(self) -> str:
        return f"V{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("retention:points_detail", args=[self.pk])


class ChurnRunQuerySet(models.QuerySet["ChurnRun"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the runs of the user's branch."""
        return self.filter(branch_id__in=branch_ids(user))


class ChurnRun(models.Model):
    """One look at all clients of a branch at the close of `as_of`; other findings of the day are a new edition."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="churn_runs")
    as_of = models.DateField("数据日期")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    point_set = models.ForeignKey(PointSet, on_delete=models.PROTECT, related_name="runs")
    fingerprint = models.CharField("结果指纹", max_length=64)
    clients = models.PositiveIntegerField("客户数")
    counts = models.JSONField("各原因人数", default=dict)  # code of a sign → clients
    made_at = models.DateTimeField("生成", auto_now_add=True)

    objects = ChurnRunQuerySet.as_manager()

    class Meta:
        verbose_name = "流失评分批次"
        constraints = [models.UniqueConstraint(fields=["branch", "as_of", "edition"], name="churn_run_once")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}·{self.edition}"


class ChurnScoreQuerySet(ClientRows["ChurnScore"]):
    pass


class ChurnScore(models.Model):
    """What one run found of one client; appended, never changed; partitioned by month of `as_of`.

    `signals` lists {code, points, since, fact, figures}, most points first; points are what is left of them.
    """

    pk = models.CompositePrimaryKey("run_id", "client_id", "as_of")
    run = models.ForeignKey(
        ChurnRun, on_delete=models.DO_NOTHING, related_name="scores", db_constraint=False, db_index=False
    )
    client = models.ForeignKey(
        Client, on_delete=models.DO_NOTHING, related_name="churn_scores", db_constraint=False, db_index=False
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    as_of = models.DateField()
    score = models.FloatField()  # 0 to 100, to a tenth
    band = models.SmallIntegerField(choices=Band)
    value_at_risk_fen = models.BigIntegerField()
    signals = models.JSONField(default=list)

    objects = ChurnScoreQuerySet.as_manager()

    class Meta:
        verbose_name = "流失评分"
        db_table = "retention_churnscore"

    def __str__(self) -> str:
        return f"{self.client_id}: {self.score:.1f}"


class ChurnStandingQuerySet(ClientRows["ChurnStanding"]):
    pass


class ChurnStanding(models.Model):
    """Where a client with any sign stands after the latest run: the narrow row that lists sort and filter by.

    Written by scoring alone, each time anew. A client without a row is quiet, at 0 points.
    """

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, primary_key=True, related_name="churn", db_constraint=False
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    run = models.ForeignKey(ChurnRun, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    score = models.FloatField("流失分")
    band = models.SmallIntegerField("等级", choices=Band)
    value_at_risk_fen = models.BigIntegerField("风险价值")
    codes = ArrayField(models.CharField(max_length=20), default=list)  # of its signs, most points first
    signals = models.JSONField(default=list)  # as ChurnScore.signals

    objects = ChurnStandingQuerySet.as_manager()

    class Meta:
        verbose_name = "流失风险"
        indexes = [
            models.Index(fields=["branch", "-value_at_risk_fen", "client"], name="churn_by_value"),  # retention:list
            models.Index(fields=["branch", "-score", "client"], name="churn_by_score"),  # … by score
        ]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.score:.1f}"

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The signs, most points first."""
        return list(self.signals)
