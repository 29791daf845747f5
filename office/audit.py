"""The one door into the audit book."""

from typing import Any

from django.db import models

from office.models import AuditEntry, Employee

NIGHT = "夜间作业"  # who acts when nobody is signed in


def record(
    action: str,
    subject: models.Model | str,
    *,
    by: Employee | None,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    branch_id: int | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Write one entry: `action` is "app.participle", `subject` a record or the name of a list.

    `before` and `after` are JSON values; personal values are masked by the caller. Without `by` the
    night acted, and `branch_id` says where.
    """
    return AuditEntry.objects.create(
        branch_id=branch_id if branch_id is not None else (by.branch_id if by else getattr(subject, "branch_id", None)),
        actor=by,
        actor_name=by.name if by else NIGHT,
        action=action,
        subject_type=subject._meta.label_lower if isinstance(subject, models.Model) else str(subject),
        subject_id=str(subject.pk) if isinstance(subject, models.Model) else "",
        subject_label=str(subject)[:80],
        before=before,
        after=after,
        reason=reason,
        address=address,
    )
