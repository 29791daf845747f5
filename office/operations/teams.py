"""What is done to teams."""

from django.db import IntegrityError, transaction

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee, Role, Team


class TeamNameTaken(DomainError):
    """A name stands for one team of a branch."""


class NotALeader(DomainError):
    """Who leads a team works at its branch, is active and holds the role 团队长."""


@transaction.atomic
def create_team(name: str, leader: Employee | None, *, by: Employee) -> Team:
    """Found a team at the branch of `by`. Raises TeamNameTaken or NotALeader."""
    assert by.branch is not None
    _check_leader(leader, by.branch)
    team = Team(branch=by.branch, name=name, leader=leader)
    _save(team)
    record("office.team_founded", team, by=by, after=_state(team))
    return team


@transaction.atomic
def edit_team(team: Team, name: str, leader: Employee | None, *, by: Employee) -> None:
    """Rename a team or give it another leader. Raises TeamNameTaken or NotALeader."""
    _check_leader(leader, team.branch)
    held = Team.objects.select_for_update().get(pk=team.pk)
    before = _state(held)
    team.name, team.leader = name, leader
    _save(team)
    record("office.team_edited", team, by=by, before=before, after=_state(team))


def _check_leader(leader: Employee | None, branch: Branch) -> None:
    if leader is None:
        return
    if leader.branch_id != branch.pk or not leader.is_active or not leader.has_role(Role.TEAM_LEADER):
        raise NotALeader(f"{leader.name} 不是本营业部在职的团队长，请先在员工资料里加上角色")


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise TeamNameTaken(f"本营业部已有「{team.name}」") from None


def _state(team: Team) -> dict[str, str]:
    return {"name": team.name, "leader": team.leader.name if team.leader else ""}
