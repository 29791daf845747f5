"""What a branch decides about talks and drills."""

from __future__ import annotations

from django.db import transaction

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from retention.errors import NotAtThisPoint
from retention.models import RetentionSetting
from retention.models.case import LONGEST_TALK, OPENING_BANDS
from retention.queries.cases import setting_of


@transaction.atomic
def set_retention(
    branch: Branch, *, talk_minutes: int, drills_per_quarter: int, by: Employee, opens_from: int | None = None,
    seen: dict[str, int] | None = None,
) -> RetentionSetting:  # fmt: skip
    """Change the longest talk, the drills of a quarter, and from which band on the night opens cases.

    `seen` is what the person saw of them. Raises DomainError beyond what is allowed, NotAtThisPoint if somebody
    else changed them meanwhile.
    """
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    if not 5 <= talk_minutes <= LONGEST_TALK:
        raise DomainError(f"谈话最长在 5 与 {LONGEST_TALK} 分钟之间")
    if not 0 <= drills_per_quarter <= 12:
        raise DomainError("每季演练在 0 与 12 次之间")
    was = in_figures(setting_of(branch.pk))
    if seen is not None and seen != was:
        raise NotAtThisPoint("设置已被他人修改，请刷新页面后再改")
    band = was["opens_from"] if opens_from is None else opens_from
    if band not in dict(OPENING_BANDS):
        raise DomainError("夜间只为预警及以上的客户开案")
    said = {"talk_minutes": talk_minutes, "drills_per_quarter": drills_per_quarter, "opens_from": band}
    made, _ = RetentionSetting.objects.update_or_create(branch=branch, defaults=said)
    record("retention.setting_changed", made, by=by, before=was, after=said, branch_id=branch.pk)
    return made


def in_figures(setting: RetentionSetting) -> dict[str, int]:
    """Return what a branch decided, by name."""
    return {name: getattr(setting, name) for name in ("talk_minutes", "drills_per_quarter", "opens_from")}
