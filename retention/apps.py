from django.apps import AppConfig


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
    }
    audit_fields = {
        "requested_at": "申请时间",
        "due_at": "法定时限",
        "done_at": "办结时间",
        "block": "法定事由",
        "late": "是否超时",
        "clients": "客户号",
        "points": "分值",
        "limits": "等级线",
        "half_life_days": "半衰期（交易日）",
    }
