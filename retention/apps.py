from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models import Q

if TYPE_CHECKING:
    from datetime import datetime

    from office.models import Employee
    from office.queries.desk import Waiting


class RetentionConfig(AppConfig):
    name = "retention"
    verbose_name = "挽留"
    audit_words = {
        "retention.request_registered": "登记销户或转户申请",
        "retention.request_held_up": "登记法定事由",
        "retention.request_freed": "解除法定事由",
        "retention.request_done": "办结销户或转户",
        "retention.request_withdrawn": "客户撤回申请",
        "retention.request_breached": "超过法定时限",
        "retention.slip_printed": "打印受理回执",
        "retention.client_looked_up": "柜台查询客户",
        "retention.card_opened": "柜台打开客户卡片",
        "retention.points_proposed": "提出流失分值",
        "retention.points_approved": "批准流失分值",
        "retention.points_rejected": "驳回流失分值",
        "retention.exported": "导出挽留数据",
        "retention.case_opened": "开挽留个案",
        "retention.cases_opened": "夜间开挽留个案",
        "retention.talk_recorded": "记录挽留谈话",
        "retention.talk_declined": "客户不愿谈",
        "retention.offer_made": "提出挽留方案",
        "retention.offer_answered": "客户答复方案",
        "retention.let_go": "放行",
        "retention.case_closed": "结挽留个案",
        "retention.case_learnt": "补记所学",
        "retention.case_handed_over": "转交挽留个案",
        "retention.response_written": "写应对办法",
        "retention.drill_planned": "安排演练",
        "retention.drill_held": "记录演练",
        "retention.drill_cancelled": "取消演练",
        "retention.other_account_noted": "登记其他券商账户",
        "retention.other_account_changed": "更新其他券商账户",
        "retention.other_account_ended": "注销其他券商账户记录",
        "retention.grievance_logged": "登记客户不满",
        "retention.grievance_given": "转交客户不满",
        "retention.grievance_closed": "办结客户不满",
        "retention.setting_changed": "修改挽留设置",
    }
    audit_fields = {
        "requested_at": "申请时间",
        "due_at": "法定时限",
        "done_at": "办结时间",
        "block": "法定事由",
        "late": "是否超时",
        "owner": "负责人",
        "points": "分值",
        "limits": "等级线",
        "half_life_days": "半衰期（交易日）",
        "minutes": "时长（分钟）",
        "outcome": "结果",
        "answer": "答复",
        "cases": "个案数",
        "planned_on": "演练日期",
        "talk_minutes": "谈话最长（分钟）",
        "drills_per_quarter": "每队每季演练（次）",
        "opens_from": "夜间开案的风险",
    }

    def audit_hidden(self, user: Employee) -> Q:
        """Return the entries of cases kept from `user`, whom their client complained about: he sees no such case."""
        from retention.queries.discretion import cases_about

        return Q(subject_type="retention.retentioncase", subject_id__in=cases_about(user))

    def waiting_for(self, user: Employee, now: datetime) -> list[Waiting]:
        """Return what waits for `user` among the requests to leave, see office.queries.desk."""
        from retention.queries.requests import waiting_for

        return waiting_for(user, now)
