from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def seed(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Fill the catalogue after every migrate, as Django fills its permissions; a flush refills it too."""
    from service_logs.operations.seeding import seed_catalogue

    columns = {"service_logs_rule", "service_logs_servicepolicy", "service_logs_script"}
    if columns <= set(connections[using].introspection.table_names()):  # a migration backwards leaves none
        seed_catalogue()


class ServiceLogsConfig(AppConfig):
    name = "service_logs"
    verbose_name = "服务"
    # What the audit book calls the actions of this app.
    audit_words = {
        "service_logs.policy_edited": "修改服务策略",
        "service_logs.rule_edited": "修改 MOT 设置",
        "service_logs.script_written": "编写话术",
        "service_logs.script_approved": "审核话术",
        "service_logs.script_retired": "停用话术",
        "service_logs.contact_logged": "记服务日志",
        "service_logs.contact_corrected": "更正服务日志",
        "service_logs.contact_undone": "撤回服务日志",
        "service_logs.history_taken_over": "补录服务日志",
        "service_logs.messages_logged": "登记群发消息",
        "service_logs.tasks_completed": "完成任务",
        "service_logs.task_added": "新建任务",
        "service_logs.task_decided": "合规放行或暂缓",
        "service_logs.batch_added": "批量建任务",
        "service_logs.batch_withdrawn": "撤回批量任务",
        "service_logs.task_cancelled": "取消任务",
        "service_logs.tasks_handed_over": "转派任务",
        "service_logs.tasks_postponed": "顺延任务",
        "service_logs.tasks_exported": "导出任务",
        "service_logs.contacts_exported": "导出服务日志",
        "service_logs.visits_planned": "编制回访计划",
        "service_logs.visits_added": "补充必访客户",
        "service_logs.visits_given_out": "重新分派回访",
        "service_logs.visit_assigned": "分派回访",
        "service_logs.visit_tried": "回访未接通",
        "service_logs.visit_recorded": "登记回访",
        "service_logs.recording_added": "补录录音编号",
        "service_logs.check_drawn": "抽取回访抽查",
        "service_logs.check_found": "登记抽查结论",
        "service_logs.visits_exported": "导出回访",
    }
    audit_fields = {
        "tasks": "任务",
        "sent": "发送",
        "text": "内容",
        "title": "事项",
        "due_on": "时限",
        "visits": "回访（件）",
        "caller": "回访人",
        "recorded": "已记录",
    }

    def ready(self) -> None:
        post_migrate.connect(seed, sender=self)
