"""How far the year's return visits have come, and what a plan would draw before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from clients.models import Tier
from office.models import Branch, Employee
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.queries.visit_base import base_count, mandatory, members
from service_logs.rules.visits import Member, Stratum, draw, strata, target

DIMENSIONS = {"tier": "等级", "manager": "服务人员", "agents": "经纪人客户", "elderly": "65 岁及以上"}
OPEN, DONE = ReturnVisit.State.OPEN, ReturnVisit.State.DONE


@dataclass(frozen=True)
class Line:
    """Visits of one kind or stratum: how many are owed in all, made, and overdue; `population` of a stratum."""

    label: str
    owed: int
    done: int
    late: int = 0
    population: int = 0
    key: str = ""

    @property
    def share(self) -> float | None:
        """The part that was made, 0 to 1."""
        return self.done / self.owed if self.owed else None


@dataclass(frozen=True)
class Progress:
    """How far a plan has come: the sample, all visits, by kind, by stratum (dimension in words → lines)."""

    sample: Line
    whole: Line
    kinds: list[Line]
    groups: dict[str, list[Line]] = field(default_factory=dict)
    unowned: int = 0
    expected: float = 0.0  # the part of the year that has passed, 0 to 1


COUNTS: dict[str, Any] = {"owed": Count("pk"), "done": Count("pk", filter=Q(state=DONE))}


def plan_of(user: Employee, year: int) -> VisitPlan | None:
    """Return the plan of the branch of `user` for that year."""
    return VisitPlan.objects.visible_to(user).filter(year=year).select_related("made_by", "branch").first()


def progress(plan: VisitPlan, today: date) -> Progress:
    """Return how far the plan has come by `today`."""
    rows = plan.visits.order_by()
    late = {"late": Count("pk", filter=Q(state=OPEN, due_on__lt=today))}
    kinds: dict[str, Any] = {row["kind"]: row for row in rows.values("kind").annotate(**COUNTS, **late)}
    sample = rows.filter(is_sample=True)
    drawn = {"owed": 0, "done": 0, "late": 0, **sample.aggregate(**COUNTS, **late)}
    lines = [
        Line(str(kind.label), kinds[kind]["owed"], kinds[kind]["done"], kinds[kind]["late"], key=str(kind))
        for kind in ReturnVisit.Kind
        if kind in kinds
    ]
    passed = (min(max(today, date(plan.year, 1, 1)), date(plan.year, 12, 31)) - date(plan.year, 1, 1)).days / 364
    return Progress(
        sample=Line("抽样", plan.target, drawn["done"], drawn["late"]),
        whole=Line("合计", *(sum(getattr(line, name) for line in lines) for name in ("owed", "done", "late"))),
        kinds=lines,
        groups=_groups(plan, sample),
        unowned=rows.filter(state=OPEN, caller=None).count(),
        expected=min(passed, 1.0),
    )


def _groups(plan: VisitPlan, sample: QuerySet[ReturnVisit]) -> dict[str, list[Line]]:
    done: dict[tuple[str, str], int] = {}
    made = sample.filter(state=DONE).values_list("tier", "manager", "is_agents", "is_elderly")
    for tier, manager, is_agents, is_elderly in made:
        marks = [("tier", tier), ("manager", str(manager or ""))]
        marks += [("agents", "yes")] if is_agents else []
        for mark in [*marks, *([("elderly", "yes")] if is_elderly else [])]:
            done[mark] = done.get(mark, 0) + 1
    return in_words([Stratum(**row) for row in plan.strata], done)


def in_words(rows: list[Stratum], done: dict[tuple[str, str], int]) -> dict[str, list[Line]]:
    """Return dimension in words → its strata, tiers from the top, the rest the largest first."""
    people = [int(row.key) for row in rows if row.dimension == "manager" and row.key]
    names = {str(pk): name for pk, name in Employee.objects.filter(pk__in=people).values_list("pk", "name")}
    labels = {
        "tier": {str(value): str(label) for value, label in Tier.choices}, "manager": {**names, "": "无人服务"},
        "agents": {"yes": "经纪人服务的客户"}, "elderly": {"yes": "65 岁及以上"},
    }  # fmt: skip
    ladder = [str(value) for value in reversed(Tier.values)]
    found: dict[str, list[Line]] = {}
    for row in sorted(rows, key=lambda row: (ladder.index(row.key) if row.dimension == "tier" else 0, -row.population)):
        label = labels[row.dimension].get(row.key, row.key)
        line = Line(label, row.drawn, done.get((row.dimension, row.key), 0), population=row.population)
        found.setdefault(row.dimension, []).append(line)
    return {words: found[name] for name, words in DIMENSIONS.items() if name in found}


@dataclass(frozen=True)
class Preview:
    """What a plan would be: base, target, the strata in words, how many must be visited besides by reason."""

    base: int
    target: int
    groups: dict[str, list[Line]]
    must: list[tuple[str, int]]


def preview(branch: Branch, year: int, ratio: float, seed: int, today: date) -> Preview:
    """Return what `make_plan` would make with the same figures; nothing is written."""
    everybody: list[Member] = members(branch, year)
    base = base_count(branch, year)
    drawn = draw(everybody, target(base, ratio), seed)
    must = mandatory(branch, year, today)
    counted = {str(kind.label): sum(one.kind == kind for one in must) for kind in ReturnVisit.Kind}
    groups = in_words(strata(everybody, drawn), {})
    return Preview(base, len(drawn), groups, [(label, count) for label, count in counted.items() if count])
