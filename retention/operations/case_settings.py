"""What a branch decides about talks and drills."""

from __future__ import annotations

from django.db import transaction

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from retention.models import RetentionSetting
from retention.models.case import LONGEST_TALK
from retention.queries.cases import setting_of


@transaction.atomic
def set_retention(branch: Branch, *, talk_minutes: int, drills_per_quarter: int, by: Employee) -> RetentionSetting:
    """Change the longest talk and the drills of a quarter. Raises DomainError beyond what is allowed."""
    if not 5 <= talk_minutes <= LONGEST_TALK:
        raise DomainError(f"谈话最长在 5 与 {LONGEST_TALK} 分钟之间")
    if not 0 <= drills_per_quarter <= 12:
        raise DomainError("每季演练在 0 与 12 次之间")
    before = setting_of(branch.pk)
    said = {"talk_minutes": talk_minutes, "drills_per_quarter": drills_per_quarter}
    made, _ = RetentionSetting.objects.update_or_create(branch=branch, defaults=said)
    was = {"talk_minutes": before.talk_minutes, "drills_per_quarter": before.drills_per_quarter}
    record("retention.setting_changed", made, by=by, before=was, after=said, branch_id=branch.pk)
    return made
