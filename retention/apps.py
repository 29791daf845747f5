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
    }
    audit_fields = {
        "requested_at": "申请时间",
        "due_at": "法定时限",
        "done_at": "办结时间",
        "block": "法定事由",
        "late": "是否超时",
    }
