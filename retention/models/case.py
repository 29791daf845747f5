"""Retention cases: whom to talk to and why, the one talk, what was lawfully offered, and how it ended.

A case never touches a request: it points at one, reads it, and leaves its clock alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from clients.models import Client
from clients.models.scope import ClientRows, visible
from complaints.models import ComplaintParty
from office.models import Branch, Employee
from office.rights import COUNTER_DESK, branch_ids
from retention.models.churn import Band
from retention.models.closure import ClosureRequest, Reason

if TYPE_CHECKING:
    from office.rights import Principal

TALK_MINUTES = 15  # regulation.md §2.7: longest talk unless the branch says less
LONGEST_TALK = 30  # minutes; no branch may say more
OPENING_BANDS = [
    (int(band), f"{band.label}及以上" if band < Band.ALARM else f"仅{band.label}") for band in (Band.WARN, Band.ALARM)
]


class RetentionSetting(models.Model):
    """What a branch decides about talks and drills; a branch without a row follows the defaults."""

    branch = models.OneToOneField(Branch, on_delete=models.CASCADE, primary_key=True, related_name="+")
    talk_minutes = models.PositiveSmallIntegerField(
        "谈话最长（分钟）", default=TALK_MINUTES, validators=[MinValueValidator(5), MaxValueValidator(LONGEST_TALK)]
    )
    drills_per_quarter = models.PositiveSmallIntegerField(
        "每队每季演练（次）", default=1, validators=[MaxValueValidator(12)]
    )
    opens_from = models.SmallIntegerField("夜间开案的风险", choices=OPENING_BANDS, default=Band.ALARM)

    class Meta:
        verbose_name = "挽留设置"
        constraints = [
            models.CheckConstraint(
                condition=Q(talk_minutes__gte=5, talk_minutes__lte=LONGEST_TALK), name="retention_talk_is_short"
            ),
            models.CheckConstraint(condition=Q(opens_from__in=(2, 3)), name="retention_opens_from_warning"),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id}"


class CaseQuerySet(ClientRows["RetentionCase"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the cases of clients that `user` may know of; the desk sees those about a request at its branch.

        Whom a complaint of the client names, and whom compliance has not let read it, sees none of his cases: what
        the client says in one may be about him.
        """
        seen = visible(user, branch=self.BRANCH, manager=self.MANAGER)
        if isinstance(user, Employee) and user.is_active and user.has_role(*COUNTER_DESK):
            seen |= Q(branch__in=branch_ids(user), request__isnull=False)
        if not isinstance(user, Employee):
            return self.filter(seen)
        naming = ComplaintParty.objects.filter(complaint__client=OuterRef("client"), employee=user, released_at=None)
        return self.filter(seen, ~Exists(naming))

    def open(self) -> Self:
        """Keep what nobody has closed."""
        return self.filter(state=RetentionCase.State.OPEN)


