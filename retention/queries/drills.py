"""The calendar of drills, and which team owes one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from office.models import Employee, Team
from retention.models import Drill, Reason
from retention.queries.cases import setting_of
from retention.rules.quarters import drill_state, quarter_before, quarter_of

ORDER = ["-planned_on", "-pk"]


@dataclass(frozen=True)
class Owed:
    """One team and how it stands with its drills this quarter."""

    team: Team
    held: int
    wanted: int
    state: str  # "overdue", "due" or ""


def drills(user: Employee) -> QuerySet[Drill]:
    """Return the drills of the user's branch with `people`, the number of participants."""
    rows = Drill.objects.visible_to(user).select_related("team", "led_by")
    return rows.annotate(people=Count("participants"))


def drill_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[Drill]:
    """Return the drills that the cleaned filter `wanted` asks for; those of the whole branch are every team's."""
    rows = drills(user)
    if wanted.get("q"):
        rows = rows.filter(title__icontains=wanted["q"])
    if wanted.get("state"):
        rows = rows.filter(state__in=wanted["state"])
    if wanted.get("team"):
        rows = rows.filter(Q(team=wanted["team"]) | Q(team=None))
    if wanted.get("since"):
        rows = rows.filter(planned_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(planned_on__lte=wanted["until"])
    return rows


def owed_drills(user: Employee, today: date) -> list[Owed]:
    """Return every team of the user's branch and what it owes."""
    return owed_by(user.branch_id or 0, today)


def owed_by(branch_id: int, today: date) -> list[Owed]:
    """Return every team of a branch and what it owes; a drill of the whole branch counts for each."""
    wanted = setting_of(branch_id).drills_per_quarter
    since, until = quarter_of(today)
    before = quarter_before(today)
    held = Drill.objects.filter(branch=branch_id, state=Drill.State.HELD)
    now, earlier = _held(held, since, until), _held(held, *before)
    began = held.exists()  # a branch that never drilled is not behind with last quarter
    owed = []
    for team in Team.objects.filter(branch=branch_id).order_by("name", "pk"):
        this, last = now[team.pk] + now[None], earlier[team.pk] + earlier[None]
        owed.append(Owed(team, this, wanted, drill_state(last if began else wanted, this, wanted, today)))
    return owed


def missed(user: Employee, today: date) -> list[Drill]:
    """Return the drills whose day passed without their being held."""
    rows = Drill.objects.visible_to(user).filter(state=Drill.State.PLANNED, planned_on__lt=today)
    return list(rows.select_related("team").order_by("planned_on", "pk"))


def _held(rows: QuerySet[Drill], since: date, until: date) -> Counter[int | None]:
    told = rows.filter(held_on__range=(since, until)).values_list("team").annotate(count=Count("pk")).order_by("team")
    return Counter(dict(told))


def scene_words(drill: Drill) -> list[tuple[str, str]]:
    """Return the scene of a drill in words."""
    scene = drill.scene
    reason = scene.get("reason", "")
    told = [
        ("年龄", scene.get("age_band", "")), ("等级", scene.get("tier", "")),
        ("原因", str(Reason(reason).label) if reason in Reason.values else ""), ("由来", scene.get("trigger", "")),
        ("迹象", "、".join(scene.get("signs", []))), ("情景", scene.get("words", "")),
    ]  # fmt: skip
    return [(label, text) for label, text in told if text]
