"""Findings: what complaints and surveys teach, what is done about it, and whether it helped."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models import AnswerSheet, Client, Topic
from complaints.models.complaint import Complaint
from complaints.models.survey import SurveyRun
from complaints.rules import findings as rules
from office.models import Branch, Employee
from office.rights import Principal, Reach, branch_ids, reach

if TYPE_CHECKING:
    from typing import Self


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep what `user` may know of: the branch's common findings, those he is to act on, all if he leads.

        Never one about himself: it may tell him who said what.
        """
        if not isinstance(user, Employee) or not user.is_active:
            return self.none()
        rows = self.filter(branch__in=branch_ids(user)).exclude(about=user)
        if reach(user) >= Reach.BRANCH:
            return rows
        common = Q(kind=rules.COMMON, about=None) if reach(user) > Reach.NONE else Q()
        return rows.filter(Q(owner=user) | common if common else Q(owner=user))

    def overdue(self, today: date) -> Self:
        """Keep measures whose day has passed and that are not done."""
        return self.filter(state=rules.PLANNED, due_on__lt=today)


class Finding(models.Model):
    """One thing to improve: found, a measure with owner and day, its result, and the figure before and after.

    `about` is the one employee it is about, if any; he never owns it and never sees it.
    """

    class Kind(models.TextChoices):
        COMMON = rules.COMMON, "共性"
        INDIVIDUAL = rules.INDIVIDUAL, "个性"

    class State(models.TextChoices):
        OPEN = rules.OPEN, "待定措施"
        PLANNED = rules.PLANNED, "整改中"
        DONE = rules.DONE, "已完成，待复测"
        REMEASURED = rules.REMEASURED, "已复测"
        DROPPED = rules.DROPPED, "不处理"

    class MeasureKind(models.TextChoices):
        TRAINING = "training", "培训"
        PERSONAL = "personal", "个性化服务"
        PROCESS = "process", "流程改进"
        SYSTEM = "system", "系统改进"
        INFORMATION = "information", "告知说明"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField("事项", max_length=80)
    topic = models.CharField("主题", max_length=12, choices=Topic)
    kind = models.CharField("共性或个性", max_length=10, choices=Kind)
    note = models.TextField("说明", max_length=1000, blank=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="客户")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    clients_count = models.PositiveIntegerField("涉及客户", default=0)  # who said so when it was found
    answered_count = models.PositiveIntegerField("答卷", default=0)  # of how many
    base_run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, null=True, related_name="findings")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    measure_kind = models.CharField("措施类别", max_length=12, choices=MeasureKind, blank=True)
    measure = models.TextField("措施", max_length=600, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="findings", verbose_name="负责人"
    )
    due_on = models.DateField("完成期限", null=True)
    result = models.TextField("结果", max_length=1000, blank=True)
    done_on = models.DateField("完成日", null=True)
    later_run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, null=True, related_name="+")
    mean_before = models.FloatField("整改前", null=True)
    count_before = models.PositiveIntegerField(null=True)
    mean_after = models.FloatField("复测", null=True)
    count_after = models.PositiveIntegerField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "改进事项"
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(about=None) | ~Q(owner=models.F("about")),
                name="finding_not_owned_by_subject",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "done", "remeasured"])
                | (~Q(measure="") & Q(owner__isnull=False, due_on__isnull=False)),
                name="finding_measure_before_work",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "remeasured"]) | (~Q(result="") & Q(done_on__isnull=False)),
                name="finding_result_before_done",
            ),
            models.CheckConstraint(
                condition=~Q(state="remeasured") | Q(later_run__isnull=False, mean_after__isnull=False),
                name="finding_remeasured_has_figure",
            ),
        ]
        indexes = [models.Index(fields=["branch", "state", "due_on"], name="finding_by_state")]

    def __str__(self) -> str:
        return f"改进事项 {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("complaints:finding_detail", args=[self.pk])

    def is_overdue(self, today: date) -> bool:
        """Whether its measure should be done by now."""
        return self.state == rules.PLANNED and self.due_on is not None and self.due_on < today

    @property
    def proposal(self) -> tuple[str, str]:
        """(kind of measure, words) that are proposed for it."""
        return rules.proposal(self.topic, self.kind)

    @property
    def change(self) -> float | None:
        """How much the figure rose since before; None unless both are known."""
        if self.mean_after is None or self.mean_before is None:
            return None
        return round(self.mean_after - self.mean_before, 2)


class FindingItem(models.Model):
    """One complaint or one sheet that a finding was drawn from."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="items", db_index=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.ForeignKey(AnswerSheet, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "来源"
        constraints = [
            models.UniqueConstraint(fields=["finding", "complaint"], name="complaint_once_per_finding"),
            models.UniqueConstraint(fields=["finding", "sheet"], name="sheet_once_per_finding"),
            models.CheckConstraint(condition=Q(complaint=None) ^ Q(sheet=None), name="item_is_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}←{self.complaint_id or self.sheet_id}"


class ServiceStandard(models.Model):
    """One published version of what the branch promises its clients; the latest is what staff read (QUA-05)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveSmallIntegerField("版本")
    slogan = models.CharField("服务理念", max_length=60)
    promises = models.TextField("服务承诺", max_length=3000)  # one a line
    note = models.CharField("本次修订", max_length=200, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = "服务标准"
        constraints = [models.UniqueConstraint(fields=["branch", "version"], name="standard_version_once")]

    def __str__(self) -> str:
        return f"服务标准 第 {self.version} 版"

    @property
    def lines(self) -> list[str]:
        """The promises, one a line."""
        return [line.strip() for line in self.promises.splitlines() if line.strip()]
