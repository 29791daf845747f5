"""What becomes of a plan: published, decided line by line, applied under lock, undone."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from clients.models import ClientStanding, ServiceAssignment
from clients.operations.assignments import assign_clients
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee, Role
from office.queries import calendar
from segmentation.models import AllocationPlan, PlanLine
from segmentation.operations import handover
from segmentation.queries.allocation import eligible_managers

REPLACED = "这份夜间候选已被新的一份取代，请回到方案列表"
UNDO_DAYS = 10  # trading days after the day the plan takes effect (look.md §13.4)

State, LineState = AllocationPlan.State, PlanLine.State


class PlanNotReady(DomainError):
    """A plan goes from draft to published, approved and applied in this order and skips no step."""


class NotTheDirector(DomainError):
    """Only a market director applies or undoes a plan (ALC-11)."""

    status = 403


def _advance(plan: AllocationPlan, expected: str, to: str, **stamps: object) -> None:
    """Move the plan on by one conditional update, so that of two people only one does it."""
    if AllocationPlan.objects.filter(pk=plan.pk, state=expected).update(state=to, **stamps) != 1:
        now = AllocationPlan.objects.filter(pk=plan.pk).first()
        raise PlanNotReady(f"方案现为「{now.get_state_display()}」，请刷新页面后再办理" if now else REPLACED)
    plan.refresh_from_db()


def _locked_state(plan: AllocationPlan) -> str:
    """Return the state the plan is in now and stays in until this transaction ends. Raises PlanNotReady."""
    try:
        return AllocationPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk).state
    except AllocationPlan.DoesNotExist as gone:
        raise PlanNotReady(REPLACED) from gone


@transaction.atomic
def publish_plan(plan: AllocationPlan, *, by: Employee) -> None:
    """Lay the draft before the director; from now on managers can read it."""
    _advance(plan, State.DRAFT, State.PUBLISHED, published_at=timezone.now())
    record("segmentation.plan_published", plan, by=by)


@transaction.atomic
def decide_lines(
    plan: AllocationPlan, lines: QuerySet[PlanLine], *, approve: bool, remark: str = "", by: Employee
) -> int:
    """Approve or reject some lines of a published plan; rejecting needs a remark. Returns how many were decided."""
    if _locked_state(plan) != State.PUBLISHED:
        raise PlanNotReady("只有「待批准」的方案可以逐条批准或驳回")
    if not approve and not remark.strip():
        raise DomainError("驳回须写明原因")
    to = LineState.APPROVED if approve else LineState.REJECTED
    decided = (
        PlanLine.objects.filter(plan=plan, pk__in=lines.values("pk"))
        .exclude(state=to)
        .update(state=to, decided_by=by, decided_at=timezone.now(), remark=remark.strip()[:160])
    )
    record("segmentation.plan_lines_decided", plan, by=by, after={"state": to, "lines": decided}, reason=remark[:200])
    return decided


@transaction.atomic
def approve_plan(plan: AllocationPlan, *, by: Employee) -> None:
    """Approve the plan: every core or platinum client by name before, the rest with it."""
    unnamed = plan.lines.filter(state=LineState.PENDING, needs_named_approval=True).count()
    if unnamed:
        raise PlanNotReady(f"还有 {unnamed} 位核心或白金以上客户未点名批准")
    now = timezone.now()
    _advance(plan, State.PUBLISHED, State.APPROVED, approved_at=now, approved_by=by)
    plan.lines.filter(state=LineState.PENDING).update(state=LineState.APPROVED, decided_by=by, decided_at=now)
    record("segmentation.plan_approved", plan, by=by)


@transaction.atomic
def reject_plan(plan: AllocationPlan, *, reason: str, by: Employee) -> None:
    """Turn a plan down before it is applied, with a reason; nobody moves."""
    if not reason.strip():
        raise DomainError("驳回方案须写明原因")
    expected = plan.state if plan.state in (State.DRAFT, State.PUBLISHED, State.APPROVED) else State.PUBLISHED
    _advance(plan, expected, State.REJECTED, note=reason.strip()[:200])
    record("segmentation.plan_rejected", plan, by=by, reason=reason[:200])


@transaction.atomic
def apply_plan(plan: AllocationPlan, *, on: date, by: Employee) -> tuple[int, int]:
    """Hand over every approved client whose case still stands; return how many moved and how many were passed over.

    `on` is the trading day the change takes effect.

    Each line is checked again under lock: the client still has the manager the plan saw, is not
    closed, and the new manager may take clients today. A line that fails stays where it is and says why.
    """
    if not by.has_role(Role.MARKET_DIRECTOR):
        raise NotTheDirector("只有市场总监可以应用分配方案")
    now = timezone.now()
    _advance(
        plan,
        State.APPROVED,
        State.APPLIED,
        applied_at=now,
        applied_by=by,
        effective_on=on,
        undo_until=calendar().add_trading(on, UNDO_DAYS),
    )
    lines = plan.lines.filter(state=LineState.APPROVED)
    _lock(lines)
    _pass_over(plan, lines, on)
    lines.filter(to_manager=None).update(state=LineState.SKIPPED, remark="由营业部统一服务，无需交接")
    moved = _hand_over(lines, on, f"分配方案 {plan.plan_no}", plan.plan_no)
    handover.build_dossiers(plan.branch, on, by=by)
    lines.update(state=LineState.APPLIED)
    passed = plan.lines.filter(state=LineState.SKIPPED).count()
    record("segmentation.plan_applied", plan, by=by, after={"moved": moved, "passed_over": passed})
    return moved, passed


@transaction.atomic
def undo_plan(plan: AllocationPlan, *, on: date, by: Employee, only: list[int] | None = None) -> int:
    """Give every client still with the plan's manager back to the one before; return how many went back.

    Open until `undo_until`. A client whose former manager has left since stays. With `only` (ids of lines) the
    plan stays applied and the other lines stand.
    """
    if not by.has_role(Role.MARKET_DIRECTOR):
        raise NotTheDirector("只有市场总监可以撤销分配方案")
    if plan.undo_until is not None and on > plan.undo_until:
        raise PlanNotReady(f"撤销期已于 {plan.undo_until:%Y-%m-%d} 结束，请另做方案")
    if only is None:
        _advance(plan, State.APPLIED, State.UNDONE, undone_at=timezone.now(), undone_by=by)
    elif _locked_state(plan) != State.APPLIED:
        raise PlanNotReady("只有已应用的方案可以撤销")
    lines = _undoable(plan, on)
    _lock(lines)
    back = list((lines if only is None else lines.filter(pk__in=only)).values_list("pk", flat=True))
    moved = _give_back(back, max(on, plan.effective_on or on), f"撤销方案 {plan.plan_no}")
    PlanLine.objects.filter(pk__in=back).update(state=LineState.UNDONE)
    record("segmentation.plan_undone", plan, by=by, after={"moved": moved, "whole": only is None})
    return moved


def _undoable(plan: AllocationPlan, on: date) -> QuerySet[PlanLine]:
    free = [pk for pk, hindered in eligible_managers(plan.branch, on).items() if hindered is None]
    return plan.lines.filter(
        Q(from_manager=None) | Q(from_manager__in=free),
        state=LineState.APPLIED,
        client__standing__manager=F("to_manager"),
    )


def _lock(lines: QuerySet[PlanLine]) -> None:
    """Lock the clients of these lines in one order, so that two plans never wait for each other."""
    rows = (
        ClientStanding.objects.filter(client__in=lines.values("client")).order_by("pk").select_for_update(of=("self",))
    )
    list(rows.values_list("pk", flat=True))


def _pass_over(plan: AllocationPlan, lines: QuerySet[PlanLine], on: date) -> None:
    people = eligible_managers(plan.branch, on)
    lines.exclude(to_manager=None).exclude(to_manager__in=list(people)).update(
        state=LineState.SKIPPED, remark="新经理已不在本营业部"
    )
    hindered = {pk: why for pk, why in people.items() if why is not None}
    for pk, why in hindered.items():
        lines.filter(to_manager=pk).update(state=LineState.SKIPPED, remark=f"新经理{why.value}")
    lines.filter(client__standing__is_closed=True).update(state=LineState.SKIPPED, remark="客户已销户")
    same = Q(client__standing__manager=F("from_manager")) | Q(client__standing__manager=None, from_manager=None)
    changed = lines.exclude(pk__in=lines.filter(same).values("pk"))
    PlanLine.objects.filter(pk__in=list(changed.values_list("pk", flat=True))).update(
        state=LineState.SKIPPED, remark="方案生成后客户经理已变更"
    )


def _hand_over(lines: QuerySet[PlanLine], on: date, reason: str, plan_no: str) -> int:
    pairs = list(lines.exclude(to_manager=None).values_list("client_id", "to_manager_id"))
    return assign_clients(pairs, on=on, reason=reason, plan_no=plan_no)


def _give_back(line_ids: list[int], on: date, reason: str) -> int:
    pairs = list(PlanLine.objects.filter(pk__in=line_ids).values_list("client_id", "from_manager_id"))
    handover.withdraw([client for client, _ in pairs])
    return assign_clients(pairs, on=on, reason=reason)


@transaction.atomic
def appoint_interim(branch: Branch, on: date) -> dict[str, int]:
    """Give every client without a living manager to an interim owner: the team leader, else the market director.

    This is the only move the night makes by itself. Dossiers of changes made in the last days that have none yet are
    made, too. Returns counts by what was done.
    """
    hindered = eligible_managers(branch, on)
    here = {pk for pk, why in hindered.items() if why is None or why.name not in {"INACTIVE", "LEFT"}}
    serving = {pk for pk in here if (why := hindered[pk]) is None or why.name != "NOT_SERVING"}
    gone = [*(hindered.keys() - serving), *_owners_elsewhere(branch)]
    pairs: list[tuple[int, int | None]] = []
    orphans = ClientStanding.objects.filter(branch=branch, manager__in=gone, is_closed=False)
    heirs: dict[int, int | None] = {}
    orphans = orphans.order_by("pk").select_for_update(of=("self",))  # whoever is given to somebody now stays there
    for client_id, manager_id in orphans.values_list("client_id", "manager_id"):
        if manager_id not in heirs:
            heirs[manager_id] = _interim_owner(branch, manager_id, here, serving)
        if heirs[manager_id] != manager_id:  # else the director, who is their interim owner already
            pairs.append((client_id, heirs[manager_id]))
    moved = [(client, heir) for client, heir in pairs if heir is not None]
    assign_clients(moved, on=on, reason="原经理离岗，临时负责", role=ServiceAssignment.Role.INTERIM)
    handover.build_recent(branch, on)
    return {"moved": len(moved), "without_heir": len(pairs) - len(moved)}


def _owners_elsewhere(branch: Branch) -> list[int]:
    """Return who has gone to another branch and left clients here."""
    served = ClientStanding.objects.filter(branch=branch, is_closed=False, manager__isnull=False)
    elsewhere = served.exclude(manager__branch=branch).order_by().distinct()
    return list(elsewhere.values_list("manager_id", flat=True))


def _interim_owner(branch: Branch, manager_id: int, here: set[int], serving: set[int]) -> int | None:
    leaver = Employee.objects.select_related("team").get(pk=manager_id)
    if leaver.team is not None and leaver.team.leader_id in serving and leaver.team.leader_id != manager_id:
        return leaver.team.leader_id
    directors = Employee.objects.filter(branch=branch, pk__in=here, roles__contains=[Role.MARKET_DIRECTOR])
    found = list(directors.order_by("staff_no").values_list("pk", flat=True))
    return manager_id if manager_id in found else next(iter(found), None)
