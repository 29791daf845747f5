"""Questionnaires as data: versions, scored questions, and what clients answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models.client import Client
from clients.questionnaires import Ask, Option
from office.models import Branch, Employee
from office.rights import Principal, Reach, branch_ids, reach

if TYPE_CHECKING:
    from typing import Self

FROZEN = """
IF EXISTS (SELECT 1 FROM clients_questionnaire q
           WHERE q.id IN (COALESCE(NEW.questionnaire_id, 0), COALESCE(OLD.questionnaire_id, 0)) AND q.state <> 'draft')
THEN
    RAISE EXCEPTION 'clients: the questions of a version in force are never changed';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class Topic(models.TextChoices):
    """What a low answer is about; findings are collected by it."""

    ATTITUDE = "attitude", "服务态度"
    SKILL = "skill", "业务能力"
    SPEED = "speed", "办理效率"
    INFORMATION = "information", "告知与资讯"
    CHANNEL = "channel", "系统与渠道"
    FEES = "fees", "佣金费用"
    CONDUCT = "conduct", "执业规范"
    SECRECY = "secrecy", "信息保密"
    OTHER = "other", "其他"


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the house's questionnaires and those of the branches `user` belongs to."""
        return self.filter(Q(branch=None) | Q(branch__in=branch_ids(user)))


class Questionnaire(models.Model):
    """One version of a questionnaire, named by `code`; without a branch it is the house's.

    A draft is written at will; once in force a version never changes again, it is only retired by the next.
    """

    class Purpose(models.TextChoices):
        SATISFACTION = "satisfaction", "满意度调查"
        NEEDS = "needs", "需求调查"
        PROFILE = "profile", "客户信息"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ACTIVE = "active", "在用"
        RETIRED = "retired", "停用"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.SlugField("编号", max_length=40, db_index=False)
    version = models.PositiveSmallIntegerField("版本", default=1)
    title = models.CharField("名称", max_length=60)
    purpose = models.CharField("用途", max_length=12, choices=Purpose, default=Purpose.SATISFACTION)
    opening = models.TextField("开场白", max_length=600)  # read out on the phone, shown above the form online
    thanks = models.TextField("结束语", max_length=300)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1, editable=False)  # of the draft: whoever saves names it
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField("启用", null=True)
    written_at = models.DateTimeField("编写", auto_now_add=True)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = "问卷"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "code", "version"], name="questionnaire_version_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["branch", "code"], condition=Q(state="draft"), name="questionnaire_one_draft",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["branch", "code"], condition=Q(state="active"), name="questionnaire_one_in_force",
                nulls_distinct=False,
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(
                name="active_words_stay",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="draft")
                & (
                    pgtrigger.Q(old__title__df=pgtrigger.F("new__title"))
                    | pgtrigger.Q(old__opening__df=pgtrigger.F("new__opening"))
                    | pgtrigger.Q(old__thanks__df=pgtrigger.F("new__thanks"))
                    | pgtrigger.Q(old__purpose__df=pgtrigger.F("new__purpose"))
                    | pgtrigger.Q(old__version__df=pgtrigger.F("new__version"))
                    | pgtrigger.Q(new__state="draft")
                ),
            ),
            pgtrigger.Protect(
                name="active_never_deleted",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state="draft"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.version} 版"

    def get_absolute_url(self) -> str:
        return reverse("clients:questionnaire_detail", args=[self.pk])


class Question(models.Model):
    """One question of one version; `options` holds {"code", "label", "score"} in order."""

    class Kind(models.TextChoices):
        SINGLE = "single", "单选"
        MULTI = "multi", "多选"
        SCALE = "scale", "量表"
        TEXT = "text", "文字"

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="questions", db_index=False)
    number = models.PositiveSmallIntegerField("题号")
    kind = models.CharField("题型", max_length=6, choices=Kind)
    text = models.CharField("题目", max_length=200)
    options = models.JSONField("选项", default=list)
    required = models.BooleanField("必答", default=True)
    scale_max = models.PositiveSmallIntegerField("量表上限", default=5)
    asked_if = models.PositiveSmallIntegerField("条件题号", null=True)
    asked_codes = ArrayField(models.CharField(max_length=8), default=list)
    topic = models.CharField("主题", max_length=12, choices=Topic, blank=True)
    is_overall = models.BooleanField("总体满意度", default=False)

    class Meta:
        verbose_name = "题目"
        constraints = [models.UniqueConstraint(fields=["questionnaire", "number"], name="question_number_once")]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_in_force",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=FROZEN,
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"

    @property
    def ask(self) -> Ask:
        """The question as arithmetic knows it."""
        options = tuple(Option(row["code"], row["label"], row["score"]) for row in self.options)
        return Ask(
            self.number, self.kind, self.text, options, self.required, self.scale_max, self.asked_if,
            frozenset(self.asked_codes), self.topic, self.is_overall,
        )  # fmt: skip


class AnswerSheetQuerySet(models.QuerySet["AnswerSheet"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the sheets `user` may read: of his whole branch, never one that is about himself.

        A client manager and a team leader read none, whoever the client is; what they learn are the sums
        of complaints.queries.satisfaction. No key reads any.
        """
        if not isinstance(user, Employee) or reach(user) < Reach.BRANCH:
            return self.none()
        return self.filter(branch__in=branch_ids(user)).exclude(about=user)


class AnswerSheet(models.Model):
    """What one client answered, once and for all. `about` served him at the time: the one who is never told."""

    class Channel(models.TextChoices):
        PHONE = "phone", "电话回访"
        ONLINE = "online", "在线问卷"
        FORUM = "forum", "客户座谈会"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="answer_sheets")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="sheets")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    answers = models.JSONField("回答")  # question number → code, codes, step or text
    score = models.FloatField("得分", null=True)  # 1 to 5
    topics = models.JSONField("各主题得分", default=dict)
    channel = models.CharField("渠道", max_length=6, choices=Channel)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(  # null: the client himself, online
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "答卷"
        constraints = [
            models.CheckConstraint(condition=Q(score=None) | Q(score__range=(1, 5)), name="sheet_scores_1_to_5"),
            models.CheckConstraint(
                condition=Q(by=None) | Q(about=None) | ~Q(by=models.F("about")), name="sheet_not_taken_by_its_subject"
            ),
        ]
        indexes = [models.Index(fields=["branch", "at"], name="sheet_by_moment")]  # low scores of a span
        triggers = [pgtrigger.Protect(name="never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"答卷 {self.pk}"  # neither client nor answer: the audit book shows it
