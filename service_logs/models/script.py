"""What to say when: the scripts of the house and of each branch, version by version (话术, FRM-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from office.models import Branch
from office.rights import Principal, branch_ids

if TYPE_CHECKING:
    from typing import Self


class ScriptQuerySet(models.QuerySet["Script"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the house's scripts and those of the branches `user` belongs to."""
        return self.filter(Q(branch=None) | Q(branch__in=branch_ids(user)))


class Script(models.Model):
    """One version of what is said in one situation, named by `key` ("mot.leaving", "retention.commission").

    A row without a branch is the house's. Of a branch's own rows the highest version that was ever
    approved decides: in force it takes the house's place, retired it leaves the branch without one.
    Only a draft is ever rewritten.
    """

    class Scene(models.TextChoices):
        MOT = "mot", "MOT 事件"
        RETENTION = "retention", "挽留"
        COMPLAINT = "complaint", "投诉"
        VISIT = "visit", "回访"
        STAGE = "stage", "投顾四阶段"

    class Stage(models.TextChoices):
        STATISTICS = "statistics", "统计服务"
        RECOGNITION = "recognition", "认知服务"
        TRUST = "trust", "信任服务"
        SALES = "sales", "销售服务"

    class State(models.TextChoices):
        DRAFT = "draft", "待审核"
        APPROVED = "approved", "在用"
        RETIRED = "retired", "停用"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField("编号", max_length=60)
    scene = models.CharField("场景", max_length=10, choices=Scene)
    stage = models.CharField("阶段", max_length=12, choices=Stage, blank=True)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("话术", max_length=2000)
    questions = models.TextField("关键问题", max_length=1000, blank=True)  # one a line
    avoid = models.TextField("不可说", max_length=1000, blank=True)  # one a line
    version = models.PositiveSmallIntegerField("版本", default=1)
    revision = models.PositiveIntegerField(default=1, editable=False)  # of the draft: whoever approves names it
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("审核", null=True)
    written_at = models.DateTimeField("编写", auto_now=True)

    objects = ScriptQuerySet.as_manager()

    class Meta:
        verbose_name = "话术"
        permissions = [("approve_script", "审核与停用话术")]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "key", "version"], name="script_version_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["branch", "key"], condition=Q(state="draft"), name="script_one_draft", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["branch", "key"], condition=Q(state="approved"), name="script_one_in_force",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("author")), name="script_approved_by_another"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title} 第 {self.version} 版"

    def get_absolute_url(self) -> str:
        return reverse("service_logs:script_detail", args=[self.key])

    @property
    def question_lines(self) -> list[str]:
        """The key questions, one a line."""
        return [line.strip() for line in self.questions.splitlines() if line.strip()]

    @property
    def avoid_lines(self) -> list[str]:
        """What is not to be said, one a line."""
        return [line.strip() for line in self.avoid.splitlines() if line.strip()]
