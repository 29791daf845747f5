"""The one door into the audit book."""

from typing import Any

from django.db import models

from office.models import AuditEntry, Employee, ServiceKey

NIGHT = "夜间作业"  # who acts when nobody is signed in


def record(
    action: str,
    subject: models.Model | str,
    *,
    by: Employee | ServiceKey | None,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    branch_id: int | None = None,
    address: str | None = None,
    machine: str = NIGHT,
) -> AuditEntry:
    """Write one entry: `action` is "app.participle", `subject` a record or the name of a list.

    `before` and `after` are JSON values; personal values are masked by the caller. Without `by` the
    night acted, or what `machine` names, and `branch_id` says where. What a key does stands at the branch of
    its subject, under its name.
    """
    person = by if isinstance(by, Employee) else None
    home = person.branch_id if person else getattr(subject, "branch_id", by.branch_id if by else None)
    return AuditEntry.objects.create(
        branch_id=branch_id if branch_id is not None else home,
        actor=person,
        actor_name=_name(by) or machine,
        action=action,
        subject_type=subject._meta.label_lower if isinstance(subject, models.Model) else str(subject),
        subject_id=str(subject.pk) if isinstance(subject, models.Model) else "",
        subject_label=str(subject)[:80],
        before=before,
        after=after,
        reason=reason,
        address=address,
    )


def _name(by: Employee | ServiceKey | None) -> str:
    if by is None:
        return ""
    return by.name if isinstance(by, Employee) else f"接口 {by.name}"[:40]
