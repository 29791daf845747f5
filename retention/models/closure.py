"""Requests to leave: to close, to move, as a whole or in part. Their clock is the law's, not ours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse

from clients.models import Account, Client
from clients.models.scope import ClientRows
from office.models import Branch, Employee, ServiceKey
from office.rights import COUNTER_DESK, branch_ids

if TYPE_CHECKING:
    from office.rights import Principal

LONGEST_WAIT = timedelta(days=21)  # for two trading days, whatever holidays lie between


class Reason(models.TextChoices):
    """Why a client leaves (domain.md §3); he need not say."""

    OUTSIDE_BROKER = "outside_broker", "外部券商冲击"
    POOR_MARKET = "poor_market", "赚钱效应差"
    COMMISSION = "commission", "佣金过高"
    SERVICE_DISSATISFIED = "service_dissatisfied", "服务不满"
    OTHER_BRANCH_BETTER = "other_branch_better", "其他营业部更好"
    RELOCATION = "relocation", "迁居"
    FAMILY = "family", "家庭原因"
    LEAVE_MARKET = "leave_market", "离开市场"
    PRODUCT_MATURITY = "product_maturity", "产品到期"
    DEATH_INHERITANCE = "death_inheritance", "继承"
    OUTSTANDING_DISPUTE = "outstanding_dispute", "纠纷"
    OTHER = "other", "其他"


class Block(models.TextChoices):
    """The only grounds on which a request may wait (domain.md §3, fixed)."""

    UNSETTLED = "unsettled", "未完成交收"
    IPO_IN_TRANSIT = "ipo_in_transit", "新股在途"
    PLEDGE_OR_FREEZE = "pledge_or_freeze", "质押或冻结"
    MARGIN_DEBT = "margin_debt", "融资负债"
    OPTION_OPEN = "option_open", "期权持仓"
    JUDICIAL = "judicial", "司法"


class ClosureQuerySet(ClientRows["ClosureRequest"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the requests of clients that `user` may know of; the desk sees those of its branch."""
        if isinstance(user, Employee) and user.is_active and user.has_role(*COUNTER_DESK):
            return self.filter(branch__in=branch_ids(user))
        return super().visible_to(user)

    def owed(self) -> Self:
        """Keep what is still to be served, held up or not."""
        return self.filter(state__in=ClosureRequest.OWED)

    def late(self, now: datetime) -> Self:
        """Keep what is owed past its deadline; found out after it, a ground of the law heals nothing."""
        past = Q(deadline_at__lt=now, state=ClosureRequest.State.REGISTERED)
        return self.owed().filter(past | Q(breached_at__isnull=False))


