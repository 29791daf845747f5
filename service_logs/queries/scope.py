"""Whose day a page shows: one's own, the team's, the branch's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.models import ClientStanding
from clients.models.client import StandingQuerySet
from office.models import SERVING_ROLES, Branch, Employee, Leave, Role
from office.rights import Reach, reach
from service_logs.models import Task
from service_logs.models.task import TaskQuerySet

OWN, TEAM, BRANCH = "own", "team", "branch"
LABELS = {OWN: "我的", TEAM: "团队", BRANCH: "营业部"}


@dataclass(frozen=True)
class Scope:
    """The people whose tasks are looked at; unowned tasks belong to no one's own day.

    `ids` are employees, `serving` those of them whose working time is for clients.
    """

    name: str
    ids: tuple[int, ...]
    serving: tuple[int, ...]

    @property
    def label(self) -> str:
        """In words."""
        return LABELS[self.name]

    @property
    def tasks(self) -> Q:
        """The condition on tasks."""
        mine = Q(owner_id__in=self.ids)
        return mine if self.name == OWN else mine | Q(owner=None)

    def served(self, path: str = "") -> Q:
        """Return the condition on standings (at `path`) of clients these people serve, a branch's unserved too."""
        managed = Q(**{f"{path}manager_id__in": self.ids})
        return managed | Q(**{f"{path}manager": None}) if self.name == BRANCH else managed


def scope_names(user: Employee) -> list[str]:
    """Return the scopes `user` may choose from, the usual one first."""
    far = reach(user)
    own = [OWN] if user.has_role(*SERVING_ROLES, Role.SERVICE_STAFF, Role.CLIENT_ADMINISTRATOR) else []
    if far == Reach.TEAM:
        return [TEAM, OWN]
    if far == Reach.BRANCH:
        return [*own, BRANCH]
    return [OWN] if far == Reach.OWN else []


def scope_of(user: Employee, wanted: str, on: date, absent: Sequence[Leave] | None = None) -> Scope:
    """Return the scope `user` asked for, the usual one for an unknown or forbidden name."""
    names = scope_names(user)
    name = wanted if wanted in names else (names or [OWN])[0]
    if name == OWN:
        leaves = stood_in_for(user, on) if absent is None else absent
        return Scope(OWN, (user.pk, *(leave.employee_id for leave in leaves)), (user.pk,))
    people = Employee.objects.filter(branch_id=user.branch_id or 0)
    if name == TEAM:
        people = people.filter(Q(team_id=user.team_id or 0) | Q(pk=user.pk))
    roles = dict(people.order_by("pk").values_list("pk", "roles"))
    return Scope(name, tuple(roles), tuple(pk for pk, held in roles.items() if SERVING_ROLES.intersection(held)))


@dataclass(frozen=True)
class Day:
    """What one page of a day looks at. Made once, because asking whom one stands in for costs a query each time.

    `tasks` and `standings` are those the user may know of; `scope` narrows them to whose day it is.
    """

    user: Employee
    scope: Scope
    today: date
    tasks: TaskQuerySet
    standings: StandingQuerySet
    absent: tuple[Leave, ...]  # the leaves in which the user stands in

    @property
    def start(self) -> datetime:
        """When the day begins."""
        return midnight(self.today)

    @property
    def tonight(self) -> datetime:
        """When it ends."""
        return midnight(self.today + timedelta(days=1))


def day_of(user: Employee, wanted: str, on: date) -> Day:
    """Return the day `on` in the scope `user` asked for."""
    absent = tuple(stood_in_for(user, on))
    scope = scope_of(user, wanted, on, absent)
    standings = ClientStanding.objects.visible_to(user).filter(scope.served())
    return Day(user, scope, on, known_tasks(user).filter(scope.tasks), standings, absent)


def stood_in_for(user: Employee, on: date) -> QuerySet[Leave]:
    """Return the leaves on that day in which `user` stands in for a colleague of the branch."""
    return (
        Leave.objects.filter(
            substitute=user, starts_on__lte=on, ends_on__gte=on, employee__branch_id=user.branch_id or 0
        )
        .select_related("employee")
        .order_by("ends_on", "pk")
    )


def known_tasks(user: Employee) -> TaskQuerySet:
    """Return the tasks `user` may know of, joined with all that a line shows."""
    return (
        Task.objects.visible_to(user)
        .select_related("client__standing", "rule", "signal", "owner")
        .defer("client__id_no", "client__phone", "client__email", "client__address", "client__notes")
    )


def midnight(day: date) -> datetime:
    """Return when a day begins by the Shanghai clock."""
    return datetime.combine(day, time(0), timezone.get_default_timezone())


def may_own(user: Employee) -> QuerySet[Employee]:
    """Return whom `user` may give tasks: active serving staff of the branch, for a team leader of the team."""
    people = Employee.objects.filter(
        branch_id=user.branch_id or 0, is_active=True, roles__overlap=[*SERVING_ROLES, Role.SERVICE_STAFF]
    )
    if reach(user) == Reach.TEAM:
        people = people.filter(Q(team_id=user.team_id or 0) | Q(pk=user.pk))
    return people.order_by("pinyin", "pk")


def serving_ids(branch: Branch) -> list[int]:
    """Return who of the branch serves clients."""
    people = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=[*SERVING_ROLES])
    return list(people.order_by("pk").values_list("pk", flat=True))
