from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import connections
from django.db.models import Q
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from datetime import datetime

    from office.models import Employee
    from office.queries.desk import Waiting


def seed(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Fill the default time limits after every migrate; what branches set of their own stays."""
    from complaints.operations.seeding import seed_limits

    if "complaints_clocksetting" in connections[using].introspection.table_names():  # a migration backwards leaves none
        seed_limits()


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = "投诉与反馈"
    # What the audit book calls the actions of this app. The entries name the complaint by its number and its step:
    # the book is read by people a complaint may be about, the words stand in the timeline.
    audit_words = {
        "complaints.taken_in": "受理投诉",
        "complaints.investigated": "开始调查投诉",
        "complaints.cause_found": "查明投诉原因",
        "complaints.planned": "提出投诉处理方案",
        "complaints.plan_approved": "批准投诉处理方案",
        "complaints.fed_back": "反馈投诉结果",
        "complaints.closed": "投诉结案",
        "complaints.rejected": "投诉不予受理",
        "complaints.withdrawn": "投诉撤回",
        "complaints.reviewed": "投诉复核",
        "complaints.approval_voided": "投诉批准失效",
        "complaints.paused": "投诉暂停计时",
        "complaints.resumed": "投诉恢复计时",
        "complaints.extension_asked": "申请延长投诉时限",
        "complaints.extended": "批准延长投诉时限",
        "complaints.extension_declined": "驳回延长投诉时限",
        "complaints.mediation_asked": "登记调解申请",
        "complaints.mediation_accepted": "同意调解",
        "complaints.classified": "投诉分类",
        "complaints.named": "列入回避",
        "complaints.released": "准予查看投诉",
        "complaints.handed_over": "更换投诉处理人",
        "complaints.attached": "添加投诉附件",
        "complaints.held": "投诉法律保全",
        "complaints.referred": "转交投诉",
        "complaints.answered": "回复投诉转交",
        "complaints.merged": "投诉并案",
        "complaints.unmerged": "撤销投诉并案",
        "complaints.limit_set": "设定投诉时限",
        "complaints.expired_removed": "销毁到期投诉附件",
        "complaints.escalated": "投诉逾期上报",
        "complaints.survey_made": "准备调查",
        "complaints.survey_opened": "开始调查",
        "complaints.survey_ended": "结束调查",
        "complaints.survey_reminded": "生成调查提醒",
        "complaints.survey_answered": "录入调查回答",
        "complaints.survey_refused": "登记拒绝调查",
        "complaints.survey_links_exported": "导出调查链接",
        "complaints.survey_message_shown": "查看调查短信",
        "complaints.survey_messages_sent": "标记调查短信已发送",
        "complaints.forum_held": "登记座谈会",
        "complaints.satisfaction_exported": "导出满意度",
        "complaints.finding_made": "登记改进事项",
        "complaints.finding_plan": "确定改进措施",
        "complaints.finding_finish": "改进措施完成",
        "complaints.finding_remeasure": "改进复测",
        "complaints.finding_reopen": "改进事项重开",
        "complaints.finding_drop": "改进事项不处理",
        "complaints.standard_published": "发布服务标准",
        "complaints.revealed": "查看投诉人信息",
        "complaints.exported": "导出投诉台账",
        "complaints.file_opened": "打开投诉附件",
    }
    audit_fields = {
        "step": "经过编号",
        "limit": "事项",
        "amount": "时限",
        "removed": "销毁",
        "attachment": "附件",
        "never_again": "不再询问",
    }

    def audit_hidden(self, user: Employee) -> Q:
        """Return the entries of complaints that name `user`: that there is one is news to him, too."""
        from complaints.queries.scope import naming

        return Q(subject_type="complaints.complaint", subject_id__in=naming(user))

    def waiting_for(self, user: Employee, now: datetime) -> list[Waiting]:
        """Return what waits for `user` among the complaints, see office.queries.desk."""
        from complaints.queries.lists import waiting_for

        return waiting_for(user, now)

    def ready(self) -> None:
        post_migrate.connect(seed, sender=self)
