"""What is noted about an employee: skills with evidence, capacity, leave with a substitute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from office.audit import record
from office.errors import DomainError
from office.models import SERVING_ROLES, Capacity, Employee, EmployeeSkill, Leave, Skill
from office.rules import overlapping


class LeaveOverlaps(DomainError):
    """Nobody is on leave twice on one day."""


class NoSubstitute(DomainError):
    """Who stands in works at the same branch, is not away in those days, and serves clients if the absent one does."""


class SkillWithoutEvidence(DomainError):
    """A level above 0 says what shows it; allocation and reviews rest on it."""


@dataclass(frozen=True)
class Rating:
    """One skill as assessed: `level` 0 (none) to 5, and what shows it."""

    skill: Skill
    level: int
    evidence: str = ""


@transaction.atomic
def rate_skills(employee: Employee, ratings: Iterable[Rating], *, on: date, by: Employee) -> int:
    """Write the skills that differ from what is held; level 0 removes one. Return how many changed.

    Raises SkillWithoutEvidence if a level above 0 names none.
    """
    held = {row.skill: row for row in EmployeeSkill.objects.filter(employee=employee)}
    changed = [rating for rating in ratings if _is_news(rating, held.get(rating.skill))]
    for rating in changed:
        if rating.level and not rating.evidence:
            raise SkillWithoutEvidence(f"「{rating.skill.label}」请写明评定依据")
    gone = [rating.skill for rating in changed if not rating.level]
    EmployeeSkill.objects.filter(employee=employee, skill__in=gone).delete()
    EmployeeSkill.objects.bulk_create(
        [
            EmployeeSkill(employee=employee, skill=each.skill, level=each.level, evidence=each.evidence, assessed_on=on)
            for each in changed
            if each.level
        ],
        update_conflicts=True,
        unique_fields=["employee", "skill"],
        update_fields=["level", "evidence", "assessed_on"],
    )
    if changed:
        before = {each.skill: held[each.skill].level if each.skill in held else 0 for each in changed}
        record("office.skills_rated", employee, by=by, before=before, after={c.skill: c.level for c in changed})
    return len(changed)


@transaction.atomic
def set_capacity(
    employee: Employee,
    valid_from: date,
    *,
    max_clients: int,
    minutes_per_week: int,
    reserved_ratio: Decimal,
    by: Employee,
) -> Capacity:
    """Set what an employee can serve from a day on; `reserved_ratio` of the minutes stays free, 0 to below 1."""
    values = {
        "max_clients": max_clients,
        "minutes_per_week": minutes_per_week,
        "reserved_ratio": reserved_ratio,
    }
    capacity, _ = Capacity.objects.update_or_create(employee=employee, valid_from=valid_from, defaults=values)
    after = {name: str(value) for name, value in values.items()} | {"valid_from": valid_from.isoformat()}
    record("office.capacity_set", employee, by=by, after=after)
    return capacity


@transaction.atomic
def grant_leave(
    employee: Employee, starts_on: date, ends_on: date, substitute: Employee | None, note: str, *, by: Employee
) -> Leave:
    """Note days off, both ends included, and who stands in.

    Raises LeaveOverlaps if the employee is on leave on one of the days already, NoSubstitute if the
    substitute may not stand in.
    """
    Employee.objects.select_for_update().get(pk=employee.pk)  # two people noting leave at once
    held = overlapping(starts_on, ends_on, _spans(employee))
    if held:
        raise LeaveOverlaps(f"{employee.name} 在 {held[0]} 至 {held[1]} 已有请假，日期不能重叠")
    if substitute is not None:
        _check_substitute(employee, substitute, starts_on, ends_on)
    leave = Leave.objects.create(
        employee=employee, starts_on=starts_on, ends_on=ends_on, substitute=substitute, note=note
    )
    record("office.leave_granted", employee, by=by, after=_leave_state(leave))
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: Employee) -> None:
    """Take a leave back."""
    before = _leave_state(leave)
    leave.delete()
    record("office.leave_cancelled", leave.employee, by=by, before=before)


def _check_substitute(employee: Employee, substitute: Employee, starts_on: date, ends_on: date) -> None:
    if substitute.pk == employee.pk:
        raise NoSubstitute("代理人不能是本人")
    if substitute.branch_id != employee.branch_id or not substitute.is_employed(ends_on):
        raise NoSubstitute(f"{substitute.name} 不是本营业部的在职员工，不能代理")
    if employee.has_role(*SERVING_ROLES) and not substitute.has_role(*SERVING_ROLES):
        raise NoSubstitute(f"{substitute.name} 不在服务客户的岗位，不能代理")
    away = overlapping(starts_on, ends_on, _spans(substitute))
    if away:
        raise NoSubstitute(f"{substitute.name} 在 {away[0]} 至 {away[1]} 也请假，请另选代理人")


def _spans(employee: Employee) -> list[tuple[date, date]]:
    return list(Leave.objects.filter(employee=employee).order_by("starts_on").values_list("starts_on", "ends_on"))


def _leave_state(leave: Leave) -> dict[str, str]:
    return {
        "starts_on": leave.starts_on.isoformat(),
        "ends_on": leave.ends_on.isoformat(),
        "substitute": leave.substitute.name if leave.substitute else "",
        "note": leave.note,
    }


def _is_news(rating: Rating, held: EmployeeSkill | None) -> bool:
    if held is None:
        return rating.level > 0
    return (rating.level, rating.evidence) != (held.level, held.evidence)
