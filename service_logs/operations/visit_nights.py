"""What each night does about return visits: the plan kept up, the callers looked over, the overdue ones told."""

from __future__ import annotations

from datetime import date

from django.db.models import Count
from django.urls import reverse

from office.jobs import Ledger
from office.models import Branch, Employee, Role
from office.operations.notices import notify
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.operations.visit_plans import add_mandatory, give_out_again

WATCHERS = [Role.COMPLIANCE, Role.BRANCH_MANAGER]


def keep_plan(branch: Branch, day: date) -> Ledger:
    """Add to the year's plan who must be visited by `day`, give out what nobody has, tell of what is overdue."""
    plan = VisitPlan.objects.filter(branch=branch, year=day.year).select_related("branch").first()
    added = add_mandatory(plan, by=None, today=day) if plan is not None else Ledger()
    given = give_out_again(branch, by=None, today=day)
    return Ledger(
        seen=added.seen, changed=added.changed, skipped=added.skipped + given.skipped,
        detail={"重新分派": given.changed, "逾期提醒": tell_overdue(branch, day), "有年度计划": plan is not None},
    )  # fmt: skip


def tell_overdue(branch: Branch, day: date) -> int:
    """Tell each caller of the own visits whose deadline passed with `day`, compliance and the head of all of them.

    Each is told once a week; returns how many were told now.
    """
    late = ReturnVisit.objects.filter(branch=branch, due_on__lte=day).open().order_by()
    owed = dict(late.filter(caller__is_active=True).values_list("caller").annotate(Count("pk")))
    key = f"visits-late:{branch.pk}:{day:%G-%V}"
    told = 0
    for caller in Employee.objects.filter(pk__in=owed):
        told += notify([caller], key, f"您有 {owed[caller.pk]:,} 件回访已逾期", reverse("service_logs:visit_calls"))
    total = late.count()
    if total:
        watchers = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=WATCHERS).exclude(pk__in=owed)
        told += notify(watchers, key, f"{total:,} 件回访已逾期", reverse("service_logs:visit_list") + "?state=late")
    return told
