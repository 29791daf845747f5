"""Who is served: the archive of one client, how to reach him, and what he is at present."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from clients.models.scope import ClientRows
from office.crypto import EncryptedTextField
from office.models import Branch, Employee


class Tier(models.TextChoices):
    """The ladder of entitlements, lowest first (domain.md §5)."""

    GENERAL = "general", "普通"
    SILVER = "silver", "银卡"
    GOLD = "gold", "金卡"
    PLATINUM = "platinum", "白金"
    DIAMOND = "diamond", "钻石"


class Grade(models.TextChoices):
    """What decides the rhythm of contact (SEG-01)."""

    VIP = "vip", "VIP客户"
    ACTIVE = "active", "活跃客户"
    ORDINARY = "ordinary", "普通客户"
    POTENTIAL = "potential", "潜在客户"


class ValueType(models.TextChoices):
    """The component in which a client leads his peers (VAL-03)."""

    COMMISSION = "commission", "佣金贡献型"
    PRODUCT = "product", "产品购买型"
    ASSET = "asset", "资产维持型"
    UNCLASSIFIED = "unclassified", "待激活"


class ClientQuerySet(ClientRows["Client"]):
    MANAGER = "standing__manager"


class Client(models.Model):
    """A person or institution with an account at the branch: what the archive knows, wide and rarely written."""

    class Kind(models.TextChoices):
        PERSON = "person", "个人"
        INSTITUTION = "institution", "机构"
        PRODUCT = "product", "产品"

    class Status(models.TextChoices):
        PROSPECT = "prospect", "潜在"
        OPENING = "opening", "开户中"
        PENDING_RELATION = "pending_relation", "待回访"
        ACTIVE = "active", "正常"
        LOW_ACTIVITY = "low_activity", "低频"
        DORMANT = "dormant", "休眠"
        SUSPENDED = "suspended", "中止交易"
        CLOSING = "closing", "办理销户"
        CLOSED = "closed", "已销户"

    class ServiceMode(models.TextChoices):
        ONSITE = "onsite", "现场"
        OFFSITE = "offsite", "非现场"
        HIGH_END = "high_end", "高端"
        PROSPECT_DEV = "prospect_dev", "潜在开发"

    class Importance(models.TextChoices):
        BASIC = "basic", "基础"
        POTENTIAL = "potential", "潜在"
        IMPORTANT = "important", "重要"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="clients", db_index=False)
    client_no = models.CharField("客户号", max_length=32, unique=True)
    kind = models.CharField("客户类别", max_length=12, choices=Kind, default=Kind.PERSON)
    name = models.CharField("姓名", max_length=120)
    pinyin = models.CharField(
        "拼音", max_length=240, blank=True, editable=False
    )  # sort key: the database has no Chinese collation
    initials = models.CharField("拼音首字母", max_length=60, blank=True, editable=False)
    id_type = models.CharField("证件类型", max_length=20, blank=True)
    id_no = EncryptedTextField("证件号码", default="", blank=True)
    id_no_index = models.CharField(max_length=64, blank=True, editable=False)
    id_no_masked = models.CharField("证件号码", max_length=24, blank=True, editable=False)
    id_valid_to = models.DateField("证件有效至", null=True, blank=True)
    phone = EncryptedTextField("手机", default="", blank=True)
    phone_index = models.CharField(max_length=64, blank=True, editable=False)
    phone_masked = models.CharField("手机", max_length=20, blank=True, editable=False)
    phone_tail = models.CharField("手机尾号", max_length=4, blank=True, editable=False)
    email = EncryptedTextField("邮箱", default="", blank=True)
    address = EncryptedTextField("地址", default="", blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    birth_md = models.PositiveSmallIntegerField(
        null=True, editable=False
    )  # 821 = 21 August: a plain comparison at night
    sex = models.CharField("性别", max_length=1, blank=True, choices=[("M", "男"), ("F", "女")])
    region = models.CharField("地区", max_length=80, blank=True)
    occupation = models.CharField("职业", max_length=120, blank=True)
    education_level = models.CharField("文化程度", max_length=20, blank=True)
    risk_level = models.CharField("风险承受能力", max_length=6, blank=True)  # C1-最低, C1 … C5
    risk_is_predicted = models.BooleanField("系统推定", default=False)
    risk_assessed_on = models.DateField("风险测评日", null=True, blank=True)
    risk_valid_to = models.DateField("测评有效至", null=True, blank=True)
    invest_capacity = models.CharField("投资能力", max_length=20, blank=True)
    counter_level = models.CharField("柜台级别", max_length=20, blank=True)
    importance = models.CharField("客户分类", max_length=10, choices=Importance, default=Importance.BASIC)
    service_mode = models.CharField("服务方式", max_length=12, choices=ServiceMode, default=ServiceMode.OFFSITE)
    room_no = models.CharField("大户室", max_length=12, blank=True)
    status = models.CharField("状态", max_length=16, choices=Status, default=Status.ACTIVE)
    opened_on = models.DateField("开户日期", null=True, blank=True)
    first_market_entry_on = models.DateField("首次入市", null=True, blank=True)
    acquisition_source = models.CharField("来源", max_length=40, blank=True)
    not_profiled = models.BooleanField("不做画像推送", default=False)  # PIPL art. 24
    is_deceased = models.BooleanField("已故", default=False)
    notes = models.TextField("备注", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "客户"
        indexes = [
            models.Index(fields=["branch", "pinyin", "id"], name="client_by_name"),  # the client list by name
            models.Index(fields=["branch", "birth_md"], name="client_birthday"),  # birthdays of the night and of today
            models.Index(fields=["phone_index"], name="client_phone", condition=~Q(phone_index="")),  # exact look-up
            models.Index(fields=["id_no_index"], name="client_id_no", condition=~Q(id_no_index="")),  # exact look-up
            # The night looks at whose papers have expired.
            models.Index(fields=["branch", "id_valid_to"], name="client_id_ends"),
            models.Index(fields=["branch", "risk_valid_to"], name="client_risk_ends"),
            models.Index(
                fields=["branch", "risk_assessed_on"], name="client_assessed", condition=Q(risk_valid_to=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("clients:detail", args=[self.pk])


class StandingQuerySet(ClientRows["ClientStanding"]):
    MANAGER = "manager"

    def with_movement(self, direction: int) -> StandingQuerySet:
        """Keep who rose (1) or fell (−1) in rank since the night before."""
        return self.filter(rank__lt=F("previous_rank")) if direction > 0 else self.filter(rank__gt=F("previous_rank"))


NEVER = date(1900, 1, 1)  # where "no contact yet" stands in an order


def or_never(field: str) -> Coalesce:
    """Return a day that lists can be ordered by: a missing one is before all others."""
    return Coalesce(models.F(field), models.Value(NEVER), output_field=models.DateField())


class ClientStanding(models.Model):
    """What a client is at present: one narrow row beside the wide one, which lists sort and filter by.

    Writers: publishing a night (figures), assigning a manager (`manager`), saving a contact
    (`last_contact_on`), noticing changes of tier (`noticed_tier`). `assets_fen` and its kin are whole fen; scores
    run from 0 to 100.
    """

    client = models.OneToOneField(Client, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")  # its index: capped counts
    manager = models.ForeignKey(
        Employee,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="standings",
        verbose_name="客户经理",
        db_index=False,
    )
    value = models.FloatField("价值", default=0)
    commission_points = models.FloatField("佣金得分", default=0)  # the weighted parts; the three add up to the value
    purchasing_points = models.FloatField("购买力得分", default=0)
    assets_points = models.FloatField("资产得分", default=0)
    rank = models.PositiveIntegerField("排名", null=True)
    previous_rank = models.PositiveIntegerField("上次排名", null=True)
    percentile = models.FloatField("百分位", null=True)
    tier = models.CharField("等级", max_length=10, choices=Tier, default=Tier.GENERAL)
    grade = models.CharField("客户级别", max_length=10, choices=Grade, default=Grade.POTENTIAL)
    noticed_tier = models.CharField(max_length=10, choices=Tier, default="")  # as signals saw it last; "" before scores
    value_type = models.CharField("价值类型", max_length=12, choices=ValueType, default=ValueType.UNCLASSIFIED)
    is_core = models.BooleanField("核心客户", default=False)
    is_stale = models.BooleanField("数据陈旧", default=False)
    is_provisional = models.BooleanField("暂定", default=False)
    is_closed = models.BooleanField("已销户", default=False)  # follows Client.status, so that lists need no join
    assets_fen = models.BigIntegerField("资产", default=0)  # last known net assets
    assets_avg_fen = models.BigIntegerField("20 日均资产", default=0)
    commission_fen = models.BigIntegerField("12 个月净佣金", default=0)
    contribution_fen = models.BigIntegerField("12 个月贡献", default=0)
    turnover_fen = models.BigIntegerField("12 个月成交额", default=0)
    last_trade_on = models.DateField("最近交易", null=True)
    last_contact_on = models.DateField("上次联系", null=True)  # the last qualifying contact
    next_contact_on = models.DateField("应联系", null=True)
    flags = ArrayField(models.CharField(max_length=24), default=list)  # most urgent first
    score_run_id = models.BigIntegerField(null=True)  # the published run these figures come from

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = "客户现状"
        indexes = [
            models.Index(fields=["branch", "-value", "client"], name="standing_branch_value"),
            models.Index(fields=["branch", "tier", "-value", "client"], name="standing_branch_tier"),
            models.Index(fields=["manager", "-value", "client"], name="standing_manager_value"),
            models.Index(fields=["manager", "tier", "-value", "client"], name="standing_manager_tier"),
            # Other orders of a branch's list, read both ways. The night pays for each, so the rarer ones are sorted.
            models.Index(fields=["branch", "assets_fen", "client"], name="standing_by_assets"),
            models.Index("branch", or_never("last_contact_on"), "client", name="standing_by_last_contact"),
            models.Index("branch", or_never("next_contact_on"), "client", name="standing_by_next_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.value:.1f}"


class SearchToken(models.Model):
    """One way to find a client: a suffix of the name, the pinyin, the initials, the client number or the phone's tail.

    A search is a prefix match on `token` within a branch; so 「云舟」 finds 郑云舟 without a scan.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    token = models.CharField(max_length=60)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tokens", db_index=False)

    class Meta:
        verbose_name = "检索词"
        constraints = [models.UniqueConstraint(fields=["client", "token"], name="token_once_per_client")]
        indexes = [
            # clients.queries.search: prefix match, then sorted by value
            models.Index(
                fields=["branch", "token", "client"],
                name="token_prefix",
                opclasses=["int8_ops", "text_pattern_ops", "int8_ops"],
            )
        ]

    def __str__(self) -> str:
        return self.token


