"""The clocks of a complaint, and how long each may run."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from complaints.models.complaint import Complaint
from office.models import Branch


class ClockSetting(models.Model):
    """How long one step may take: the house's default, or what one branch set instead (regulation.md §3)."""

    class Limit(models.TextChoices):
        RECEIPT = "receipt", "受理"
        DECISION = "decision", "调查"
        HANDLING_NORMAL = "handling_normal", "处理（一般）"
        HANDLING_SERIOUS = "handling_serious", "处理（重大）"
        HANDLING_HARD = "handling_hard", "处理（疑难）"
        FEEDBACK = "feedback", "反馈"
        RESULT = "result", "给出结果"
        TRANSFER = "transfer", "转办回复"
        LIMIT = "limit", "最长办理"
        EXTENSION = "extension", "延长上限"

    class Unit(models.TextChoices):
        WORKING_DAYS = "working_days", "工作日"
        CALENDAR_DAYS = "calendar_days", "自然日"

    class Certainty(models.TextChoices):
        READ = "A", "法规原文"
        REPORTED = "B", "转引"
        HOUSE = "C", "本系统默认，待合规确认"

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    step = models.CharField("事项", max_length=18, choices=Limit)
    amount = models.PositiveSmallIntegerField("时限")
    unit = models.CharField("单位", max_length=14, choices=Unit)
    source = models.CharField("依据", max_length=160, blank=True)
    certainty = models.CharField("确定性", max_length=1, choices=Certainty)

    class Meta:
        verbose_name = "投诉时限"
        constraints = [
            models.UniqueConstraint(fields=["branch", "step"], nulls_distinct=False, name="clock_setting_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="clock_setting_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.amount} {self.get_unit_display()}"


class Clock(models.Model):
    """One deadline of one complaint: begun once, paused with a reason, stopped once, never deleted.

    `due_at` lies inside working time. It is provisional while it lies beyond the known calendar.
    """

    class Measure(models.TextChoices):
        RECEIPT = "receipt", "受理"
        DECISION = "decision", "调查"
        HANDLING = "handling", "处理"
        FEEDBACK = "feedback", "反馈"
        RESULT = "result", "给出结果"
        TRANSFER = "transfer", "转办回复"
        LIMIT = "limit", "最长办理"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    step = models.CharField("事项", max_length=10, choices=Measure)
    amount = models.PositiveSmallIntegerField("时限")
    unit = models.CharField("单位", max_length=14, choices=ClockSetting.Unit)
    certainty = models.CharField("确定性", max_length=1, choices=ClockSetting.Certainty)
    started_at = models.DateTimeField("开始")
    due_at = models.DateTimeField("时限")
    is_provisional = models.BooleanField("暂定", default=False)
    paused_at = models.DateTimeField("暂停", null=True)
    extension_days = models.PositiveSmallIntegerField("延长天数", default=0)  # calendar days
    paused_time = models.DurationField("已暂停工时", default=timedelta(0))  # of pauses that are over
    stopped_at = models.DateTimeField("停止", null=True)
    is_suspended = models.BooleanField("并案停止", default=False)  # stopped by a merge; runs on when that is undone
    level = models.PositiveSmallIntegerField("上报级别", default=0)  # rules.escalation.Level
    escalated_at = models.DateTimeField("上报", null=True)
    reminded_at = models.DateTimeField("提醒", null=True)

    class Meta:
        verbose_name = "投诉计时"
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "step"], condition=Q(stopped_at=None), name="clock_runs_once_per_step"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=models.F("started_at")), name="clock_due_after_start"),
        ]
        indexes = [
            models.Index(  # operations.deadlines.tick
                fields=["branch", "due_at"], name="clock_running", condition=Q(stopped_at=None, paused_at=None)
            ),
            models.Index(fields=["complaint", "started_at"], name="clock_of_complaint"),  # the page of one complaint
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.step}"

    @property
    def is_running(self) -> bool:
        """Whether time passes on it."""
        return self.stopped_at is None and self.paused_at is None

    def is_breached(self, now: datetime) -> bool:
        """Whether what it measures came late, or is late by now."""
        return self.due_at < (self.stopped_at or now) and self.paused_at is None
