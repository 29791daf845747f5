"""What the night noticed and what is owed to whom by when."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Tier
from clients.models.scope import ClientRows, visible
from office.dates import SHANGHAI
from office.models import Branch, Employee, Role
from office.rights import Principal, own
from service_logs.models.catalogue import MESSAGES, Channel, Kind, Rule
from service_logs.rules.wording import worded

if TYPE_CHECKING:
    from typing import Self

BY_RHYTHM, NEVER_YET = "上次联系 {last_on}，每 {rhythm} 天一次", "尚无联系记录，每 {rhythm} 天一次"
AIM_TIERS = (Tier.PLATINUM, Tier.DIAMOND)  # where optional becomes aim (MOT-03)

SEES_COMPLIANCE = frozenset({Role.COMPLIANCE, Role.RISK_CONTROL, Role.AUDITOR})


def not_hidden(user: Principal) -> Q:
    """Return the condition on rows with a `rule`: what compliance handles (MOT 51) is shown to nobody else.

    And a row about a complaint is hidden from whoever the complaint names, whatever his post, and from
    other systems, which may show it to anybody.
    """
    unnamed = ~Q(hidden_from__contains=[user.pk]) if isinstance(user, Employee) else Q(hidden_from=None)
    if user.has_role(*SEES_COMPLIANCE):
        return unnamed
    return unnamed & (Q(rule=None) | ~Q(rule__owner_role=Rule.OwnerRole.COMPLIANCE))


# The night writes signals and tasks by the ten thousand, from the very rows they point to: a check of each by the
# database would cost more than the writing. Django keeps PROTECT.


class SignalQuerySet(ClientRows["Signal"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the signals of clients that `user` may know of, those for compliance from everybody else."""
        return super().visible_to(user).filter(not_hidden(user))


class Signal(models.Model):
    """A rule held for a client: one occurrence, noticed once, with the figures that say why."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="signals", db_index=False, db_constraint=False
    )
    occurrence = models.CharField("发生", max_length=64)  # what makes this one differ from the next of its kind
    occurred_on = models.DateField("发生日期")
    day = models.DateField("夜间日期")  # of the night that noticed it
    kind = models.CharField("种类", max_length=10, choices=Kind)
    facts = models.JSONField("依据", default=dict)
    hidden_from = ArrayField(models.BigIntegerField(), null=True, verbose_name="回避")  # ids of employees it concerns

    objects = SignalQuerySet.as_manager()

    class Meta:
        verbose_name = "信号"
        constraints = [
            # The client first: his timeline is read through it, too.
            models.UniqueConstraint(fields=["client", "rule", "occurrence"], name="signal_once"),
        ]
        indexes = [models.Index(fields=["branch", "day"], name="signal_of_night")]  # make_tasks

    def __str__(self) -> str:
        return f"{self.rule_id}:{self.client_id}:{self.occurrence}"


class TaskQuerySet(ClientRows["Task"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the tasks of clients that `user` may know of, but for those of compliance, and his own."""
        known = visible(user, branch=self.BRANCH, manager=self.MANAGER) & not_hidden(user)
        return self.filter(known | own(user, "owner"))

    def owed(self) -> Self:
        """Keep what is to be done: open or waiting for room."""
        return self.filter(state__in=Task.OWED)


