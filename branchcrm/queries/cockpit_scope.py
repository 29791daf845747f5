"""Of whom and of which time the cockpit speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from clients.models import ClientStanding
from office.menu import link
from office.models import SERVING_ROLES, Employee, Team
from office.rights import Reach, reach

BRANCH, TEAM, PERSON = "branch", "team", "person"
WHO = {BRANCH: "营业部", TEAM: "团队", PERSON: "个人"}
PERIODS = {"month": "本月", "quarter": "本季", "year": "近 12 月"}


@dataclass(frozen=True)
class Scope:
    """Whose clients and tasks are counted; `manager_ids` None is the whole branch."""

    user: Employee
    who: str
    key: int | None
    label: str
    manager_ids: tuple[int, ...] | None

    def standings(self) -> Any:
        """Return the open clients of these people that the user may see."""
        rows = ClientStanding.objects.visible_to(self.user).filter(is_closed=False)
        return rows if self.manager_ids is None else rows.filter(manager__in=self.manager_ids)

    def of_clients(self, rows: Any) -> Any:
        """Narrow rows of clients, already visible, to those these people serve now."""
        return rows if self.manager_ids is None else rows.filter(client__standing__manager__in=self.manager_ids)

    def of_owners(self, rows: Any) -> Any:
        """Narrow tasks, already visible, to those these people owe."""
        return rows if self.manager_ids is None else rows.filter(owner__in=self.manager_ids)

    def clients_url(self, **wanted: Any) -> str:
        """Return the address of the client list with these people's clients and the filters `wanted`."""
        pairs = [(name, value) for name, value in wanted.items() if value != ""]
        pairs += [("manager", pk) for pk in self.manager_ids or ()]
        return f"{link('clients:list')}?{urlencode(pairs, doseq=True)}"

    def tasks_url(self, **wanted: Any) -> str:
        """Return the address of the task list with these people's tasks and the filters `wanted`, "" without one."""
        pairs = [(name, value) for name, value in wanted.items() if value != ""]
        pairs += [("owner", pk) for pk in self.manager_ids or ()]
        return (
            f"{link('service_logs:task_list')}?{urlencode(pairs, doseq=True)}" if link("service_logs:task_list") else ""
        )


@dataclass(frozen=True)
class Period:
    """A span up to the data date `until`, compared with the close of the day before it began."""

    key: str
    start: date
    until: date

    @property
    def label(self) -> str:
        """In words."""
        return PERIODS[self.key]

    @property
    def fallen_due(self) -> dict[str, str]:
        """The filters of the task list for what fell due in it and was not cancelled."""
        return {"state": "kept", "due": "past", "due_since": self.start.isoformat()}

    @property
    def before(self) -> Period:
        """The span of the same kind before it."""
        return period_of(self.key, self.start - timedelta(days=1))


def period_of(key: str, until: date) -> Period:
    """Return the period asked for, the month for an unknown name."""
    month = until.replace(day=1)
    if key == "quarter":
        return Period(key, month.replace(month=(until.month - 1) // 3 * 3 + 1), until)
    if key == "year":
        return Period(key, month.replace(year=until.year - 1), until)
    return Period("month", month, until)


def people(user: Employee) -> list[Employee]:
    """Return whom `user` may look at one by one: who serves in the branch, or in the team of a leader."""
    rows = Employee.objects.filter(branch_id=user.branch_id or 0, is_active=True, roles__overlap=list(SERVING_ROLES))
    if reach(user) != Reach.BRANCH:
        rows = rows.filter(Q(team_id=user.team_id or 0) | Q(pk=user.pk))
    return list(rows.select_related("team").order_by("staff_no"))


def scope_of(user: Employee, who: str, key: str, served_by: list[Employee]) -> Scope:
    """Return the scope `user` asked for, the widest he may see for one that is not his to see.

    `served_by` is what `people` returned.
    """
    widest = BRANCH if reach(user) == Reach.BRANCH else TEAM
    number = int(key) if key.isdecimal() and len(key) < 12 else None
    if who == PERSON and served_by:
        person = next((one for one in served_by if one.pk == number), served_by[0])
        return Scope(user, PERSON, person.pk, person.name, (person.pk,))
    if who == TEAM or widest == TEAM:
        teams = {one.team.pk: one.team for one in served_by if one.team is not None}
        team = teams.get(number or 0) or next(iter(teams.values()), None)
        if team is not None:
            members = tuple(one.pk for one in served_by if one.team_id == team.pk)
            return Scope(user, TEAM, team.pk, team.name, members)
    if widest == BRANCH:
        return Scope(user, BRANCH, None, user.branch.name if user.branch else "", None)
    return Scope(user, PERSON, user.pk, user.name, (user.pk,))


def teams_of(served_by: list[Employee]) -> list[Team]:
    """Return the teams of these people, by name."""
    return sorted({one.team for one in served_by if one.team is not None}, key=lambda team: (team.name, team.pk))
