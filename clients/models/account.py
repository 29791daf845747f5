"""Accounts and who serves and who won their owner."""

from django.db import models
from django.db.models import F, Q

from clients.models.client import Client
from clients.models.scope import ClientRows
from office.models import Branch, Employee


class AccountQuerySet(ClientRows["Account"]):
    pass


class Account(models.Model):
    """One account of a client at the counter."""

    class Status(models.TextChoices):
        NORMAL = "normal", "正常"
        INACTIVE = "inactive", "不活跃"
        ZERO = "zero", "零资产"
        FROZEN = "frozen", "冻结"
        CLOSED = "closed", "已销户"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="accounts")
    account_no = models.CharField("资产账户", max_length=32, unique=True)
    kind = models.CharField("账户类型", max_length=16, default="securities")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.NORMAL)
    opened_on = models.DateField("开户日期", null=True, blank=True)
    closed_on = models.DateField("销户日期", null=True, blank=True)
    agent_client_no = models.CharField("代理人客户号", max_length=32, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "账户"
        indexes = [models.Index(fields=["branch", "client"], name="account_by_branch")]  # windows of one branch

    def __str__(self) -> str:
        return f"****{self.account_no[-4:]}"


class AssignmentQuerySet(ClientRows["ServiceAssignment"]):
    BRANCH = "client__branch"


class ServiceAssignment(models.Model):
    """Who served a client in which role from when to when; history is closed, never overwritten."""

    class Role(models.TextChoices):
        MAIN = "main", "客户经理"
        INTERIM = "interim", "临时负责"
        ADVISER = "adviser", "投资顾问"
        SUBSTITUTE = "substitute", "代理"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="assignments")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField("角色", max_length=10, choices=Role, default=Role.MAIN)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束", null=True, blank=True)  # the first day no longer served
    reason = models.CharField("原因", max_length=120, blank=True)
    plan_no = models.CharField("方案", max_length=20, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "服务关系"
        constraints = [
            # An interim owner is responsible as a main one is: there is one of the two at a time.
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(ends_on=None, role__in=["main", "interim"]),
                name="one_open_main_per_client",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="assignment_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["employee", "ends_on"], name="assignment_by_employee"),
            models.Index(fields=["starts_on"], name="assignment_by_start"),  # what the night tells of handovers
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.starts_on}"


class DevelopmentRelation(models.Model):
    """Who won the client; touched by no allocation (domain.md §2.2)."""

    class State(models.TextChoices):
        PENDING_VISIT = "pending_visit", "待回访"
        CONFIRMED = "confirmed", "已确认"
        DENIED = "denied", "已否认"
        ENDED = "ended", "已终止"

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="development")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="developed")
    state = models.CharField("状态", max_length=14, choices=State, default=State.PENDING_VISIT)
    opened_on = models.DateField("开户日")
    entered_on = models.DateField("录入日", null=True, blank=True)

    class Meta:
        verbose_name = "开发关系"
        indexes = [models.Index(fields=["opened_on"], name="relation_pending", condition=Q(state="pending_visit"))]

    def __str__(self) -> str:
        return f"{self.client_id}→{self.employee_id}"
