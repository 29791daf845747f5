"""What people do about a night: ask for it again, let a gate pass."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from branchcrm.gates import NEVER_ACCEPTED
from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee, JobRun


class NoSuchNight(DomainError):
    """A night belongs to a branch and to a day that has begun."""


class NightNotRefused(DomainError):
    """Only a gate that closed the latest night of a day can be let pass, by name and with a reason."""


@transaction.atomic
def ask_for_night(day: date, *, by: Employee) -> JobRun:
    """Note that a person asked for the night after `day` of his branch; the caller sends the task.

    Returns the latest edition, which is a waiting one if that night has never begun. Raises
    NoSuchNight for a day that is not over.
    """
    if by.branch is None or day > timezone.localdate():
        raise NoSuchNight("只能补跑本营业部已过去的业务日")
    nights = JobRun.objects.filter(name="night", branch=by.branch, as_of=day)
    run = nights.order_by("-edition").first() or JobRun.objects.create(name="night", branch=by.branch, as_of=day)
    record("branchcrm.night_asked", run, by=by, after={"as_of": day.isoformat()})
    return run


def answer_asker(branch: Branch, day: date, outcome: str) -> None:
    """Write on the latest edition of a night what came of asking for it, even if that was nothing."""
    latest = JobRun.objects.filter(name="night", branch=branch, as_of=day).order_by("-edition").first()
    if latest is not None:
        latest.detail["answer"] = {"at": int(timezone.now().timestamp()), "outcome": outcome}
        latest.save(update_fields=["detail"])


@transaction.atomic
def accept_gates(run_id: int, codes: Collection[str], reason: str, *, by: Employee) -> JobRun:
    """Let the closed gates `codes` of a refused night pass; its next run publishes if no other gate is closed.

    Raises NightNotRefused if the night moved on meanwhile, or a gate is open or may never be let pass.
    """
    run = JobRun.objects.select_for_update().get(pk=run_id, name="night", branch=by.branch)
    newer = JobRun.objects.filter(name="night", branch=run.branch, as_of=run.as_of, edition__gt=run.edition)
    if run.state != JobRun.State.FAILED or run.detail.get("outcome") != "refused" or newer.exists():
        raise NightNotRefused("这一夜已不在「校验未通过」状态，请刷新页面")
    closed = {gate["code"]: gate for gate in run.detail["gates"] if not gate["passed"]}
    if not codes or not set(codes) <= closed.keys() - NEVER_ACCEPTED:
        raise NightNotRefused("所选关口已通过，或属于不可放行的合规关口")
    if not reason.strip():
        raise NightNotRefused("放行关口须写明原因")
    note = {"by": by.name, "staff_no": by.staff_no, "reason": reason.strip()[:200], "at": timezone.now().isoformat()}
    run.detail["accepted"] = run.detail.get("accepted", {}) | dict.fromkeys(sorted(codes), note)
    run.save(update_fields=["detail"])
    shown = {code: f"{closed[code]['label']} {closed[code]['value']}" for code in sorted(codes)}
    record("branchcrm.gate_accepted", run, by=by, after=shown, reason=reason.strip()[:200])
    return run