class ChannelPreference(models.Model):
    """What one client allows on one channel for one purpose; no row means unknown, and unknown blocks."""

    class Channel(models.TextChoices):
        PHONE = "phone", "电话"
        SMS = "sms", "短信"
        EMAIL = "email", "邮件"
        WECOM = "wecom", "企业微信"
        POST = "post", "信函"

    class Purpose(models.TextChoices):
        SERVICE = "service", "服务"
        MARKETING = "marketing", "营销"
        EDUCATION = "education", "投教"
        SURVEY = "survey", "调查"
        CARE = "care", "关怀"

    class State(models.TextChoices):
        GRANTED = "granted", "同意"
        DENIED = "denied", "拒绝"
        UNKNOWN = "unknown", "未知"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="preferences")
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    state = models.CharField("意愿", max_length=8, choices=State, default=State.UNKNOWN)
    source = models.CharField("来源", max_length=60, blank=True)
    since = models.DateField("自", null=True)

    class Meta:
        verbose_name = "联系意愿"
        constraints = [models.UniqueConstraint(fields=["client", "channel", "purpose"], name="preference_once")]
        indexes = [
            models.Index(  # the night makes no task for who does not want it
                fields=["client", "channel"], name="preference_denied", condition=Q(purpose="service", state="denied")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}·{self.get_purpose_display()} {self.get_state_display()}"
