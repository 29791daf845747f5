"""Who did what: a book that can only be added to."""

import pgtrigger
from django.conf import settings
from django.db import models

from office.models.branch import Branch


class AuditEntry(models.Model):
    """One act of one person, or of the night when `actor` is empty. The database refuses to change or delete it."""

    at = models.DateTimeField("时间", auto_now_add=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField("操作人", max_length=40)
    action = models.CharField("动作", max_length=40)  # "clients.reassigned": app and past participle
    subject_type = models.CharField("对象", max_length=40)
    subject_id = models.CharField("编号", max_length=40)
    subject_label = models.CharField("名称", max_length=80, blank=True)
    before = models.JSONField("原值", null=True)
    after = models.JSONField("新值", null=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    said = ""  # what a page calls it in words; nothing of it is stored

    class Meta:
        verbose_name = "审计记录"
        indexes = [
            models.Index(fields=["branch", "-at", "-id"], name="audit_by_branch"),  # office:audit_list
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_by_subject"),  # panels of one record
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject_label}"
