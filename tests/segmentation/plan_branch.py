"""A small branch for tests of plans: managers with skills and room, clients with grades and values."""

from __future__ import annotations

from datetime import date
from typing import Any

from clients.models import Client, ClientStanding
from office.models import Capacity, Employee, EmployeeSkill, Registration, Role
from segmentation.models import AllocationPlan
from segmentation.operations.planning import approve_plan, decide_lines, publish_plan
from segmentation.operations.proposing import propose_plan
from tests.conftest import Cast, make_client, make_employee

AS_OF = date(2026, 8, 21)


def manager(
    cast: Cast, staff_no: str, minutes: int = 1200, *, skills: dict[str, int] | None = None, **fields: Any
) -> Employee:
    """Make a client manager with weekly minutes and skills."""
    fields.setdefault("registration", Registration.GENERAL)
    made = make_employee(staff_no, f"经理{staff_no}", cast.branch, Role.CLIENT_MANAGER, **fields)
    Capacity.objects.create(employee=made, valid_from=date(2026, 1, 1), minutes_per_week=minutes)
    for skill, level in (skills or {}).items():
        EmployeeSkill.objects.create(employee=made, skill=skill, level=level)
    return made


def clients(cast: Cast, owner: Employee | None, count: int, start: int, **standing: Any) -> list[Client]:
    """Make `count` clients of `owner`, numbered from `start`."""
    standing = {"grade": "ordinary", "value": 20.0, "value_type": "asset", **standing}
    return [
        make_client(
            cast.branch, f"8801{start + number:08d}", manager=owner, name=f"客户{start + number}", standing=standing
        )
        for number in range(count)
    ]


def holders(made: list[Client]) -> set[int | None]:
    """Return who is responsible for these clients."""
    return set(ClientStanding.objects.filter(client__in=made).values_list("manager_id", flat=True))


def approved(cast: Cast, kind: str = "departure") -> AllocationPlan:
    """Return a plan that has come as far as approved, every line of it."""
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind(kind), by=cast.zhao)
    publish_plan(plan, by=cast.zhao)
    decide_lines(plan, plan.lines.all(), approve=True, by=cast.zhao)
    approve_plan(plan, by=cast.zhao)
    return plan
