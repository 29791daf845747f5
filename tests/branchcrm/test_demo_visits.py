"""The return visits of the demonstration: a year that is under way, told through the usual doors."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import call_command
from django.db.models import F

from clients.models import DevelopmentRelation
from office.models import Employee, Role
from service_logs.models import ReturnVisit, SpotCheck, VisitPlan

pytestmark = pytest.mark.usefixtures("calendar")
AS_OF = date(2026, 8, 21)


def test_the_year_is_planned_and_under_way_with_a_denial_an_alarm_and_a_check(db: None) -> None:
    call_command("demo", "--clients", "200", "--date", AS_OF.isoformat(), verbosity=0)
    plan = VisitPlan.objects.get()
    visits = ReturnVisit.objects.filter(plan=plan)
    made = visits.filter(state="done")
    assert plan.year == 2026
    assert plan.target == visits.filter(is_sample=True).count() > 0
    assert made.exists()
    assert visits.open().filter(due_on__gt=AS_OF).exists()
    assert not ReturnVisit.objects.filter(done_on__gt=AS_OF).exists()
    assert {"denied", "alarming", "clean"} <= set(made.values_list("outcome", flat=True))
    assert DevelopmentRelation.objects.filter(state="denied").count() == 1
    assert not ReturnVisit.objects.filter(caller=F("manager")).exists()
    callers = Employee.objects.filter(visits__in=made).distinct()
    assert all(person.has_role(Role.SERVICE_STAFF, Role.COMPLIANCE) for person in callers)
    check = SpotCheck.objects.get()
    findings = list(check.visits.exclude(finding="").values_list("finding", "responsible"))
    assert findings
    assert all((person is None) == (finding == "in_order") for finding, person in findings)
