"""The service log: what was done for a client, by whom, with what result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from clients.models import Client
from clients.models.scope import ClientRows, visible
from office.models import Branch, Role
from office.rights import Principal, Reach, own, reach
from service_logs.models.catalogue import Channel
from service_logs.models.script import Script

if TYPE_CHECKING:
    from typing import Self


class ContactQuerySet(ClientRows["Contact"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the entries of clients that `user` may know of, less those kept from him; own ones always."""
        seen = visible(user, branch=self.BRANCH, manager=self.MANAGER)
        if reach(user) < Reach.TEAM and not user.has_role(Role.COMPLIANCE):
            seen &= Q(audience=Contact.Audience.ALL)
        return self.filter(seen | own(user, "author") & Q(branch_id=user.branch_id))

    def standing(self) -> Self:
        """Keep what was not undone."""
        return self.filter(undone_at=None)


class Contact(models.Model):
    """One contact with one client (服务日志)."""

    class Direction(models.TextChoices):
        OUT = "out", "呼出"
        IN = "in", "来电来访"

    class Initiator(models.TextChoices):
        STAFF = "staff", "员工主动"
        CLIENT = "client", "客户主动"

    class Purpose(models.TextChoices):
        CARE = "care", "关怀"
        MARKET_INFO = "market_info", "市场资讯"
        ADVICE_RELAY = "advice_relay", "转达投顾建议"
        PRODUCT = "product", "产品"
        RETURN_VISIT = "return_visit", "回访"
        COMPLAINT = "complaint", "投诉"
        EDUCATION = "education", "投教"
        RETENTION = "retention", "挽留"
        MOT = "mot", "MOT"
        SURVEY = "survey", "调查"

    class Result(models.TextChoices):
        REACHED = "reached", "已联系"
        NOT_REACHED = "not_reached", "未接通"
        CALLBACK_AGREED = "callback_agreed", "约时间"
        REFUSED = "refused", "拒绝"
        WRONG_PERSON = "wrong_person", "号码有误"
        COMPLAINT_RAISED = "complaint_raised", "提出投诉"
        SMS_DELIVERED = "sms_delivered", "已送达"
        SMS_FAILED = "sms_failed", "发送失败"

    class Audience(models.TextChoices):
        ALL = "all", "可见此客户的人"
        LEADERS = "leaders", "仅团队长以上与合规"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contacts")
    at = models.DateTimeField("时间")
    channel = models.CharField("方式", max_length=8, choices=Channel, default=Channel.PHONE)
    direction = models.CharField("方向", max_length=3, choices=Direction, default=Direction.OUT)
    initiator = models.CharField("发起", max_length=6, choices=Initiator, default=Initiator.STAFF)
    purpose = models.CharField("目的", max_length=14, choices=Purpose, default=Purpose.CARE)
    duration_min = models.PositiveSmallIntegerField("时长（分钟）", null=True, blank=True)
    result = models.CharField("结果", max_length=16, choices=Result)
    summary = models.CharField("摘要", max_length=1000)
    feedback = models.CharField("客户反馈", max_length=20, blank=True)  # one of the rule's choices
    need = models.CharField("需求", max_length=200, blank=True)
    promise = models.CharField("承诺", max_length=200, blank=True)
    promise_due_on = models.DateField("兑现日", null=True, blank=True)
    next_contact_on = models.DateField("下次联系", null=True, blank=True)  # null: by the rhythm
    script = models.ForeignKey(  # the version that lay beside the talk
        Script, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="话术"
    )
    audience = models.CharField("可见范围", max_length=8, choices=Audience, default=Audience.ALL)
    is_qualifying = models.BooleanField("算作联系", default=False)  # by the policy that held when it was saved
    version = models.PositiveIntegerField(default=1, editable=False)
    made_at = models.DateTimeField("录入", auto_now_add=True)
    corrected_at = models.DateTimeField("更正", null=True)
    undone_at = models.DateTimeField("撤回", null=True)  # set within minutes of saving; the row stays

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "服务日志"
        permissions = [("do_task", "办理任务与服务日志")]
        constraints = [
            models.CheckConstraint(condition=Q(promise_due_on=None) | ~Q(promise=""), name="due_promise_is_named"),
        ]
        indexes = [
            models.Index(fields=["client", "-at"], name="contact_of_client"),  # the client's timeline
            models.Index(fields=["branch", "-at", "-id"], name="contact_latest"),  # contact_list
            # contact_list of what is rare in a long log: without these a filter reads all of it to count a few
            models.Index(fields=["branch", "result", "-at", "-id"], name="contact_by_result"),
            models.Index(
                fields=["branch", "-at", "-id"], name="contact_with_need", condition=Q(undone_at=None) & ~Q(need="")
            ),
            models.Index(
                fields=["branch", "-at", "-id"], name="contact_promising", condition=Q(undone_at=None) & ~Q(promise="")
            ),
            models.Index(
                fields=["branch", "-at", "-id"], name="contact_corrected", condition=Q(corrected_at__isnull=False)
            ),
            models.Index(fields=["branch", "-at", "-id"], name="contact_undone", condition=Q(undone_at__isnull=False)),
            models.Index(  # the night looks for numbers that fail, and for what a client said of leaving
                fields=["branch", "at"],
                name="contact_telling",
                condition=Q(undone_at=None)
                & (~Q(feedback="") | Q(need__contains="佣金") | Q(result__in=["sms_failed", "wrong_person"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.get_result_display()}"

    def get_absolute_url(self) -> str:
        return reverse("service_logs:contact_detail", args=[self.pk])

    @property
    def is_reached(self) -> bool:
        """Whether somebody spoke with the client."""
        return self.result in (self.Result.REACHED, self.Result.CALLBACK_AGREED, self.Result.COMPLAINT_RAISED)
