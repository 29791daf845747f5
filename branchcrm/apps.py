from django.apps import AppConfig


class BranchCrmConfig(AppConfig):
    name = "branchcrm"
    verbose_name = "branchcrm"
    audit_words = {
        "branchcrm.night_asked": "补跑夜间作业",
        "branchcrm.gate_accepted": "放行夜间关口",
    }
