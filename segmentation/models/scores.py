"""What a night found out about every client, never changed once published; and what became of tiers and core group."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clients.models import Client, Grade, Tier, ValueType
from clients.models.scope import ClientRows
from office.models import Branch
from office.rights import Principal, branch_ids
from segmentation.models.value import WeightSet

# A score keeps its words as places in these lists: rows of fixed width are what COPY takes fastest.
TIERS, TYPES, GRADES = list(Tier), list(ValueType), list(Grade)
NONE_BEFORE = -1  # the place of a tier, type or grade the client did not have yet


class Level(models.IntegerChoices):
    """The row of the service grid: top 20 %, next 30 %, the rest."""

    HIGH = 0, "高"
    MIDDLE = 1, "中"
    LOW = 2, "低"


class Flag(IntFlag):
    """What a reader should know of a score."""

    PROVISIONAL = 1  # fewer than 60 trading days of history
    STALE = 2  # fewer than 10 of 20 asset days: the last known figure
    ONE_OFF = 4  # a day's commission was reduced to the bound
    NEGATIVE = 8  # a negative component counted as 0
    FIRST = 16  # the client's first run: no hysteresis yet
    OVERRIDDEN = 32  # the tier was set by hand


FLAG_LABELS = {
    Flag.PROVISIONAL: "暂定",
    Flag.STALE: "数据陈旧",
    Flag.ONE_OFF: "单日异常已封顶",
    Flag.NEGATIVE: "负值按 0 计",
    Flag.FIRST: "首次评定",
    Flag.OVERRIDDEN: "人工定级",
}


class TierCause(IntEnum):
    """Which rule decided the tier."""

    FIRST = 0
    KEPT = 1
    ASSETS_UP = 2
    COMMISSION_UP = 3
    MONTHS_DOWN = 4
    OVERRIDE = 5


class RunQuerySet(models.QuerySet["ScoringRun"]):
    def visible_to(self, user: Principal) -> RunQuerySet:
        """Keep the published runs of the user's branch."""
        return self.filter(branch_id__in=branch_ids(user), state=ScoringRun.State.PUBLISHED)


