"""Whom a visit of a client is about: who serves him in whatever role, and who won him."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from clients.models import ClientStanding, DevelopmentRelation, ServiceAssignment
from office.independence import Asker, Bar, Subjects, bar
from office.models import Employee, Leave


def subjects_of(client_ids: Sequence[int], on: date) -> dict[int, Subjects]:
    """Return for each client who serves him on that day (also in a colleague's stead) and who won him."""
    serving: dict[int, set[int]] = {pk: set() for pk in client_ids}
    standings = ClientStanding.objects.filter(pk__in=client_ids).exclude(manager=None)
    for pk, manager in standings.values_list("pk", "manager_id"):
        serving[pk].add(manager)
    rows = ServiceAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), client__in=client_ids)
    for pk, employee in rows.values_list("client_id", "employee_id"):
        serving[pk].add(employee)
    won = dict(DevelopmentRelation.objects.filter(client__in=client_ids).values_list("client_id", "employee_id"))
    stand_ins = _stand_ins({employee for people in serving.values() for employee in people}, on)
    return {
        pk: Subjects(frozenset(people.union(*(stand_ins.get(one, set()) for one in people))), won.get(pk))
        for pk, people in serving.items()
    }


def _stand_ins(employee_ids: set[int], on: date) -> dict[int, set[int]]:
    """Return employee → who stands in for him on that day."""
    leaves = Leave.objects.filter(employee__in=employee_ids, starts_on__lte=on, ends_on__gte=on)
    found: dict[int, set[int]] = {}
    for employee, substitute in leaves.exclude(substitute=None).values_list("employee_id", "substitute_id"):
        if substitute is not None:
            found.setdefault(employee, set()).add(substitute)
    return found


def asker(employee: Employee, branch_id: int, on: date) -> Asker:
    """Return what the rule of independence needs to know of an employee."""
    return Asker(employee.pk, employee.roles, employee.is_employed(on), employee.branch_id == branch_id)


def bar_of(
    employee: Employee, client_id: int, branch_id: int, on: date, *, others: frozenset[int] = frozenset()
) -> Bar | None:
    """Return why `employee` may not ask that client about his people, None if he may; `others` are in question too."""
    subjects = subjects_of([client_id], on)[client_id]
    whole = Subjects(subjects.owners, subjects.developer, others)
    return bar(asker(employee, branch_id, on), whole)
