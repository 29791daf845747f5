"""Independent return visits (回访): the plan of a year, each visit, and head office's spot checks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from clients.models import Client, DevelopmentRelation, Tier
from office.models import Branch, Employee, Role
from office.rights import Principal, branch_ids
from service_logs.models.script import Script
from service_logs.models.task import Signal

if TYPE_CHECKING:
    from typing import Self

READS_VISITS = "service_logs.view_visit"
AFTER_COMPLAINT = "complaint_visit"  # the MOT type whose signal asks for the visit after a complaint
READS_ALARMS = frozenset({Role.COMPLIANCE, Role.RISK_CONTROL, Role.AUDITOR})  # what points to a breach of the law


def _of_branch(user: Principal, path: str = "branch") -> Q:
    """Return the condition on rows of visits: those of the branch for whoever reads visits, none for anybody else."""
    if not isinstance(user, Employee) or not user.has_perm(READS_VISITS):
        return Q(pk__in=[])
    return Q(**{f"{path}__in": branch_ids(user)})


class VisitPlanQuerySet(models.QuerySet["VisitPlan"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the plans of the branch of `user`, if he reads visits."""
        return self.filter(_of_branch(user))


class VisitPlan(models.Model):
    """Whom the branch visits in one year: a random sample of last year's clients, and those who must be visited.

    `base_count` are the clients at 31 December of the year before, without dormant and suspended ones. `strata`
    tells for each stratum how many it held and how many were drawn; `seed` makes the same draw again.
    """

    class Certainty(models.TextChoices):
        CONFIRMED = "A", "有原文"
        RELATED = "B", "转述"
        ASSUMED = "C", "待核"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    base_count = models.PositiveIntegerField("基数（位）")
    ratio = models.DecimalField("比例", max_digits=5, decimal_places=4)
    certainty = models.CharField("确定性", max_length=1, choices=Certainty)  # of the ratio's source
    source = models.CharField("依据", max_length=160)
    target = models.PositiveIntegerField("抽样（位）")
    strata = models.JSONField("分层", default=list)
    seed = models.PositiveIntegerField("抽样种子")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("编制", auto_now_add=True)

    objects = VisitPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "回访计划"
        permissions = [("plan_visits", "编制回访计划与分派"), ("export_visit", "导出回访")]
        constraints = [
            models.UniqueConstraint(fields=["branch", "year"], name="visit_plan_once_a_year"),
            models.CheckConstraint(condition=Q(ratio__gt=0, ratio__lte=1), name="visit_ratio_0_to_1"),
            models.CheckConstraint(condition=Q(target__lte=F("base_count")), name="visit_target_within_base"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年回访计划"


class CheckQuerySet(models.QuerySet["SpotCheck"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the spot checks of the branch of `user`, if he reads visits."""
        return self.filter(_of_branch(user))


class SpotCheck(models.Model):
    """Head office's random look at confirmed development relations (RVS-04); its visits are those that name it."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    population = models.PositiveIntegerField("已确认关系")
    size = models.PositiveIntegerField("抽取")
    seed = models.PositiveIntegerField("抽样种子")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField("抽取日")
    due_on = models.DateField("完成期限")

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = "回访抽查"
        permissions = [("spot_check", "回访抽查")]
        constraints = [
            models.CheckConstraint(condition=Q(size__lte=F("population")), name="check_within_population"),
            models.UniqueConstraint(fields=["branch", "seed"], name="check_once_per_seed"),
        ]

    def __str__(self) -> str:
        return f"{self.made_on} 抽查"

    def get_absolute_url(self) -> str:
        return reverse("service_logs:visit_check_detail", args=[self.pk])


class VisitQuerySet(models.QuerySet["ReturnVisit"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the visits of the branch of `user`, if he reads visits, without those that are about himself.

        He is asked about after a complaint that names him, too.
        """
        rows = self.filter(_of_branch(user))
        if not isinstance(user, Employee):
            return rows
        about_him = Q(manager=user) | Q(client__standing__manager=user) | Q(relation__employee=user)
        return rows.exclude(about_him).not_after_complaints_about(user)

    def not_after_complaints_about(self, user: Employee) -> Self:
        """Leave out what follows a complaint that names `user`, whatever his post."""
        signals = Signal.objects.filter(
            client=OuterRef("client"), rule__code=AFTER_COMPLAINT, occurrence=OuterRef("occurrence"),
            hidden_from__contains=[user.pk],
        )  # fmt: skip
        return self.exclude(Exists(signals), kind=ReturnVisit.Kind.COMPLAINT)

    def open(self) -> Self:
        """Keep what is still to be visited."""
        return self.filter(state=ReturnVisit.State.OPEN)


class ReturnVisit(models.Model):
    """One visit of one client by somebody who neither serves nor won him (regulation.md §2.5).

    `manager`, `tier` and the two marks are what held when it was drawn. Once done, what was said stays as it is.
    """

    class Kind(models.TextChoices):
        NEW_ACCOUNT = "new_account", "新开户"
        EXISTING = "existing", "存量抽样"
        RELATION = "relation", "开发关系"
        DEPARTING_MANAGER = "departing_manager", "离职人员客户"
        COMPLAINT = "complaint", "投诉后"
        KEY = "key", "大额客户"
        SPOT_CHECK = "spot_check", "总部抽查"

    class State(models.TextChoices):
        OPEN = "open", "待回访"
        DONE = "done", "已回访"
        CANCELLED = "cancelled", "已取消"

    class Outcome(models.TextChoices):
        CLEAN = "clean", "信息属实"
        DEVIATING = "deviating", "部分不符"
        ALARMING = "alarming", "涉嫌违规"
        DENIED = "denied", "否认开发关系"
        REFUSED = "refused", "拒绝回访"
        UNREACHABLE = "unreachable", "无法联系"

    class Recognised(models.TextChoices):
        YES = "yes", "认可"
        NO = "no", "否认"

    class Finding(models.TextChoices):
        IN_ORDER = "in_order", "相符"
        NO_RECORDING = "no_recording", "无录音"
        UNLIKE_RECORDING = "unlike_recording", "与录音不符"
        NOT_INDEPENDENT = "not_independent", "回访人不独立"
        DENIED_IN_FORCE = "denied_in_force", "已否认仍有效"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    plan = models.ForeignKey(VisitPlan, on_delete=models.PROTECT, null=True, related_name="visits")
    check_of = models.ForeignKey(
        SpotCheck, on_delete=models.PROTECT, null=True, related_name="visits", verbose_name="抽查"
    )
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="visits", db_index=False)
    relation = models.ForeignKey(DevelopmentRelation, on_delete=models.PROTECT, null=True, related_name="visits")
    kind = models.CharField("类别", max_length=18, choices=Kind)
    occurrence = models.CharField("缘由", max_length=64)  # what makes this one differ from the next of its kind
    is_sample = models.BooleanField("抽样", default=False)  # drawn at random; it may be owed for another reason, too
    tier = models.CharField("等级", max_length=10, choices=Tier, default=Tier.GENERAL)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="服务人员"
    )
    is_agents = models.BooleanField("经纪人客户", default=False)
    is_elderly = models.BooleanField("65 岁及以上", default=False)
    script_key = models.CharField("话术编号", max_length=60, default="return_visit.five_topics")
    script = models.ForeignKey(Script, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    questions = models.JSONField("问题", default=list)  # as they were put: [topic, question]
    answers = models.JSONField("回答", default=dict)  # topic → {"said": …, "note": …}
    recognised = models.CharField("开发关系", max_length=3, choices=Recognised, blank=True)
    opinion = models.CharField("意见与建议", max_length=1000, blank=True)  # RVS-05
    outcome = models.CharField("结论", max_length=12, choices=Outcome, blank=True)
    is_alarming = models.BooleanField("转合规", default=False)
    recording_ref = models.CharField("录音编号", max_length=80, blank=True)
    caller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="visits")
    due_on = models.DateField("期限")
    tries = models.PositiveSmallIntegerField("未接通（次）", default=0)
    last_try_at = models.DateTimeField("最近拨打", null=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    done_on = models.DateField("回访日", null=True)
    kept_until = models.DateField("保存至", null=True)
    finding = models.CharField("抽查结论", max_length=18, choices=Finding, blank=True)
    finding_note = models.CharField("抽查说明", max_length=400, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="责任人"
    )
    made_at = models.DateTimeField("建立", auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "回访"
        permissions = [("make_visit", "办理回访")]
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "occurrence"], name="visit_once"),
            models.CheckConstraint(condition=Q(client__isnull=False) | Q(relation__isnull=False), name="visit_of_one"),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(done_on__isnull=False, kept_until__isnull=False, caller__isnull=False) & ~Q(outcome=""),
                name="done_visit_is_whole",
            ),
            models.CheckConstraint(condition=Q(finding="") | Q(check_of__isnull=False), name="finding_of_check"),
        ]
        indexes = [
            models.Index(fields=["branch", "due_on", "id"], name="visit_open", condition=Q(state="open")),
            models.Index(fields=["branch", "-due_on", "-id"], name="visit_by_due"),  # visit_list
            models.Index(fields=["client", "-done_on"], name="visit_of_client"),  # the client's timeline
        ]
        triggers = [
            pgtrigger.Protect(  # what a client said is evidence
                name="said_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="done")
                & (
                    pgtrigger.Q(old__answers__df=pgtrigger.F("new__answers"))
                    | pgtrigger.Q(old__outcome__df=pgtrigger.F("new__outcome"))
                    | pgtrigger.Q(old__caller_id__df=pgtrigger.F("new__caller_id"))
                    | pgtrigger.Q(old__state__df=pgtrigger.F("new__state"))
                ),
            ),
            pgtrigger.Protect(
                name="kept", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__kept_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}回访 {self.client_id}"

    def get_absolute_url(self) -> str:
        return reverse("service_logs:visit_detail", args=[self.pk])

    def is_overdue(self, on: date) -> bool:
        """Whether it is still owed after its day."""
        return self.state == self.State.OPEN and self.due_on < on

    def may_be_read_by(self, user: Employee) -> bool:
        """Whether `user`, who knows of the visit, may read what was said: an alarm is for compliance and its caller."""
        return not self.is_alarming or user.has_role(*READS_ALARMS) or user.pk == self.caller_id