class ClosureRequest(models.Model):
    """One wish to leave. `due_at` is written once by the calendar; the database lets nothing move it.

    Held up by a ground of the law and free again, it is due two trading days after that
    (`freed_due_at`), or at `due_at` if that is later; `deadline_at` is the later of the two, and nothing else.
    `breached_at` is the first deadline that passed unserved; once written it stays.
    """

    class Kind(models.TextChoices):
        CLOSE = "close", "销户"
        TRANSFER_SH = "transfer_sh", "撤指定"
        TRANSFER_SZ = "transfer_sz", "转托管"
        ACCOUNT_MOVE = "account_move", "转户"

    class Channel(models.TextChoices):
        COUNTER = "counter", "柜台"
        ONLINE = "online", "线上"
        PHONE = "phone", "电话"
        API = "api", "柜台系统"

    class State(models.TextChoices):
        REGISTERED = "registered", "办理中"
        BLOCKED = "blocked", "依法待解除"
        DONE = "done", "已办结"
        WITHDRAWN = "withdrawn", "客户撤回"

    OWED = (State.REGISTERED, State.BLOCKED)

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    request_no = models.CharField("编号", max_length=24, unique=True)  # "XH-8801-2611-0007"
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="closure_requests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("事项", max_length=12, choices=Kind)
    is_partial = models.BooleanField("部分", default=False)
    part = models.CharField("范围", max_length=200, blank=True)  # which securities, if not all
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    reason = models.CharField("原因", max_length=20, choices=Reason, blank=True)  # "" = 客户未说明
    reason_note = models.CharField("原因说明", max_length=400, blank=True)
    arrived_at = models.DateTimeField("到达", null=True)  # at the desk; tells how long he waited (QUA-03)
    requested_at = models.DateTimeField("申请时间")
    settles_on = models.DateField("交收日", null=True)
    registered_at = models.DateTimeField("登记时间")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    service_key = models.ForeignKey(ServiceKey, on_delete=models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField("法定时限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.REGISTERED)
    block = models.CharField("依法待解除事由", max_length=20, choices=Block, blank=True)
    block_evidence = models.CharField("依据", max_length=200, blank=True)
    blocked_at = models.DateTimeField("登记事由", null=True)
    freed_at = models.DateTimeField("解除", null=True)
    freed_due_at = models.DateTimeField("解除后时限", null=True)
    deadline_at = models.DateTimeField("时限")
    breached_at = models.DateTimeField("超时", null=True)
    done_at = models.DateTimeField("办结", null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤回", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = "销户与转户申请"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "account"],
                condition=Q(state__in=["registered", "blocked"]),
                nulls_distinct=False,
                name="closure_once_open",
            ),
            models.CheckConstraint(
                condition=Q(state="blocked", block__in=Block.values) | ~Q(state="blocked"),
                name="closure_blocked_by_law",
            ),
            models.CheckConstraint(  # GREATEST passes over what is empty
                condition=Q(deadline_at=Greatest("due_at", "freed_due_at")), name="closure_deadline_is_the_laws"
            ),
            models.CheckConstraint(
                condition=Q(freed_due_at=None)
                | Q(blocked_at__isnull=False, freed_due_at__lte=F("freed_at") + LONGEST_WAIT),
                name="closure_freed_by_law",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "deadline_at"], condition=Q(state__in=["registered", "blocked"]), name="closure_clock"
            ),
            models.Index(fields=["branch", "-requested_at", "-id"], name="closure_by_branch"),
            models.Index(fields=["branch", "breached_at"], condition=~Q(breached_at=None), name="closure_breaches"),
            models.Index(fields=["client", "-requested_at"], name="closure_by_client"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="clock_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__due_at__df=pgtrigger.F("new__due_at"))
                | pgtrigger.Q(old__requested_at__df=pgtrigger.F("new__requested_at"))
                | pgtrigger.Q(old__settles_on__df=pgtrigger.F("new__settles_on"))
                | pgtrigger.Q(old__freed_due_at__isnull=False, old__freed_due_at__df=pgtrigger.F("new__freed_due_at"))
                | pgtrigger.Q(old__freed_due_at__df=pgtrigger.F("new__freed_due_at"))
                & ~pgtrigger.Q(old__state="blocked")
                | pgtrigger.Q(old__breached_at__isnull=False, old__breached_at__df=pgtrigger.F("new__breached_at")),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.request_no} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("retention:request_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it is still to be served."""
        return self.state in self.OWED

    @property
    def what(self) -> str:
        """What is asked for, in words."""
        return f"{self.get_kind_display()}（部分）" if self.is_partial else self.get_kind_display()

    @property
    def waited(self) -> timedelta | None:
        """How long he waited at the desk until he was registered (QUA-03); unknown without an arrival."""
        return self.registered_at - self.arrived_at if self.arrived_at else None

    @property
    def took(self) -> timedelta | None:
        """How long it took from his request until he was served (QUA-04)."""
        return self.done_at - self.requested_at if self.done_at else None

    @property
    def overrun(self) -> timedelta | None:
        """How long after the deadline he was served; unknown while he is not, None in time."""
        return self.done_at - self.breached_at if self.done_at and self.breached_at else None

    def is_late(self, now: datetime) -> bool:
        """Whether a deadline passed unserved; held up by the law in time it is not late."""
        return self.breached_at is not None or (self.state == self.State.REGISTERED and now > self.deadline_at)
