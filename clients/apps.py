from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def seed(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Put the house's questionnaires in force after every migrate; what branches wrote stays."""
    from clients.operations.questionnaires import seed_questionnaires

    if "clients_questionnaire" in connections[using].introspection.table_names():  # a migration backwards leaves none
        seed_questionnaires()


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = "客户"
    # What the audit book calls the actions of this app.
    audit_words = {
        "clients.archive_edited": "改客户资料",
        "clients.preferences_set": "登记联系意愿",
        "clients.preferences_noted": "批量登记联系意愿",
        "clients.relations_entered": "录入开发关系",
        "clients.relation_confirmed": "确认开发关系",
        "clients.relation_denied": "开发关系被否认",
        "clients.importance_marked": "改客户分类",
        "clients.questionnaire_written": "编写问卷",
        "clients.questionnaire_activated": "启用问卷",
        "clients.questionnaire_retired": "停用问卷",
        "clients.unmasked": "查看完整信息",
        "clients.exported": "导出客户",
        "clients.rest_feed_opened": "接口开始送数",
        "clients.rest_feed_closed": "接口送数完毕",
        "clients.feed_imported": "导入柜台数据",
        "clients.feed_uploaded": "上传柜台文件",
        "clients.feed_rerun": "重新导入批次",
        "clients.quarantine_exported": "下载隔离行",
    }
    audit_fields = {
        "field": "字段",
        "rows": "行数",
        "query": "条件",
        "clients": "客户",
        "files": "文件",
        "inserted": "新增",
        "refused": "隔离",
        "parts": "分卷",
        "as_of": "数据日期",
        "visit": "回访编号",
        "recording_ref": "录音编号",
    }

    def ready(self) -> None:
        post_migrate.connect(seed, sender=self)
