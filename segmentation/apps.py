from django.apps import AppConfig


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = "价值与分层"
    audit_words = {
        "segmentation.weights_proposed": "提出权重",
        "segmentation.weights_submitted": "提交权重",
        "segmentation.weights_approved": "批准权重",
        "segmentation.weights_rejected": "驳回权重",
        "segmentation.tier_overridden": "人工定级",
        "segmentation.override_ended": "结束人工定级",
        "segmentation.exported": "导出价值数据",
        "segmentation.plan_asked": "要求生成分配方案",
        "segmentation.plan_proposed": "生成分配方案",
        "segmentation.plan_published": "提交分配方案",
        "segmentation.plan_lines_decided": "批准或驳回方案明细",
        "segmentation.plan_approved": "批准分配方案",
        "segmentation.plan_rejected": "驳回分配方案",
        "segmentation.plan_applied": "应用分配方案",
        "segmentation.plan_undone": "撤销分配方案",
        "segmentation.plan_printed": "打印分配方案",
        "segmentation.wish_recorded": "登记客户意愿",
        "segmentation.change_asked": "登记更换经理申请",
        "segmentation.change_granted": "同意更换经理",
        "segmentation.change_refused": "不同意更换经理",
        "segmentation.change_withdrawn": "客户撤回更换经理申请",
        "segmentation.handovers_built": "建交接档案",
        "segmentation.handover_confirmed": "确认交接档案",
        "segmentation.handover_printed": "打印交接档案",
        "segmentation.kinds_stated": "填写适合的客户",
        "segmentation.client_suggested": "提出客户建议",
        "segmentation.suggestion_withdrawn": "撤回客户建议",
    }
    audit_fields = {
        "lines": "明细",
        "moved": "交接",
        "passed_over": "未应用",
        "whole": "整个方案",
        "tier": "等级",
        "until": "至",
        "kinds": "类别",
    }
