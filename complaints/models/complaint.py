"""One complaint: what was said, who handles it, how it was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from clients.models import Client
from clients.models.scope import visible
from complaints.models.choices import (
    BusinessClass,
    Category,
    Cause,
    Channel,
    Mediation,
    Outcome,
    PersonsClass,
    Reasonableness,
    State,
    Urgency,
)
from complaints.rules.states import OPEN
from office.crypto import EncryptedTextField
from office.models import Branch, Employee
from office.rights import Principal, Reach, reach

if TYPE_CHECKING:
    from typing import Self

MANAGER = "client__standing__manager"
NOT_NAMED = """
IF EXISTS (SELECT 1 FROM complaints_complaintparty p
           WHERE p.complaint_id = NEW.id AND p.employee_id IN (NEW.handler_id, NEW.approver_id, NEW.reviewer_id)) THEN
    RAISE EXCEPTION 'complaints: nobody named in a complaint handles or approves it';
END IF;
RETURN NEW;
"""
KEPT = """
IF OLD.is_held OR OLD.kept_until >= CURRENT_DATE THEN
    RAISE EXCEPTION 'complaints: kept until %, hold %', OLD.kept_until, OLD.is_held;
END IF;
RETURN OLD;
"""


LONGEST_PIECE = 8  # characters; a longer part of a name is looked up by its beginning and compared as a whole


def pieces(name: str) -> models.Func:
    """Return the parts of up to LONGEST_PIECE characters of the column `name`, in lower case, as the index holds them.

    Names of two or three characters have no trigrams to speak of, so each of their parts is kept whole.
    """
    held: ArrayField[Any, Any] = ArrayField(models.TextField())
    return models.Func(F(name), function="complaints_pieces", output_field=held)


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the complaints of the clients `user` may know of, and those he works on or wrote down himself.

        Never those that name him, whatever his post, until compliance released the words to him; nor does a
        key tell them that he made. A complaint without a client is known to the branch's desk, and to who
        works on it.
        """
        known = visible(user, manager=MANAGER)
        if not isinstance(user, Employee):
            return self.filter(known)._not_naming(user.made_by_id)
        if user.is_active and reach(user) < Reach.BRANCH:
            known |= Q(branch_id=user.branch_id) & self._worked_on(user)
        return self.filter(known)._not_naming(user.pk)

    def worked_on_by(self, user: Employee) -> Self:
        """Keep what `user` handles, wrote down, reviews, was asked about, or was allowed to read as one it names."""
        return self.filter(self._worked_on(user))

    def _not_naming(self, employee_id: int | None) -> Self:
        naming = self.model._default_manager.filter(parties__employee=employee_id, parties__released_at=None)
        return self.exclude(pk__in=naming.values("pk"))

    def _worked_on(self, user: Employee) -> Q:
        every = self.model._default_manager
        referred = every.filter(referrals__employee=user).values("pk")
        released = every.filter(parties__employee=user, parties__released_at__isnull=False).values("pk")
        acts = Q(handler=user) | Q(recorder=user) | Q(reviewer=user)
        return acts | Q(pk__in=referred) | Q(pk__in=released)

    def open(self) -> Self:
        """Keep what is not ended and not joined to another."""
        return self.filter(state__in=OPEN, merged_into=None)

    def standing(self) -> Self:
        """Keep what counts by itself: repeats joined to another complaint do not."""
        return self.filter(merged_into=None)


