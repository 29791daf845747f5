from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def seed(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Fill the calendar after every migrate: without trading days nothing can be dated."""
    from office.operations.calendar import seed_calendar

    if "office_calendarday" in connections[using].introspection.table_names():  # a migration backwards leaves none
        seed_calendar()


class OfficeConfig(AppConfig):
    """The floor all other apps stand on."""

    name = "office"
    verbose_name = "营业部"
    # What the audit book calls the actions of this app; every app's config may say its own.
    audit_words = {
        "office.calendar_replaced": "更新日历",
        "office.employee_hired": "新建员工",
        "office.employee_edited": "编辑员工",
        "office.employee_left": "停用员工",
        "office.employee_back": "恢复员工",
        "office.password_issued": "重置密码",
        "office.password_changed": "修改密码",
        "office.skills_rated": "评定技能",
        "office.capacity_set": "设定容量",
        "office.leave_granted": "登记请假",
        "office.leave_cancelled": "撤销请假",
        "office.team_founded": "新建团队",
        "office.team_edited": "编辑团队",
        "office.key_made": "新建接口密钥",
        "office.key_rotated": "更换接口密钥",
        "office.key_revoked": "停用接口密钥",
        "office.audit_exported": "导出审计",
        "office.branch_created": "新建营业部",
        "office.row_changed": "后台修改",
        "office.row_deleted": "后台删除",
    }
    # What is told of an action besides the fields of a table.
    audit_fields = {
        "year": "年份",
        "prefix": "前缀",
        "scopes": "可办事项",
        "branches": "营业部",
        "expires_on": "有效至",
        "changed": "有变化",
        "trading_days": "交易日",
        "fields": "字段",
        "substitute": "代理人",
        "leader": "团队长",
        "action": "动作",
        "actor": "操作人",
        "since": "从",
        "until": "至",
        "subject": "对象",
    }

    def ready(self) -> None:
        post_migrate.connect(seed, sender=self)
