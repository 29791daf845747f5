"""Surveys: a run of one questionnaire, whom it asks, by which way, and what was written to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clients.models import AnswerSheet, Client, Questionnaire
from office.models import Branch, Employee
from office.rights import Principal, Reach, branch_ids, reach

if TYPE_CHECKING:
    from typing import Self

Channel = AnswerSheet.Channel


def seen(user: Principal, path: str = "branch") -> Q:
    """Return the condition on rows of surveys: who sees the whole branch knows them, nobody else and no key."""
    if not isinstance(user, Employee) or reach(user) < Reach.BRANCH:
        return Q(pk__in=[])
    return Q(**{f"{path}__in": branch_ids(user)})


class SurveyRunQuerySet(models.QuerySet["SurveyRun"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the runs of the branch of `user`, if he sees all of it; managers see their figures alone."""
        return self.filter(seen(user))


class SurveyRun(models.Model):
    """One survey: which version is asked of whom, from when to when. After its last day nothing is added.

    `audience` narrows who may be drawn: tiers, types, managers, teams (lists), contacted_since (ISO date).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    class LowOpens(models.TextChoices):
        EVENT = "event", "生成低满意度任务（MOT 48）"
        COMPLAINT = "complaint", "登记投诉"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField("名称", max_length=60)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="runs")
    audience = models.JSONField("对象", default=dict)
    sample_size = models.PositiveIntegerField("抽取人数", null=True)
    sample_share = models.FloatField("抽取比例", null=True)  # 0 to 1
    seed = models.PositiveIntegerField("抽样种子")
    channels = ArrayField(models.CharField(max_length=6, choices=Channel), verbose_name="渠道")  # in this order
    opens_on = models.DateField("开始")
    closes_on = models.DateField("结束")  # the last day on which answers are taken
    reminders_most = models.PositiveSmallIntegerField("最多提醒", default=1)
    remind_after_days = models.PositiveSmallIntegerField("提醒间隔（天）", default=5)
    low_opens = models.CharField("低分处理", max_length=9, choices=LowOpens, default=LowOpens.EVENT)
    state = models.CharField("状态", max_length=6, choices=State, default=State.DRAFT)
    population = models.PositiveIntegerField("符合条件", default=0)  # counted when the sample was drawn
    not_asked = models.PositiveIntegerField("拒绝或无渠道", default=0)  # of those drawn: consent left no way to ask
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    drawn_at = models.DateTimeField("抽样时间", null=True)
    ended_at = models.DateTimeField("提前结束", null=True)

    objects = SurveyRunQuerySet.as_manager()

    class Meta:
        verbose_name = "满意度调查"
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="run_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(sample_share=None) | Q(sample_share__gt=0, sample_share__lte=1), name="run_share_0_to_1"
            ),
            models.CheckConstraint(condition=Q(sample_size=None) | Q(sample_share=None), name="run_one_sample"),
            models.CheckConstraint(condition=Q(reminders_most__lte=3), name="run_few_reminders"),
        ]
        indexes = [models.Index(fields=["branch", "-opens_on", "-id"], name="run_by_start")]  # the list

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("complaints:survey_detail", args=[self.pk])

    def is_over(self, today: date) -> bool:
        """Whether no more answers are taken: ended by hand, or its last day has passed."""
        return self.state == self.State.CLOSED or self.closes_on < today

    def takes_answers(self, today: date) -> bool:
        """Whether answers are taken on that day."""
        return self.state == self.State.OPEN and self.opens_on <= today <= self.closes_on

    def shown_state(self, today: date) -> str:
        """Return the state in words as it is on that day."""
        if self.state != self.State.DRAFT and self.is_over(today):
            return str(self.State.CLOSED.label)
        return self.get_state_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep who was asked by the branch of `user`, if he sees all of it."""
        return self.filter(seen(user, "run__branch"))

    def answerable_by(self, user: Employee) -> Self:
        """Keep those whose client `user` neither serves now nor served when he was drawn."""
        return self.exclude(Q(manager=user) | Q(client__standing__manager=user))


class Invitation(models.Model):
    """One client asked in one run. `manager` served him when he was drawn, and is whom the answers are about."""

    class State(models.TextChoices):
        WAITING = "waiting", "待回答"
        ANSWERED = "answered", "已回答"
        REFUSED = "refused", "拒绝回答"
        UNREACHABLE = "unreachable", "未联系上"

    run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="invitations")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    channel = models.CharField("渠道", max_length=6, choices=Channel)
    way = models.CharField("送达方式", max_length=8)  # phone, or how the link travels: wecom, sms, email
    state = models.CharField("状态", max_length=12, choices=State, default=State.WAITING)
    nonce = models.CharField(max_length=32)  # the link follows from it and the secret of this installation
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  # null until a link is issued
    expires_at = models.DateTimeField("链接有效至", null=True)
    tries = models.PositiveSmallIntegerField("拨打次数", default=0)
    last_try_at = models.DateTimeField("最近拨打", null=True)
    answered_at = models.DateTimeField("回答时间", null=True)
    sheet = models.OneToOneField(AnswerSheet, on_delete=models.PROTECT, null=True, related_name="invitation")
    complaint_id = models.BigIntegerField("投诉", null=True)  # the one its low score opened

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "调查对象"
        constraints = [
            models.UniqueConstraint(fields=["run", "client"], name="invited_once_per_run"),
            models.CheckConstraint(condition=Q(state="answered") ^ Q(sheet=None), name="answered_has_sheet"),
        ]
        indexes = [models.Index(fields=["run", "state", "channel"], name="invitation_by_state")]
        triggers = [
            pgtrigger.Protect(  # whom the answers are about is settled when the client is drawn
                name="manager_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__manager_id__df=pgtrigger.F("new__manager_id")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}·{self.pk}"

    def is_open_at(self, now: datetime) -> bool:
        """Whether its link may still be used at that moment."""
        return self.state == self.State.WAITING and self.expires_at is not None and now < self.expires_at


class SurveyMessage(models.Model):
    """A message with the link that waits to be sent, not before `not_before`: outside the quiet hours.

    Nothing here sends it: the staff does by hand (views.survey_messages) and marks it, or a gate of the branch
    that reads the export. The link is not stored, it is derived when the text is made.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", "邀请"
        REMINDER = "reminder", "提醒"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        DROPPED = "dropped", "不再发送"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    turn = models.PositiveSmallIntegerField(default=0)  # 0 the invitation, 1 … the reminders
    way = models.CharField("方式", max_length=8)
    not_before = models.DateTimeField("最早发送")
    made_at = models.DateTimeField("生成")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    done_at = models.DateTimeField("处理", null=True)

    class Meta:
        verbose_name = "调查短信"
        constraints = [models.UniqueConstraint(fields=["invitation", "turn"], name="message_once_a_turn")]
        indexes = [models.Index(fields=["not_before"], condition=Q(state="waiting"), name="message_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.invitation_id}"


class ForumQuerySet(models.QuerySet["Forum"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the forums of the branch of `user`, if he sees all of it."""
        return self.filter(seen(user))


class Forum(models.Model):
    """A 座谈会: several clients at one table, what they said, and who filled in which sheet (by their invitations)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, related_name="forums")
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=60)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="主持人"
    )
    minutes = models.TextField("纪要", max_length=4000)
    attendees = models.ManyToManyField(Invitation, related_name="forums")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ForumQuerySet.as_manager()

    class Meta:
        verbose_name = "客户座谈会"

    def __str__(self) -> str:
        return f"座谈会 {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("complaints:forum_detail", args=[self.pk])
