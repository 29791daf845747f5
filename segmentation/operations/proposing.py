"""Making allocation plans: compute a proposal and write it down with a reason per line."""

from datetime import date

import numpy as np
from django.db import transaction
from django.db.models import Count

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from segmentation.allocation.book import NOBODY, Book, Managers, fit_matrix
from segmentation.allocation.proposal import (
    BOOK_LIMIT,
    BRANCH_LIMIT,
    CORE_HANDOVER,
    CORE_UNASKED,
    HANDOVER,
    RECENT_HANDOVER,
    Breadth,
    Proposal,
    load_of,
    must_move,
    propose,
)
from segmentation.allocation.score import OVERLOAD_POINTS, SPREAD_POINTS, is_worth_it, scorecard
from segmentation.allocation.suggestions import GIVES_UP, SUITS
from segmentation.fit import LARGE_TIERS, TRAIT_LABELS, Floats, traits
from segmentation.models import AllocationPlan, PlanLine, PlanLoad
from segmentation.queries import allocation as reading

WEIGHTS = {
    "handover": HANDOVER,
    "core_handover": CORE_HANDOVER,
    "core_unasked": CORE_UNASKED,
    "recent_handover": RECENT_HANDOVER,
    "overload_per_hour": OVERLOAD_POINTS,
    "spread": SPREAD_POINTS,
    "book_limit": BOOK_LIMIT,
    "branch_limit": BRANCH_LIMIT,
}


class NobodyServes(DomainError):
    """A plan needs somebody at the branch who may be given clients."""


@transaction.atomic
def propose_plan(
    branch: Branch, as_of: date, kind: AllocationPlan.Kind, *, by: Employee | None, note: str = ""
) -> AllocationPlan:
    """Write a draft plan for the branch as of the close of `as_of`, with lines, loads and the score of doing nothing.

    A night's candidates replace those of the night before, unless somebody took them up. Raises NobodyServes.
    """
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)  # two plans at once take two numbers
    people = reading.managers(branch, as_of)
    if not len(people.ids):
        raise NobodyServes("营业部还没有可以服务客户的员工，请先在「员工与团队」登记客户经理")
    book = reading.book(branch, as_of, people)
    fit = fit_matrix(book, people, reading.SKILLS)
    proposal = propose(book, people, fit, Breadth(kind))
    forgotten = _forget_drafts(branch, kind) if kind == AllocationPlan.Kind.CANDIDATES else set()
    plan = _write_plan(branch, as_of, kind, by, note, book, people, proposal)
    PlanLine.objects.bulk_create(_lines(plan, book, people, proposal), batch_size=2_000)
    PlanLoad.objects.bulk_create(_loads(plan, book, people, proposal))
    if by is not None or as_of not in forgotten:  # a night done again, killed or of a corrected day, has told it
        lines = int(proposal.moved.sum())
        record("segmentation.plan_proposed", plan, by=by, branch_id=branch.pk, after={"lines": lines})
    return plan


def _forget_drafts(branch: Branch, kind: AllocationPlan.Kind) -> set[date]:
    """Delete the drafts of this kind, and return of which days they were.

    None that somebody is just submitting: he has the lock, and then no draft.
    """
    drafts = branch.plans.filter(kind=kind, state=AllocationPlan.State.DRAFT).select_for_update(of=("self",))
    branch.plans.filter(pk__in=[draft.pk for draft in drafts]).delete()
    return {draft.as_of for draft in drafts}


def _write_plan(
    branch: Branch,
    as_of: date,
    kind: AllocationPlan.Kind,
    by: Employee | None,
    note: str,
    book: Book,
    people: Managers,
    proposal: Proposal,
) -> AllocationPlan:
    before = scorecard(book, people, proposal, book.current)
    after = scorecard(book, people, proposal, proposal.manager)
    must = int(must_move(book, people).sum())
    return AllocationPlan.objects.create(
        branch=branch,
        plan_no=_next_number(branch, as_of),
        kind=kind,
        as_of=as_of,
        made_by=by,
        note=note,
        is_recommended=is_worth_it(before, after, must),
        weights=WEIGHTS,
        pooled_count=int((proposal.manager == NOBODY).sum()),
        metrics={
            "points": {"before": round(before.points, 1), "after": round(after.points, 1)},
            "overloaded": {"before": before.overloaded, "after": after.overloaded},
            "load_spread": {"before": round(before.load_spread, 4), "after": round(after.load_spread, 4)},
            "value_spread": {"before": round(before.value_spread, 4), "after": round(after.value_spread, 4)},
            "mean_fit": {"before": round(before.mean_fit, 1), "after": round(after.mean_fit, 1)},
            "neglected": {
                "before": int(book.is_neglected.sum()),
                "after": int((book.is_neglected & ~proposal.moved).sum()),
            },
            "clients": len(book.ids),
            "must": must,
            "cost": round(proposal.cost, 1),
            "lower_bound": round(proposal.lower_bound, 1),
        },
    )


def _next_number(branch: Branch, as_of: date) -> str:
    prefix = f"P-{as_of:%y%m}-"
    used = branch.plans.filter(plan_no__startswith=prefix).values_list("plan_no", flat=True)
    last = max((int(number.rsplit("-", 1)[1]) for number in used), default=0)
    return f"{prefix}{last + 1:02d}"