class RetentionCase(models.Model):
    """One client who may leave or asked to, from the first look to what was learnt.

    `signals` are the signs of the score at opening, those of complaints left out: a case is read by people
    whom a complaint may name. `history` counts the reasons of earlier years, so that the probabilities can be told.
    """

    class Trigger(models.TextChoices):
        SIGNAL = "signal", "流失信号"
        REQUEST = "request", "客户申请"
        HAND = "hand", "手工开案"

    class State(models.TextChoices):
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结"

    class Outcome(models.TextChoices):
        KEPT = "kept", "留下"
        PARTLY = "partly", "部分留下"
        LEFT = "left", "离开"
        REFUSED_TALK = "refused_talk", "不愿谈"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    case_no = models.CharField("编号", max_length=24, unique=True)  # "WL-8801-2611-0007"
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="retention_cases")
    trigger = models.CharField("由来", max_length=8, choices=Trigger)
    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, null=True, related_name="case")
    opened_on = models.DateField("开案")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    concern = models.CharField("开案缘由", max_length=200, blank=True)  # what made somebody open it by hand
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    band = models.SmallIntegerField("等级", choices=Band, default=Band.QUIET)
    value_at_risk_fen = models.BigIntegerField("风险价值", default=0)
    signals = models.JSONField(default=list)  # {code, points, since, fact}
    history = models.JSONField(default=dict)  # reason → how often
    reasons = models.JSONField(default=list)  # {code, probability, because}, the likeliest first
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    reason = models.CharField("原因", max_length=20, choices=Reason, blank=True)  # in the end, as far as he said it
    outcome = models.CharField("结果", max_length=14, choices=Outcome, blank=True)
    is_let_go = models.BooleanField("放行", default=False)
    learning = models.CharField("所学", max_length=400, blank=True)
    closed_at = models.DateTimeField("结案", null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "挽留个案"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(state="open"), name="case_one_open"),
            models.CheckConstraint(
                condition=Q(state="open", outcome="") | Q(state="closed") & ~Q(outcome="") & ~Q(closed_at=None),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(trigger="request") | Q(request__isnull=False), name="case_request_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "-value_at_risk_fen", "-id"], condition=Q(state="open"), name="case_board"),
            models.Index(fields=["branch", "-opened_on", "-id"], name="case_by_branch"),
            models.Index(fields=["client", "-opened_on"], name="case_by_client"),
        ]

    def __str__(self) -> str:
        return self.case_no

    def get_absolute_url(self) -> str:
        return reverse("retention:case_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether anything can still be done in it."""
        return self.state == self.State.OPEN


class TalkQuerySet(ClientRows["Talk"]):
    BRANCH = "case__branch"
    MANAGER = "case__client__standing__manager"


class Talk(models.Model):
    """The one talk of a case or of a request, or that the client declined it; nobody asks him twice."""

    case = models.ForeignKey(RetentionCase, on_delete=models.PROTECT, related_name="talks")
    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, null=True, related_name="talk")
    is_declined = models.BooleanField("不愿谈", default=False)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField("时长（分钟）", default=0)
    summary = models.CharField("要点", max_length=600, blank=True)

    objects = TalkQuerySet.as_manager()

    class Meta:
        verbose_name = "挽留谈话"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(request=None), name="talk_once_without_request"),
            models.CheckConstraint(
                condition=Q(is_declined=True, minutes=0) | Q(minutes__gte=1, minutes__lte=LONGEST_TALK),
                name="talk_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"


class OfferQuerySet(ClientRows["Offer"]):
    BRANCH = "case__branch"
    MANAGER = "case__client__standing__manager"


class Offer(models.Model):
    """One lawful offer, with the suitability it was made under; never changed but for the client's answer."""

    class Kind(models.TextChoices):
        PRODUCT = "product", "产品"
        FEE_REVIEW = "fee_review", "费率复核"
        SERVICE = "service", "服务"

    class Answer(models.TextChoices):
        WAITING = "waiting", "待答复"
        TAKEN = "taken", "接受"
        DECLINED = "declined", "谢绝"

    case = models.ForeignKey(RetentionCase, on_delete=models.PROTECT, related_name="offers")
    kind = models.CharField("类别", max_length=12, choices=Kind)
    text = models.CharField("内容", max_length=200)
    product_risk = models.PositiveSmallIntegerField("产品风险等级", null=True)  # 1 to 5: R1 to R5
    client_risk = models.CharField("客户风险承受能力", max_length=6)  # as it stood
    risk_valid_to = models.DateField("测评有效至")  # as it stood
    answer = models.CharField("答复", max_length=8, choices=Answer, default=Answer.WAITING)
    made_at = models.DateTimeField("提出")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = "挽留方案"
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="product") | Q(product_risk__gte=1, product_risk__lte=5), name="offer_risk_is_known"
            ),
            models.CheckConstraint(condition=~Q(client_risk=""), name="offer_suitability_is_known"),
            models.CheckConstraint(
                condition=Q(made_at__date__lte=F("risk_valid_to")), name="offer_suitability_is_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text[:20]}"
