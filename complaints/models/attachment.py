"""The papers and recordings of a complaint, kept outside the web root."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models

from complaints.models.complaint import Complaint
from office.models import Employee
from office.rights import Principal, Reach, reach

if TYPE_CHECKING:
    from typing import Self

KEPT = """
IF OLD.kept_until >= CURRENT_DATE
   OR EXISTS (SELECT 1 FROM complaints_complaint c WHERE c.id = OLD.complaint_id AND c.is_held) THEN
    RAISE EXCEPTION 'complaints: attachment kept until %, or under hold', OLD.kept_until;
END IF;
RETURN OLD;
"""


class PrivateFiles(FileSystemStorage):
    """The folder of CRM_FILES_DIR: no web server serves it, and only the service's own account reads it."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> str:
        return str(settings.CRM_FILES_DIR)

    @property
    def location(self) -> str:
        return str(Path(self.base_location).resolve())

    def url(self, name: str | None) -> str:
        raise ValueError("no file of a complaint is accessible via a URL; a guarded view reads it")


def private_files() -> PrivateFiles:
    """Return where the papers of complaints lie."""
    return PrivateFiles()


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Principal) -> Self:
        """Keep the papers of complaints whose words `user` may read; none for a key, and for who knows the outline."""
        if not isinstance(user, Employee):
            return self.none()
        seen = Complaint.objects.visible_to(user)
        if reach(user) < Reach.TEAM:
            seen = seen.worked_on_by(user)
        return self.filter(complaint__in=seen)


class Attachment(models.Model):
    """One file; deleted neither before `kept_until` nor under a legal hold, and never changed."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField("文件名", max_length=120)
    file = models.FileField("文件", storage=private_files, upload_to="complaints/%Y/%m", max_length=120)
    mime = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("大小")  # bytes
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField("添加时间")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    kept_until = models.DateField("保存至")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "投诉附件"
        constraints = [models.UniqueConstraint(fields=["complaint", "sha256"], name="attachment_once_per_complaint")]
        triggers = [
            pgtrigger.Trigger(name="kept", when=pgtrigger.Before, operation=pgtrigger.Delete, func=KEPT),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"附件 {self.pk}"  # a file's name may tell what was said