class Task(models.Model):
    """One thing owed to one client by somebody until a moment inside working time."""

    class Source(models.TextChoices):
        PLAN = "plan", "联系计划"
        MOT = "mot", "MOT"
        MANUAL = "manual", "人工"
        INTERIM = "interim", "临时负责"

    class State(models.TextChoices):
        OPEN = "open", "待办"
        WAITING = "waiting", "排队"  # beyond the day's capacity; counts in no rate
        DONE = "done", "已完成"
        EXPIRED = "expired", "已过期"
        CANCELLED = "cancelled", "已取消"

    OWED = (State.OPEN, State.WAITING)

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="tasks", db_index=False, db_constraint=False
    )
    owner = models.ForeignKey(  # null: the branch has nobody to give it to
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="tasks",
        db_index=False,
        db_constraint=False,
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, null=True, related_name="task", db_constraint=False)
    source = models.CharField("来源", max_length=8, choices=Source)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    tier = models.CharField("等级", max_length=10, choices=Tier, default=Tier.GENERAL)  # when it was made
    title = models.CharField("任务", max_length=80)
    channel = models.CharField("方式", max_length=8, choices=Channel, default=Channel.PHONE)
    due_at = models.DateTimeField("时限")
    expires_on = models.DateField("失效日", null=True)  # null: stays until it is done
    made_on = models.DateField("生成日期")  # the night's day
    opened_on = models.DateField("列入日期", null=True)  # null: it never found room in a day
    minutes = models.FloatField("分钟", default=5)
    is_primary = models.BooleanField("计时", default=True)  # one task per call carries its minutes
    priority = models.FloatField("优先", default=0)  # value × urgency
    is_assigned = models.BooleanField("转派", default=False)  # given to `owner` by a person: stays there
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    facts = models.JSONField("依据", default=dict)
    hidden_from = ArrayField(models.BigIntegerField(), null=True, verbose_name="回避")  # as its signal's
    done_at = models.DateTimeField("完成", null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    result = models.CharField("结果", max_length=20, blank=True)
    contact = models.ForeignKey(
        "service_logs.Contact", on_delete=models.PROTECT, null=True, related_name="tasks", db_index=False
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "任务"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "channel"],
                condition=Q(source="plan", state__in=["open", "waiting"]),
                name="plan_task_once_per_channel",
            ),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__isnull=False), name="done_task_has_moment"),
        ]
        indexes = [
            models.Index(  # the day of one person
                fields=["owner", "due_at"], name="task_owed", condition=Q(state__in=["open", "waiting"])
            ),
            models.Index(  # what the night fits into the day
                fields=["branch"], name="task_owed_in_branch", condition=Q(state__in=["open", "waiting"])
            ),
            models.Index(  # neglected_client_ids
                fields=["branch", "client", "due_at"],
                name="task_missed",
                condition=Q(source="plan", state="expired"),
            ),
            models.Index(  # what an entry of the log ended
                fields=["contact"], name="task_of_contact", condition=Q(contact__isnull=False)
            ),
            models.Index(fields=["branch", "-made_on"], name="task_of_night"),  # gates and the rates of a month
            models.Index(fields=["client", "-due_at"], name="task_of_client"),  # the client's page
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("service_logs:task_detail", args=[self.pk])

    @property
    def is_aim(self) -> bool:
        """Whether it is optional for a client at platinum or above: no duty, but aimed at in full (MOT-03)."""
        return self.kind == Kind.OPTIONAL and self.tier in AIM_TIERS

    @property
    def kind_label(self) -> str:
        """必做, 选做 or 力争."""
        return "力争" if self.is_aim else str(Kind(self.kind).label)

    @property
    def is_message(self) -> bool:
        """Whether it is written together with others instead of talked over."""
        return self.channel in MESSAGES

    @property
    def why(self) -> str:
        """Why this is owed, in one sentence; needs `rule` and `signal` to be joined where they are set."""
        if self.signal is not None and self.rule is not None:
            return worded(self.rule.reason, self.signal.facts)
        if self.source == Task.Source.PLAN:
            return worded(BY_RHYTHM if self.facts.get("last_on") else NEVER_YET, self.facts)
        return worded(self.rule.reason, self.facts) if self.rule is not None else str(self.facts.get("note", ""))

    @property
    def falls_due_at(self) -> datetime:
        """When it was due on the Shanghai clock; a planned contact falls due when its rhythm ends."""
        at = self.due_at.astimezone(SHANGHAI)
        rhythm_ends = self.facts.get("due_on") if self.source == Task.Source.PLAN else None
        return datetime.combine(date.fromisoformat(rhythm_ends), at.time(), SHANGHAI) if rhythm_ends else at

    def is_overdue(self, now: datetime | None = None) -> bool:
        """Whether it is still owed after its moment."""
        return self.state in self.OWED and self.falls_due_at < (now or timezone.now())


class ServiceStanding(models.Model):
    """What service remembers of one client: the last talk and message that counted.

    `seen_on` is the day from which the rhythm counts for a client who was never reached.
    """

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, primary_key=True, related_name="service_standing", db_constraint=False
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    seen_on = models.DateField()
    last_talk_on = models.DateField(null=True)
    last_message_on = models.DateField(null=True)
    agreed_on = models.DateField(null=True)  # the next contact as agreed with the client, before the rhythm

    class Meta:
        verbose_name = "服务现状"

    def __str__(self) -> str:
        return str(self.client_id)


class SignalMark(models.Model):
    """Up to which day of facts one night of a branch looked, so that the next one starts behind it."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    facts_until = models.DateField()

    class Meta:
        verbose_name = "信号进度"
        constraints = [
            models.UniqueConstraint(fields=["branch", "day"], name="mark_once_per_night"),
            models.CheckConstraint(condition=Q(facts_until__lte=F("day")), name="mark_not_ahead"),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.day}"