class ScoringRun(models.Model):
    """One appraisal of all clients of a branch at the close of `as_of`; a correction is a new edition of the date."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        FAILED = "failed", "作废"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="scoring_runs")
    as_of = models.DateField("数据日期")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    weight_set = models.ForeignKey(WeightSet, on_delete=models.PROTECT, related_name="runs")
    # The run whose tiers, types and core group this one goes on from.
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    input_hash = models.CharField("输入指纹", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField("生成", auto_now_add=True)
    published_at = models.DateTimeField("发布", null=True)
    metrics = models.JSONField("指标", default=dict)  # segmentation.queries.runs.run_figures

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "评分批次"
        permissions = [
            ("view_score", "查看价值"),
            ("view_weights", "查看权重"),
            ("edit_weights", "编辑权重"),
            ("approve_weights", "批准权重"),
            ("override_tier", "人工定级"),
        ]
        constraints = [models.UniqueConstraint(fields=["branch", "as_of", "edition"], name="run_edition_once")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}·{self.edition}"


class ScoreQuerySet(ClientRows["ClientScore"]):
    pass


class ClientScore(models.Model):
    """What one run found for one client; partitioned by month of `as_of`, immutable once the run is published.

    Raw values are yuan as float, norms, value, percentile and p's run from 0 to 100, shares from 0 to 1.
    """

    pk = models.CompositePrimaryKey("run_id", "client_id", "as_of")
    run = models.ForeignKey(
        ScoringRun, on_delete=models.DO_NOTHING, related_name="scores", db_constraint=False, db_index=False
    )
    client = models.ForeignKey(
        Client, on_delete=models.DO_NOTHING, related_name="scores", db_constraint=False, db_index=False
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    as_of = models.DateField()
    commission_raw = models.FloatField()
    purchasing_raw = models.FloatField()
    assets_raw = models.FloatField()
    commission_norm = models.FloatField()
    purchasing_norm = models.FloatField()
    assets_norm = models.FloatField()
    value = models.FloatField()
    rank = models.IntegerField()
    previous_rank = models.IntegerField()  # 0: not ranked before
    percentile = models.FloatField()  # share of clients below, 0–100
    level_no = models.SmallIntegerField(choices=Level)
    commission_p = models.FloatField()  # mid-rank among the positive values of the branch
    purchasing_p = models.FloatField()
    assets_p = models.FloatField()
    type_no = models.SmallIntegerField()
    previous_type_no = models.SmallIntegerField()
    rival_no = models.SmallIntegerField()  # another type that leads by ≥ 10 points but not yet long enough, or −1
    rival_runs = models.SmallIntegerField()  # for how many runs in a row
    type_margin = models.FloatField()  # points by which the type leads the next component; negative: it is kept
    contribution_fen = models.BigIntegerField()  # true yuan of 12 months, no decay, no bound
    contribution_share = models.FloatField()  # of the positive contributions of the branch
    cumulative_share = models.FloatField()  # with all who bring more
    commission_fen = models.BigIntegerField()  # true net commission of 250 trading days
    turnover_fen = models.BigIntegerField()  # of 250 trading days
    assets_60_fen = models.BigIntegerField()  # average of the present days among 60
    days_near = models.SmallIntegerField()  # of 20, at ≥ 90 % of the next tier's assets threshold
    trade_days_20 = models.SmallIntegerField()
    computed_tier_no = models.SmallIntegerField()
    tier_no = models.SmallIntegerField()
    previous_tier_no = models.SmallIntegerField()
    tier_cause = models.SmallIntegerField()
    months_below = models.SmallIntegerField()  # month-ends in a row below 90 % of the tier's threshold
    grade_no = models.SmallIntegerField()
    previous_grade_no = models.SmallIntegerField()
    is_core = models.BooleanField()
    in_base_set = models.BooleanField()
    months_beyond = models.SmallIntegerField()  # month-ends in a row beyond the exit share
    flag_bits = models.SmallIntegerField()

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = "客户评分"
        db_table = "segmentation_clientscore"

    def __str__(self) -> str:
        return f"{self.client_id}: {self.value:.2f}"

    @property
    def tier(self) -> Tier:
        return TIERS[self.tier_no]

    @property
    def computed_tier(self) -> Tier:
        return TIERS[self.computed_tier_no]

    @property
    def previous_tier(self) -> Tier | None:
        return None if self.previous_tier_no == NONE_BEFORE else TIERS[self.previous_tier_no]

    @property
    def value_type(self) -> ValueType:
        return TYPES[self.type_no]

    @property
    def previous_type(self) -> ValueType | None:
        return None if self.previous_type_no == NONE_BEFORE else TYPES[self.previous_type_no]

    @property
    def grade(self) -> Grade:
        return GRADES[self.grade_no]

    @property
    def level(self) -> Level:
        return Level(self.level_no)

    @property
    def flags(self) -> Flag:
        return Flag(self.flag_bits)

    @property
    def flag_labels(self) -> list[str]:
        """The flags in words."""
        return [label for flag, label in FLAG_LABELS.items() if flag in self.flags]


class TierHistoryQuerySet(ClientRows["TierHistory"]):
    BRANCH = "client__branch"


class TierHistory(models.Model):
    """One change of a client's tier or grade: from, to, why, and by which run or whose decision (SEG-06)."""

    class Reason(models.TextChoices):
        FIRST = "first", "首次评定"
        ASSETS_UP = "assets_up", "资产达标上调"
        COMMISSION_UP = "commission_up", "佣金达标上调"
        MONTHS_DOWN = "months_down", "连续三个月末低于标准，下调一级"
        GRADE = "grade", "客户级别变化"
        OVERRIDE = "override", "人工定级"
        OVERRIDE_ENDED = "override_ended", "人工定级到期"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tier_history")
    run = models.ForeignKey(ScoringRun, on_delete=models.PROTECT, null=True, related_name="+")  # null: by hand
    as_of = models.DateField("日期")
    from_tier = models.CharField("原等级", max_length=10, choices=Tier, blank=True)
    to_tier = models.CharField("新等级", max_length=10, choices=Tier)
    from_grade = models.CharField("原级别", max_length=10, choices=Grade, blank=True)
    to_grade = models.CharField("新级别", max_length=10, choices=Grade)
    reason = models.CharField("原因", max_length=16, choices=Reason)
    detail = models.CharField("依据", max_length=200, blank=True)
    override_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    until = models.DateField("有效至", null=True)  # the last business date of an override
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TierHistoryQuerySet.as_manager()

    class Meta:
        verbose_name = "等级变动"
        indexes = [
            models.Index(fields=["client", "-as_of", "-id"], name="tier_history_of_client"),  # client panel
            models.Index(fields=["run"], name="tier_history_of_run"),  # tonight's changes
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="override") | Q(override_by__isnull=False, until__isnull=False),
                name="override_has_name_and_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.from_tier}→{self.to_tier}"

    def get_absolute_url(self) -> str:
        return reverse("clients:detail", args=[self.client_id])


class CoreQuerySet(ClientRows["CoreMembership"]):
    BRANCH = "client__branch"


class CoreMembership(models.Model):
    """One stay of a client in the core group (VAL-07)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="core_memberships")
    entered_run = models.ForeignKey(ScoringRun, on_delete=models.PROTECT, related_name="+")
    entered_on = models.DateField("进入")
    share_cumulative = models.FloatField("进入时累计份额")
    left_run = models.ForeignKey(ScoringRun, on_delete=models.PROTECT, null=True, related_name="+")
    left_on = models.DateField("离开", null=True)

    objects = CoreQuerySet.as_manager()

    class Meta:
        verbose_name = "核心客户"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(left_on=None), name="one_open_core_stay"),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("entered_on")), name="core_left_after_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.entered_on}"


class WindowState(models.Model):
    """How far the windows of a branch were rolled, over which deliveries; decides between rolling and rebuilding."""

    branch = models.OneToOneField(Branch, on_delete=models.CASCADE, primary_key=True, related_name="window_state")
    as_of = models.DateField()
    weight_set = models.ForeignKey(WeightSet, on_delete=models.PROTECT, related_name="+")
    file_id = models.BigIntegerField(default=0)  # the latest delivered file that was looked at
    change_id = models.BigIntegerField(default=0)  # the latest correction that was looked at

    class Meta:
        verbose_name = "窗口进度"

    def __str__(self) -> str:
        return f"{self.branch_id} {self.as_of}"
