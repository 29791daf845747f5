"""Who is reminded of what he owes around the cases: grievances past their day, drills missed, teams behind."""

from __future__ import annotations

from datetime import date

from django.db.models import Count

from office.menu import link
from office.models import Branch, Employee, Role
from office.operations.notices import notify
from retention.models import Drill, Grievance
from retention.queries.drills import owed_by

DIRECTING = [Role.MARKET_DIRECTOR, Role.BRANCH_MANAGER]


def tell_owed(branch: Branch, day: date) -> int:
    """Tell owners, leaders and directors what stands overdue after `day`, each once a week; return how many were."""
    week = f"{branch.pk}:{day:%G-%V}"
    return _grievances(branch, day, week) + _missed(branch, day, week) + _behind(branch, day, week)


def _grievances(branch: Branch, day: date, week: str) -> int:
    late = Grievance.objects.filter(branch=branch, due_on__lte=day, owner__is_active=True).open()
    owed = dict(late.order_by().values_list("owner").annotate(Count("pk")))
    address = f"{link('retention:grievance_list')}?part=mine"
    people = Employee.objects.filter(pk__in=owed).order_by("pk")
    return sum(
        notify([person], f"grievances-late:{week}", f"您负责的 {owed[person.pk]:,} 条客户不满已到期未办结", address)
        for person in people
    )


def _missed(branch: Branch, day: date, week: str) -> int:
    missed = Drill.objects.filter(branch=branch, state=Drill.State.PLANNED, planned_on__lte=day, led_by__is_active=True)
    return sum(
        notify([drill.led_by], f"drill-missed:{drill.pk}:{week}", f"演练「{drill.title}」过期未办，请记录或取消",
               link("retention:drill_detail", drill.pk))
        for drill in missed.select_related("led_by").order_by("pk")
    )  # fmt: skip


def _behind(branch: Branch, day: date, week: str) -> int:
    behind = [one.team for one in owed_by(branch.pk, day) if one.state == "overdue"]
    if not behind:
        return 0
    text, address = f"{'、'.join(team.name for team in behind)}上季演练还没有补上", link("retention:drill_list")
    leaders = [team.leader_id for team in behind if team.leader_id is not None]
    people = Employee.objects.filter(branch=branch, is_active=True)
    told = people.filter(roles__overlap=DIRECTING) | people.filter(pk__in=leaders)
    return notify(told.distinct(), f"drills-owed:{week}", text, address)
