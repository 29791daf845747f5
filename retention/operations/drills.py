"""Drills: planned with a scene out of a past case, held and scored, or called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee, Team
from office.operations.notices import notify
from retention.errors import NotAtThisPoint
from retention.models import Drill, Reason, RetentionCase
from retention.models.drill import BEST, SHEET
from retention.queries.cases import age_of
from retention.rules.scene import leads_back, scene
from retention.scoring.signals import LABELS
from service_logs.rules.words import forbidden_words

State = Drill.State


def scene_of(case: RetentionCase) -> dict[str, Any]:
    """Return the scene of a past case with nothing left that leads back to the client.

    Raises DomainError for a case that still runs.
    """
    if case.is_open:
        raise DomainError("个案结案后才能作为演练情景")
    reason = case.reason or Reason.OTHER
    return scene(
        age=age_of(case.client, case.opened_on), tier=case.client.standing.get_tier_display(),
        reason=reason, trigger=case.get_trigger_display(),
        signs=[LABELS[sign["code"]] for sign in case.signals if sign["code"] in LABELS],
    )  # fmt: skip


@transaction.atomic
def plan_drill(
    branch: Branch, *, title: str, planned_on: date, team: Team | None, participants: Sequence[Employee],
    scene: Mapping[str, Any], by: Employee, names: Sequence[str] = (), today: date | None = None,
) -> Drill:  # fmt: skip
    """Put a drill into the calendar. `names` are those of the client whose case the scene was taken from.

    Raises DomainError for a day that is over, people of another branch, or words that lead back to a client.
    """
    if planned_on < (today or timezone.localdate()):
        raise DomainError("演练日期不能早于今天")
    if any(person.branch_id != branch.pk for person in participants) or (team and team.branch_id != branch.pk):
        raise DomainError("参加人员和团队须属于本营业部")
    if not scene.get("reason"):
        raise DomainError("请选择情景的原因")
    if found := leads_back(f"{title}\n{scene.get('words', '')}", names):
        raise DomainError(f"情景不能写可认出客户的内容：{found}")
    made = Drill.objects.create(
        branch=branch, title=title.strip()[:60], planned_on=planned_on, team=team, scene=dict(scene), led_by=by,
        made_by=by,
    )  # fmt: skip
    made.participants.set(participants)
    record("retention.drill_planned", made, by=by, after={"planned_on": planned_on.isoformat()})
    others = [person for person in participants if person.pk != by.pk]
    notify(others, f"drill:{made.pk}", f"{planned_on:%Y-%m-%d} 情景演练：{made.title}", made.get_absolute_url())
    return made


@transaction.atomic
def hold_drill(
    drill: Drill, *, held_on: date, marks: Mapping[str, int], lessons: str, version: int, by: Employee,
    today: date | None = None,
) -> None:  # fmt: skip
    """Note that it was held, with the scoring sheet and what was learnt. The sheet judges the drill, nobody alone."""
    if held_on > (today or timezone.localdate()):
        raise DomainError("演练日不能晚于今天")
    if set(marks) != set(SHEET) or not all(1 <= value <= BEST for value in marks.values()):
        raise DomainError(f"每项须评 1 至 {BEST} 分")
    if not lessons.strip():
        raise DomainError("请写明所学")
    if used := forbidden_words(lessons):
        raise DomainError(f"不得使用：{'、'.join(used)}")
    _decide(drill, version, state=State.HELD, held_on=held_on, lessons=lessons.strip()[:600], **marks)
    record("retention.drill_held", drill, by=by, after=dict(marks))


@transaction.atomic
def cancel_drill(drill: Drill, *, reason: str, version: int, by: Employee) -> None:
    """Call a drill off, with the reason."""
    if not reason.strip():
        raise DomainError("请写明取消的原因")
    _decide(drill, version, state=State.CANCELLED)
    record("retention.drill_cancelled", drill, by=by, reason=reason.strip()[:200])


def _decide(drill: Drill, version: int, **values: Any) -> None:
    rows = Drill.objects.filter(pk=drill.pk, state=State.PLANNED, version=version)
    if rows.update(version=F("version") + 1, **values) != 1:
        drill.refresh_from_db()
        raise NotAtThisPoint(f"演练已有变化，现为「{drill.get_state_display()}」，请刷新页面后再办理")
    drill.refresh_from_db()
