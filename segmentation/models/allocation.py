"""Plans that propose who serves whom, a reason per line; people decide, the plan only proposes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models import Client
from clients.models.scope import ClientRows
from office.models import Branch, Employee


class PlanQuerySet(models.QuerySet["AllocationPlan"]):
    def visible_to(self, user: Employee) -> PlanQuerySet:
        """Keep the plans of the user's branch; drafts are for those who make plans, the others open (ALC-01)."""
        plans = self.filter(branch_id=user.branch_id or 0)
        return plans if user.has_perm("segmentation.make_plan") else plans.exclude(state=AllocationPlan.State.DRAFT)


class AllocationPlan(models.Model):
    """One proposal to change managers, measured against doing nothing."""

    class Kind(models.TextChoices):
        CANDIDATES = "candidates", "夜间候选"
        FULL = "full", "全面再平衡"
        DEPARTURE = "departure", "离岗交接"

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        PUBLISHED = "published", "待批准"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已驳回"
        APPLIED = "applied", "已应用"
        UNDONE = "undone", "已撤销"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="plans")
    plan_no = models.CharField("方案号", max_length=20)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    as_of = models.DateField("数据日期")
    made_at = models.DateTimeField("生成", auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField("提交", null=True)
    approved_at = models.DateTimeField("批准", null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField("应用", null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    effective_on = models.DateField("生效", null=True)
    undo_until = models.DateField("可撤销至", null=True)
    undone_at = models.DateTimeField("撤销", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)
    is_recommended = models.BooleanField("建议采用", default=True)  # False: gain below 2 %, doing nothing wins
    weights = models.JSONField("目标权重", default=dict)
    metrics = models.JSONField("比较", default=dict)  # name → {"before": …, "after": …}
    pooled_count = models.PositiveIntegerField("营业部统一服务", default=0)  # clients beyond all capacity (ALC-09)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "分配方案"
        constraints = [models.UniqueConstraint(fields=["branch", "plan_no"], name="plan_no_once_per_branch")]
        indexes = [models.Index(fields=["branch", "-made_at"], name="plan_latest")]  # segmentation:plan_list

    def __str__(self) -> str:
        return self.plan_no

    def get_absolute_url(self) -> str:
        return reverse("segmentation:plan_detail", args=[self.pk])


class PlanLineQuerySet(models.QuerySet["PlanLine"]):
    def visible_to(self, user: Employee) -> PlanLineQuerySet:
        """Keep the lines of plans the user may see."""
        return self.filter(plan__in=AllocationPlan.objects.visible_to(user))


class PlanLine(models.Model):
    """One client of a plan: from whom to whom, why, who else came near, and which limit decided."""

    class State(models.TextChoices):
        PENDING = "pending", "待批准"
        APPROVED = "approved", "已批准"
        REJECTED = "rejected", "已驳回"
        APPLIED = "applied", "已应用"
        SKIPPED = "skipped", "未应用"
        UNDONE = "undone", "已撤销"

    class Reason(models.TextChoices):
        DEPARTED = "departed", "原经理离岗"
        UNASSIGNED = "unassigned", "无客户经理"
        REFUSED = "refused", "客户要求更换"
        INTERIM = "interim", "临时负责转正式"
        OVERLOAD = "overload", "原经理超负荷"
        NEGLECTED = "neglected", "两次应联系未完成"
        LOW_FIT = "low_fit", "匹配度低于 40"
        BETTER_FIT = "better_fit", "匹配度明显提升"

    plan = models.ForeignKey(AllocationPlan, on_delete=models.CASCADE, related_name="lines")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="plan_lines")
    from_manager = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    to_manager = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")  # null: pooled
    reason = models.CharField("理由", max_length=12, choices=Reason)
    detail = models.CharField("依据", max_length=160, blank=True)
    fit_before = models.FloatField("匹配前", null=True)
    fit_after = models.FloatField("匹配后", null=True)
    runner_up = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    runner_up_fit = models.FloatField("次优匹配", null=True)
    margin = models.FloatField("差距", null=True)  # points of fit between the chosen and the runner-up
    binding_limit = models.CharField("约束", max_length=80, blank=True)
    minutes = models.FloatField("每周分钟")
    value = models.FloatField("价值", default=0)
    needs_named_approval = models.BooleanField("须点名批准", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField("备注", max_length=160, blank=True)  # why rejected, or why it could not be applied

    objects = PlanLineQuerySet.as_manager()

    class Meta:
        verbose_name = "方案明细"
        constraints = [
            models.UniqueConstraint(fields=["plan", "client"], name="client_once_per_plan"),
            models.CheckConstraint(condition=~Q(from_manager=models.F("to_manager")), name="line_moves_somebody"),
        ]
        indexes = [
            # segmentation:plan_detail: those that need a name first, then by value
            models.Index(fields=["plan", "-needs_named_approval", "-value", "client"], name="line_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}:{self.client_id}"


class PlanLoad(models.Model):
    """What a plan does to one manager's book."""

    plan = models.ForeignKey(AllocationPlan, on_delete=models.CASCADE, related_name="loads")
    manager = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    capacity_minutes = models.FloatField("容量")
    minutes_before = models.FloatField("调整前")
    minutes_after = models.FloatField("调整后")
    clients_before = models.PositiveIntegerField("客户数前")
    clients_after = models.PositiveIntegerField("客户数后")
    value_before = models.FloatField("价值前")
    value_after = models.FloatField("价值后")

    class Meta:
        verbose_name = "方案负荷"
        constraints = [models.UniqueConstraint(fields=["plan", "manager"], name="load_once_per_plan")]

    def __str__(self) -> str:
        return f"{self.plan_id}:{self.manager_id}"

    @property
    def share_before(self) -> float:
        """Weekly minutes before the plan in percent of capacity, 0 for who has none."""
        return 100 * self.minutes_before / self.capacity_minutes if self.capacity_minutes else 0.0

    @property
    def share_after(self) -> float:
        """Weekly minutes under the plan in percent of capacity, 0 for who has none."""
        return 100 * self.minutes_after / self.capacity_minutes if self.capacity_minutes else 0.0


class WishQuerySet(ClientRows["ManagerWish"]):
    BRANCH = "client__branch"


class ManagerWish(models.Model):
    """What a client said about managers: stay with this one, or never that one. The client's word binds every plan."""

    class Kind(models.TextChoices):
        STAY = "stay", "希望不变"
        REFUSE = "refuse", "不要此人"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="manager_wishes")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("意愿", max_length=8, choices=Kind)
    said_on = models.DateField("日期")
    note = models.CharField("说明", max_length=160, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = "客户对经理的意愿"
        constraints = [models.UniqueConstraint(fields=["client", "employee"], name="wish_once_per_pair")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.kind} {self.employee_id}"