class Complaint(models.Model):
    """What somebody holds against the branch, from the first word to the last answer.

    Writers: complaints.operations alone; `version` tells two of them apart. `due_at` is the earliest
    deadline that runs at present. Words are personal: content, demands, answers and plan are shown
    only where `queries.scope.may_read_words` says so.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="complaints", db_index=False)
    no = models.CharField("编号", max_length=20, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="complaints")
    caller_name = models.CharField("投诉人", max_length=60)
    account_no = EncryptedTextField("客户账号", default="", blank=True)
    account_index = models.CharField(max_length=64, blank=True, editable=False)
    account_masked = models.CharField("客户账号", max_length=32, blank=True, editable=False)
    phone = EncryptedTextField("联系电话", default="", blank=True)
    phone_index = models.CharField(max_length=64, blank=True, editable=False)
    phone_masked = models.CharField("联系电话", max_length=20, blank=True, editable=False)
    channel = models.CharField("渠道", max_length=14, choices=Channel)
    category = models.CharField("类别", max_length=16, choices=Category)
    transfer_no = models.CharField("转办编号", max_length=40, blank=True)
    contact_id = models.BigIntegerField("服务日志", null=True)  # of the log entry it came from; that app is a stranger
    received_at = models.DateTimeField("收到时间")
    content = models.TextField("投诉内容")
    people_count = models.PositiveSmallIntegerField("人数", default=1)
    service_wanted = models.TextField("所需服务", blank=True)
    special_requests = models.TextField("特殊要求", blank=True)
    our_answers = models.TextField("我方答复要点", blank=True)
    business_class = models.CharField("业务类别", max_length=12, choices=BusinessClass, default=BusinessClass.OTHER)
    persons_class = models.CharField("人数类别", max_length=8, choices=PersonsClass, default=PersonsClass.SINGLE)
    urgency = models.CharField("紧急程度", max_length=8, choices=Urgency, default=Urgency.NORMAL)
    reasonableness = models.CharField("合理性", max_length=14, choices=Reasonableness, default=Reasonableness.PENDING)
    is_commission = models.BooleanField("涉及佣金", default=False)
    state = models.CharField("状态", max_length=14, choices=State, default=State.ACCEPTED)
    due_at = models.DateTimeField("时限", null=True)  # null: ended, or nothing runs
    is_paused = models.BooleanField("暂停计时", default=False)
    recorder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    handler = models.ForeignKey(  # null: everybody of the branch is named
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False
    )
    cause_code = models.CharField("原因", max_length=18, choices=Cause, blank=True)
    cause_note = models.TextField("原因说明", blank=True)
    plan = models.TextField("处理方案", blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField("处理结论", max_length=8, choices=Outcome, blank=True)
    refusal_reason = models.TextField("不支持或不予受理的理由", blank=True)
    appeal_text = models.TextField("救济途径", blank=True)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField("批准时间", null=True)
    reviewer = models.ForeignKey(  # who gives the second opinion
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_because = models.TextField("复核理由", blank=True)
    feedback_at = models.DateTimeField("反馈时间", null=True)
    feedback_channel = models.CharField("反馈方式", max_length=14, choices=Channel, blank=True)
    feedback_text = models.TextField("反馈内容", blank=True)
    satisfied = models.BooleanField("客户是否满意", null=True)
    satisfaction = models.PositiveSmallIntegerField("满意度", null=True)  # 1 to 5
    ended_at = models.DateTimeField("结束时间", null=True)
    extension_days = models.PositiveSmallIntegerField("延长天数", null=True)  # calendar days asked for
    extension_reason = models.TextField("延长理由", blank=True)
    extension_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    extended_at = models.DateTimeField("批准延长", null=True)
    mediation = models.CharField("调解", max_length=10, choices=Mediation, default=Mediation.NONE)
    is_held = models.BooleanField("法律保全", default=False)
    hold_reason = models.CharField("保全理由", max_length=200, blank=True)
    kept_until = models.DateField("保存至")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")
    merged_at = models.DateTimeField("并入时间", null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "投诉"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "transfer_no"], condition=~Q(transfer_no=""), name="transfer_counted_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["handling", "feedback", "closed"]) | ~Q(cause_code=""),
                name="complaint_cause_before_handling",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["feedback", "closed"]) | (~Q(plan="") & Q(approver__isnull=False)),
                name="complaint_approved_before_feedback",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(feedback_at__isnull=False), name="complaint_feedback_before_closing"
            ),
            models.CheckConstraint(
                condition=~(Q(state="rejected") | Q(outcome="refused")) | (~Q(refusal_reason="") & ~Q(appeal_text="")),
                name="complaint_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | Q(handler=None) | ~Q(approver=F("handler")),
                name="complaint_approver_is_other",
            ),
            models.CheckConstraint(
                condition=~(Q(state="closed") & Q(mediation="requested")), name="complaint_mediation_answered"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "rejected", "withdrawn"]) ^ Q(ended_at=None),
                name="complaint_ended_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__range=(1, 5)), name="complaint_satisfaction_1_to_5"
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "state", "due_at"], name="complaint_by_due"),  # list and board, urgent first
            models.Index(fields=["branch", "-received_at", "-id"], name="complaint_by_receipt"),  # register
            models.Index(fields=["handler", "state", "due_at"], name="complaint_of_handler"),  # my queue
            models.Index(fields=["phone_index"], name="complaint_phone", condition=~Q(phone_index="")),
            models.Index(fields=["account_index"], name="complaint_account", condition=~Q(account_index="")),
            # lists._by_caller: any part of the name
            GinIndex(pieces("caller_name"), name="complaint_caller", fastupdate=False),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="not_by_the_named",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=NOT_NAMED,
            ),
            pgtrigger.Trigger(name="kept", when=pgtrigger.Before, operation=pgtrigger.Delete, func=KEPT),
            pgtrigger.Protect(
                name="mediation_never_refused",
                operation=pgtrigger.Update,
                condition=(pgtrigger.Q(old__mediation="accepted") & ~pgtrigger.Q(new__mediation="accepted"))
                | pgtrigger.Q(old__mediation="requested", new__mediation="none"),
            ),
            pgtrigger.Protect(
                name="received_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__received_at__df=pgtrigger.F("new__received_at"))
                | pgtrigger.Q(old__no__df=pgtrigger.F("new__no")),
            ),
        ]

    def __str__(self) -> str:
        return self.no  # and nothing else: audit book and notices are read by those it may be about

    def get_absolute_url(self) -> str:
        return reverse("complaints:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether something is still owed to whoever complained."""
        return self.state in OPEN and self.merged_into_id is None

    @property
    def is_unsatisfied(self) -> bool:
        """Whether the client said that the answer does not satisfy him."""
        return self.satisfied is False or (self.satisfaction is not None and self.satisfaction <= 2)

    def is_overdue(self, now: datetime) -> bool:
        """Whether a deadline of an open complaint has passed."""
        return self.is_open and self.due_at is not None and self.due_at < now


class NumberBook(models.Model):
    """The last number given out in one month, "2608"; numbers are consecutive and never used twice."""

    month = models.CharField(max_length=4, primary_key=True)
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = "投诉编号"

    def __str__(self) -> str:
        return f"{self.month}-{self.last:04d}"
