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
    }
