"""Reads of plans for their pages: the list, one plan with its figures, its lines and loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet

from office.models import Branch, Employee, JobRun
from segmentation.models import AllocationPlan, PlanLine, PlanLoad

LINE_ORDER = ["-needs_named_approval", "-value", "client_id"]
PROPOSE_JOB = "segmentation.propose_plan"  # plans made by hand, one edition each


@dataclass(frozen=True)
class Comparison:
    """One figure of doing nothing beside that of the plan, ready to be written."""

    label: str
    before: float | None
    after: float | None
    places: int = 0
    factor: float = 1.0  # 100 for shares shown in percentage points

    @property
    def shown_before(self) -> float | None:
        """The figure of doing nothing in the unit of its label."""
        return None if self.before is None else self.before * self.factor

    @property
    def shown_after(self) -> float | None:
        """The figure of the plan in the unit of its label."""
        return None if self.after is None else self.after * self.factor

    @property
    def change(self) -> float | None:
        """What the plan changes, in the unit of the label."""
        if self.before is None or self.after is None:
            return None
        return (self.after - self.before) * self.factor


def plan_list(user: Employee) -> QuerySet[AllocationPlan]:
    """Return the plans the user may see, newest first, each with its `line_count` and `named_count`."""
    return (
        AllocationPlan.objects.visible_to(user)
        .select_related("made_by", "applied_by")
        .annotate(line_count=Count("lines"), named_count=Count("lines", filter=Q(lines__needs_named_approval=True)))
        .order_by("-made_at", "-pk")
    )


def plan_lines(plan: AllocationPlan, user: Employee) -> QuerySet[PlanLine]:
    """Return the lines of a plan with all that a row shows, those that need a name first, then by value."""
    return (
        PlanLine.objects.visible_to(user)
        .filter(plan=plan)
        .select_related("client__standing", "from_manager", "to_manager", "runner_up", "decided_by")
        .order_by(*LINE_ORDER)
    )


def state_counts(plan: AllocationPlan) -> dict[str, int]:
    """Return how many lines stand in each state, `named` pending ones that need a name, and `all`."""
    counted = plan.lines.aggregate(
        all=Count("pk"),
        named=Count("pk", filter=Q(needs_named_approval=True)),
        named_pending=Count("pk", filter=Q(needs_named_approval=True, state=PlanLine.State.PENDING)),
        **{state: Count("pk", filter=Q(state=state)) for state in PlanLine.State.values},
    )
    return {name: int(number) for name, number in counted.items()}


def plan_loads(plan: AllocationPlan) -> list[PlanLoad]:
    """Return what the plan does to every book, the fullest first."""
    loads = list(plan.loads.select_related("manager__team"))
    return sorted(loads, key=lambda load: (-load.share_before, load.manager.staff_no))


def load_rows(loads: list[PlanLoad]) -> list[dict[str, Any]]:
    """Return the loads as the chart takes them, in percent of capacity; without the absent, who have none."""
    return [
        {
            "name": load.manager.name,
            "role": load.manager.role_labels[0] if load.manager.role_labels else "",
            "clients": load.clients_after,
            "before": round(load.share_before),
            "after": round(load.share_after),
        }
        for load in loads
        if load.capacity_minutes > 0
    ]


def comparisons(plan: AllocationPlan) -> list[Comparison]:
    """Return the figures of doing nothing and of the plan, except the first, the points."""
    named = [
        ("超负荷经理（人）", "overloaded", 0, 1.0),
        ("最忙与最闲差（百分点）", "load_spread", 1, 100.0),
        ("每分钟价值离散度（%）", "value_spread", 1, 100.0),
        ("被忽视客户（位）", "neglected", 0, 1.0),
        ("可调整客户平均匹配", "mean_fit", 1, 1.0),
    ]
    return [_comparison(plan, label, key, places, factor) for label, key, places, factor in named]


def points_of(plan: AllocationPlan) -> Comparison:
    """Return the objective of doing nothing and of the plan."""
    return _comparison(plan, "目标得分", "points", 1, 1.0)


def gain_share(plan: AllocationPlan) -> float | None:
    """Return the gain of a plan as a share of doing nothing, None where that is worth nothing."""
    points = points_of(plan)
    if points.before is None or points.after is None or abs(points.before) < 1.0:
        return None
    return (points.after - points.before) / abs(points.before)


def making(branch: Branch) -> JobRun | None:
    """Return the plan being computed for the branch, or one whose computing failed last; None if neither."""
    last = JobRun.objects.filter(branch=branch, name=PROPOSE_JOB).order_by("-pk").first()
    return last if last is not None and last.state != JobRun.State.DONE else None


def leavers(branch: Branch) -> QuerySet[Employee]:
    """Return who has left the branch and still owns open clients, `left_behind` many."""
    return (
        Employee.objects.filter(branch=branch, is_active=False)
        .annotate(
            left_behind=Count("standings", filter=Q(standings__is_closed=False), distinct=True),
        )
        .filter(left_behind__gt=0)
        .order_by("staff_no")
    )


def _comparison(plan: AllocationPlan, label: str, key: str, places: int, factor: float) -> Comparison:
    figures = plan.metrics.get(key) or {}
    return Comparison(label, figures.get("before"), figures.get("after"), places, factor)


def chosen_lines(lines: QuerySet[PlanLine], wanted: Mapping[str, str]) -> QuerySet[PlanLine]:
    """Keep the lines that the address asks for: state, reason, manager (from or to); none for what nobody knows."""
    state, reason, manager = (wanted.get(name, "") for name in ("state", "reason", "manager"))
    if not (
        state in ("", "named", *PlanLine.State.values)
        and reason in ("", *PlanLine.Reason.values)
        and (not manager or manager.isdecimal())
    ):
        return lines.none()
    if state == "named":
        lines = lines.filter(needs_named_approval=True)
    elif state:
        lines = lines.filter(state=state)
    if reason:
        lines = lines.filter(reason=reason)
    if manager:
        lines = lines.filter(Q(from_manager=int(manager)) | Q(to_manager=int(manager)))
    return lines


def decidable(*, approve: bool) -> Q:
    """Return the condition on lines that may be decided together: pending; to be approved, none that needs a name."""
    waiting = Q(state=PlanLine.State.PENDING)
    return waiting & Q(needs_named_approval=False) if approve else waiting


def found_counts(lines: QuerySet[PlanLine]) -> dict[str, int]:
    """Return how many of `lines` there are, and how many could be approved or rejected together."""
    return lines.order_by().aggregate(
        all=Count("pk"),
        approve=Count("pk", filter=decidable(approve=True)),
        reject=Count("pk", filter=decidable(approve=False)),
    )


def line_managers(plan: AllocationPlan) -> list[tuple[str, str]]:
    """Return who gives or takes a client in the plan, as choices by name."""
    lines = plan.lines.order_by()
    people = Employee.objects.filter(
        Q(pk__in=lines.values("from_manager")) | Q(pk__in=lines.values("to_manager"))
    ).order_by("pinyin", "pk")
    return [(str(pk), name) for pk, name in people.values_list("pk", "name")]


def line_tabs(plan: AllocationPlan, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the states in which the plan has lines, with their counts; the chosen one is current."""
    counts = state_counts(plan)
    named = [("", "全部", counts["all"]), ("named", "须点名", counts["named"])]
    states = [(state.value, str(state.label), counts[state.value]) for state in PlanLine.State]
    chosen = wanted.get("state", "")
    rest = {name: wanted[name] for name in ("reason", "manager") if wanted.get(name)}
    return [
        {
            "url": f"?{urlencode({'state': key, **rest} if key else rest)}",
            "label": label,
            "count": count,
            "current": key == chosen,
        }
        for key, label, count in [*named, *states]
        if count or not key
    ]
