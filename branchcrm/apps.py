from django.apps import AppConfig


class BranchCrmConfig(AppConfig):
    name = "branchcrm"
    verbose_name = "branchcrm"
