"""The ledger of work done in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from office.models.branch import Branch

if TYPE_CHECKING:
    from office.models.employee import Employee


class JobRunQuerySet(models.QuerySet["JobRun"]):
    """Runs of background work, as far as a person may see them."""

    def visible_to(self, user: Employee) -> JobRunQuerySet:
        """Keep the runs of the user's branch."""
        return self.filter(branch_id=user.branch_id) if user.branch_id else self.none()


class JobRun(models.Model):
    """One job for one branch and business date; the unique key is what keeps anything from running twice."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "运行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        SKIPPED = "skipped", "跳过"

    name = models.CharField("作业", max_length=60)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="job_runs")
    as_of = models.DateField("业务日期")
    edition = models.PositiveSmallIntegerField("版次", default=1)  # 2 and up: a corrected night of the same day
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    worker = models.CharField("执行者", max_length=80, blank=True)
    lease_until = models.DateTimeField("租约至", null=True)
    started_at = models.DateTimeField("开始", null=True)
    finished_at = models.DateTimeField("结束", null=True)
    rows_seen = models.BigIntegerField("处理行数", default=0)
    rows_changed = models.BigIntegerField("变更行数", default=0)
    rows_expected = models.BigIntegerField("应处理行数", null=True)
    skipped = models.JSONField("跳过", default=dict)  # reason in Chinese → count
    detail = models.JSONField("明细", default=dict)
    peak_mb = models.PositiveIntegerField("内存峰值（MB）", null=True)
    error = models.TextField("错误", blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "作业"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "branch", "as_of", "edition"], name="job_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["branch", "-as_of", "name"], name="job_by_branch")]  # night_list

    def __str__(self) -> str:
        return f"{self.name} {self.as_of:%Y-%m-%d}"

    @property
    def seconds(self) -> float | None:
        """How long it ran, in seconds."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