def _lines(plan: AllocationPlan, book: Book, people: Managers, proposal: Proposal) -> list[PlanLine]:
    has = traits(book.traits)
    load = load_of(proposal.manager, proposal.minutes, len(people.ids))
    return [
        _line(plan, book, people, proposal, row, [name for name in has if has[name][row]], load)
        for row in np.flatnonzero(proposal.moved).tolist()
    ]


def _line(
    plan: AllocationPlan,
    book: Book,
    people: Managers,
    proposal: Proposal,
    row: int,
    client_traits: list[str],
    load: Floats,
) -> PlanLine:
    before, after = int(book.current[row]), int(proposal.manager[row])
    fits = proposal.fit[row]
    runner_up = _runner_up(fits, before, after)
    ids = people.ids.tolist()
    return PlanLine(
        plan=plan,
        client_id=int(book.ids[row]),
        from_manager_id=ids[before] if before >= 0 else None,
        to_manager_id=ids[after] if after >= 0 else None,
        reason=PlanLine.Reason(str(proposal.reason[row])),
        detail="、".join([*(TRAIT_LABELS[name] for name in client_traits), *_own_words(book, row, before, after)]),
        fit_before=_points(fits, before),
        fit_after=_points(fits, after),
        runner_up_id=ids[runner_up] if runner_up >= 0 else None,
        runner_up_fit=_points(fits, runner_up),
        margin=None if min(runner_up, after) < 0 else round(float(fits[after] - fits[runner_up]), 1),
        binding_limit=_binding_limit(fits, people, proposal.minutes[row], after, before, load),
        minutes=float(proposal.minutes[row]),
        value=float(book.value[row]),
        needs_named_approval=bool(book.is_core[row] or book.traits.tier[row] in LARGE_TIERS) and before >= 0,
    )


def _own_words(book: Book, row: int, before: int, after: int) -> list[str]:
    """Return what the two managers themselves suggested about the client (MGR-03)."""
    if book.suggested is None:
        return []
    words = []
    if after >= 0 and book.suggested[row, after] == SUITS:
        words.append("新经理自我建议")
    if before >= 0 and book.suggested[row, before] == GIVES_UP:
        words.append("原经理建议转出")
    return words


def _points(fits: Floats, column: int) -> float | None:
    return None if column < 0 or np.isnan(fits[column]) else round(float(fits[column]), 1)


def _runner_up(fits: Floats, before: int, after: int) -> int:
    """Return the best column besides the chosen and the present one, NOBODY without any."""
    others = np.where(np.isnan(fits), -np.inf, fits)
    for column in (before, after):
        if column >= 0:
            others[column] = -np.inf
    return int(others.argmax()) if len(others) and np.isfinite(others.max()) else NOBODY


def _binding_limit(fits: Floats, people: Managers, minutes: float, after: int, before: int, load: Floats) -> str:
    """Say which limit kept the client from a manager who fits better than the chosen one."""
    if after < 0:
        return "全部容量已满，由营业部统一服务"
    better = [
        column
        for column in np.flatnonzero(np.nan_to_num(fits, nan=-np.inf) > fits[after] + 1e-9).tolist()
        if column != before
    ]
    full = [column for column in better if load[column] + minutes > people.capacity_minutes[column] + 1e-9]
    if full:
        return "更匹配的经理容量已满"
    return "整体最优" if better else ""


def _loads(plan: AllocationPlan, book: Book, people: Managers, proposal: Proposal) -> list[PlanLoad]:
    count = len(people.ids)
    ones = np.ones(len(book.ids))

    def sums(weights: Floats) -> tuple[Floats, Floats]:
        return load_of(book.current, weights, count), load_of(proposal.manager, weights, count)

    (minutes, clients, value) = (sums(weights) for weights in (proposal.minutes, ones, book.value))
    return [
        PlanLoad(
            plan=plan,
            manager_id=int(people.ids[column]),
            capacity_minutes=float(people.capacity_minutes[column]),
            minutes_before=float(minutes[0][column]),
            minutes_after=float(minutes[1][column]),
            clients_before=int(clients[0][column]),
            clients_after=int(clients[1][column]),
            value_before=float(value[0][column]),
            value_after=float(value[1][column]),
        )
        for column in range(count)
    ]


def plan_departure(employee: Employee, as_of: date, *, by: Employee) -> AllocationPlan:
    """Write the plan that finds a manager for every client of somebody who has left, and for nobody else by choice.

    Raises DomainError if the employee may go on serving, so that nobody's book is emptied by mistake.
    """
    branch = employee.branch
    if branch is None or reading.eligible_managers(branch, as_of).get(employee.pk, True) is None:
        raise DomainError(f"{employee.name} 仍在服务岗位，无需离岗交接")
    return propose_plan(branch, as_of, AllocationPlan.Kind.DEPARTURE, by=by, note=f"{employee.name} 离岗交接")


def has_open_plan(branch: Branch) -> bool:
    """Return whether a plan awaits a decision or its application."""
    states = [AllocationPlan.State.PUBLISHED, AllocationPlan.State.APPROVED]
    return bool(branch.plans.filter(state__in=states).aggregate(open=Count("pk"))["open"])
