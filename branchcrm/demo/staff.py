"""Who works at a demonstration branch: fourteen people who between them hold every post."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from branchcrm.demo.roster import BRANCH_NAMES, EXTRA_NAMES, ROSTER, Post
from branchcrm.demo.scale import FIRST_BRANCH, Scale
from office.audit import record
from office.models import SERVING_ROLES, Branch, Employee, Registration, Team
from office.operations.people import Rating, grant_leave, rate_skills, set_capacity
from office.operations.staff import hire
from office.operations.teams import create_team, edit_team
from office.pinyin import to_pinyin

TEAM_NAMES = ("一团队", "二团队")
CLIENTS_PER_MANAGER = 2_500  # from which on a branch has more managers than the fourteen people
LEAVE_DAYS = 8  # from three days before the last day


@dataclass(frozen=True)
class Login:
    """How one person of the demonstration signs in."""

    staff_no: str
    name: str
    roles: str
    password: str


def demo_password() -> str:
    """Return the password of everybody in the demonstration; it follows from the secret of this installation."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"demonstration password", hashlib.sha256).digest()
    return f"Demo-{base64.b32encode(digest)[:10].decode().lower()}"


def demo_logins() -> list[Login]:
    """Return how the people of the first demonstration branch sign in; an empty list if there is none."""
    people = Employee.objects.filter(branch__code=str(FIRST_BRANCH), is_active=True).order_by("staff_no")
    wanted = {f"{FIRST_BRANCH}{post.number:02d}" for post in ROSTER}
    password = demo_password()
    return [
        Login(person.staff_no, person.name, "、".join(person.role_labels), password)
        for person in people
        if person.staff_no in wanted
    ]


@transaction.atomic
def open_branch(code: str) -> Branch:
    """Return the branch with this code, founded if it is not there."""
    place = int(code) - FIRST_BRANCH
    name = BRANCH_NAMES[place] if place < len(BRANCH_NAMES) else f"第{place + 1}示范营业部"
    branch, is_new = Branch.objects.get_or_create(
        code=code, defaults={"name": name, "service_phone": "400-000-0000", "complaint_phone": "0571-0000-0000"}
    )
    if is_new:
        record("office.branch_created", branch, by=None, after={"code": code}, branch_id=branch.pk)
    return branch


@transaction.atomic
def hire_staff(branch: Branch, scale: Scale) -> int:
    """Take on everybody of the roster who is not there yet, with team, skills, capacity and leave; return how many."""
    head = _head(branch)
    known = set(Employee.objects.filter(branch=branch).values_list("staff_no", flat=True))
    posts = [post for post in _posts(scale) if _number(branch, post) not in known]
    if not posts:
        return 0
    teams = _teams(head)
    secret = make_password(demo_password())
    people = {}
    for post in posts:
        person, _ = hire(_number(branch, post), _values(post, teams, scale.as_of), by=head)
        people[post.number] = person
        _equip(person, post, scale, by=head)
    Employee.objects.filter(pk__in=[person.pk for person in people.values()]).update(
        password=secret, must_change_password=False
    )
    for place, name in enumerate(TEAM_NAMES):
        leader = next(people[post.number] for post in posts if post.leads == place)
        edit_team(teams[place], name, leader, by=head)
    _send_on_leave(people, posts, scale.as_of, by=head)
    return len(people)


def _number(branch: Branch, post: Post) -> str:
    return f"{branch.code}{post.number:02d}"


def _head(branch: Branch) -> Employee:
    """Return the branch manager; the first account of a branch is made by nobody."""
    post = ROSTER[0]
    held = Employee.objects.filter(branch=branch, staff_no=_number(branch, post)).first()
    if held is not None:
        return held
    head = Employee.objects.create_user(
        _number(branch, post), demo_password(), name=post.name, pinyin=to_pinyin(post.name), branch=branch,
        roles=[str(role) for role in post.roles], registration=post.registration,
        registration_no=_registration_no(post), hired_on=date(2012, 3, 1), phone="0571-0000-0001",
    )  # fmt: skip
    record("office.employee_hired", head, by=None, branch_id=branch.pk, after={"name": post.name})
    return head


def _teams(head: Employee) -> list[Team]:
    held = {team.name: team for team in Team.objects.filter(branch=head.branch)}
    return [held.get(name) or create_team(name, None, by=head) for name in TEAM_NAMES]


def _posts(scale: Scale) -> list[Post]:
    """Return the roster, with more managers for a large branch."""
    serving = sum(bool(SERVING_ROLES & set(post.roles)) for post in ROSTER)
    extra = max(0, round(scale.clients / CLIENTS_PER_MANAGER) - serving)
    skilled = [post for post in ROSTER if post.skills and post.leads is None]
    more = [
        Post(len(ROSTER) + 1 + place, EXTRA_NAMES[place % len(EXTRA_NAMES)], ("client_manager",), team=place % 2,
             skills=skilled[place % len(skilled)].skills, minutes=2_000)
        for place in range(extra)
    ]  # fmt: skip
    return [*ROSTER, *more]


def _registration_no(post: Post) -> str:
    return "" if post.registration == Registration.NONE else f"S0000099{post.number:04d}"


def _values(post: Post, teams: list[Team], as_of: date) -> dict[str, object]:
    return {
        "name": post.name,
        "team": teams[post.team] if post.team is not None else None,
        "roles": [str(role) for role in post.roles],
        "employment": post.employment,
        "registration": post.registration,
        "registration_no": _registration_no(post),
        "registration_valid_to": as_of + timedelta(days=700 + 11 * post.number),
        "phone": f"0571-0000-00{post.number:02d}",
        "email": f"s{post.number:02d}@example.com",
        "hired_on": as_of - timedelta(days=150 if post.employment == "trial" else 700 + 173 * post.number),
    }


def _equip(person: Employee, post: Post, scale: Scale, *, by: Employee) -> None:
    ratings = [Rating(skill, level, evidence) for skill, level, evidence in post.skills]
    rate_skills(person, ratings, on=scale.as_of - timedelta(days=90), by=by)
    if post.minutes:
        share = scale.clients // max(sum(bool(each.minutes) for each in _posts(scale)), 1)
        set_capacity(
            person, scale.as_of - timedelta(days=400), max_clients=max(600, share * 3 // 2),
            minutes_per_week=_minutes(post, scale), reserved_ratio=Decimal("0.100"), by=by,
        )  # fmt: skip


def _minutes(post: Post, scale: Scale) -> int:
    """Return the minutes of service a week; a branch with more clients than people could call writes more to them."""
    serving = [each for each in _posts(scale) if each.minutes]
    crowding = max(1.0, scale.clients / (430 * len(serving)))
    return round(post.minutes * crowding / 10) * 10


def _send_on_leave(people: dict[int, Employee], posts: list[Post], as_of: date, *, by: Employee) -> None:
    away = [post for post in posts if post.substitute]
    for post in away:
        starts_on = as_of - timedelta(days=3)
        ends_on = starts_on + timedelta(days=LEAVE_DAYS)
        grant_leave(people[post.number], starts_on, ends_on, people[post.substitute], "年休假", by=by)
