"""The timeline of a complaint."""

import pgtrigger
from django.conf import settings
from django.db import models

from complaints.models.choices import State
from complaints.models.complaint import Complaint


class Step(models.Model):
    """One act on one complaint, never changed afterwards; `note` and `facts` are words as the content is."""

    class Act(models.TextChoices):
        """The codes of `rules.states.Act` in words."""

        TAKE_IN = "take_in", "受理登记"
        INVESTIGATE = "investigate", "开始调查"
        FIND_CAUSE = "find_cause", "查明原因"
        PROPOSE = "propose", "提出处理方案"
        APPROVE = "approve", "批准方案"
        FEED_BACK = "feed_back", "反馈客户"
        CLOSE = "close", "结案"
        REJECT = "reject", "不予受理"
        WITHDRAW = "withdraw", "客户撤回"
        SECOND_OPINION = "second_opinion", "复核"
        VOID_APPROVAL = "void_approval", "批准失效"
        PAUSE = "pause", "暂停计时"
        RESUME = "resume", "恢复计时"
        ASK_EXTENSION = "ask_extension", "申请延长"
        EXTEND = "extend", "批准延长"
        DECLINE_EXTENSION = "decline_extension", "驳回延长"
        ASK_MEDIATION = "ask_mediation", "客户申请调解"
        ACCEPT_MEDIATION = "accept_mediation", "同意调解"
        CLASSIFY = "classify", "分类"
        NAME = "name", "列为被投诉人"
        RELEASE = "release", "准予被投诉人查看"
        HAND_OVER = "hand_over", "更换处理人"
        ATTACH = "attach", "添加附件"
        HOLD = "hold", "法律保全"
        REFER = "refer", "转交部门"
        ANSWER = "answer", "部门回复"
        MERGE = "merge", "并案"
        UNMERGE = "unmerge", "撤销并案"
        ESCALATE = "escalate", "逾期上报"
        REMIND = "remind", "到期提醒"

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps", db_index=False)
    at = models.DateTimeField("时间")
    act = models.CharField("事项", max_length=18, choices=Act)
    from_state = models.CharField("原状态", max_length=14, choices=State, blank=True)
    to_state = models.CharField("状态", max_length=14, choices=State)
    by = models.ForeignKey(  # null: a client on the public form, or the clock
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    note = models.TextField("说明", blank=True)
    facts = models.JSONField("要点", default=dict)

    class Meta:
        verbose_name = "投诉经过"
        indexes = [
            models.Index(fields=["complaint", "at", "id"], name="step_of_complaint"),  # the timeline
            models.Index(fields=["at"], name="step_by_time"),  # queries.events
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.act}"

    @property
    def is_move(self) -> bool:
        """Whether it led to another state."""
        return self.from_state != self.to_state
