"""People come, change and go: what is written, what is refused, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from office.models import AuditEntry, Employee, Leave, Role, Skill, Team
from office.operations import people, staff, teams
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_employee

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
RECORD: dict[str, Any] = {
    "name": "郭静", "team": "", "roles": ["client_manager"], "employment": "permanent", "registration": "general",
    "registration_no": "S1234", "registration_valid_to": "", "phone": "", "email": "", "hired_on": "2026-08-24",
}  # fmt: skip


def edit(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the form of li with some values changed, as it was opened now."""
    kept = {"name": "李清", "team": cast.team.pk, "hired_on": "2020-01-02", "registration_no": ""}
    return RECORD | kept | {"version": Employee.objects.get(pk=cast.li.pk).version} | changes


def test_a_new_employee_can_sign_in_with_the_password_shown_once(browse: Browse, cast: Cast) -> None:
    page = browse("zhao").post("/staff/create/", RECORD | {"staff_no": "3001"})
    hired = Employee.objects.get(staff_no="3001")
    password = page.context["password"]
    assert password in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert (hired.pinyin, hired.branch, hired.must_change_password) == ("guojing", cast.branch, True)
    assert hired.check_password(password)
    assert password not in str(AuditEntry.objects.get(action="office.employee_hired").after)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"staff_no": "1001"}, "staff_no"),
        ({"staff_no": "3001", "name": ""}, "name"),
        ({"staff_no": "3001", "roles": []}, "roles"),
        ({"staff_no": "3001", "roles": ["compliance", "client_manager"]}, "roles"),
        ({"staff_no": "3001", "email": "guo@"}, "email"),
    ],
)
def test_a_bad_record_is_refused_at_its_field_and_kept(
    browse: Browse, cast: Cast, changes: dict[str, Any], field: str
) -> None:
    page = browse("zhao").post("/staff/create/", RECORD | changes)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert "S1234" in page.content.decode()


def test_editing_is_audited_and_names_only_what_changed(browse: Browse, cast: Cast) -> None:
    assert browse("zhao").post(f"/staff/{cast.li.pk}/edit/", edit(cast, phone="0571-1")).status_code == 302
    entry = AuditEntry.objects.get(action="office.employee_edited")
    assert (entry.before, entry.after) == ({"phone": ""}, {"phone": "0571-1"})


def test_nobody_changes_the_own_roles_and_closes_the_own_account(cast: Cast) -> None:
    values = {"name": "赵启明", "team": None, "roles": [Role.BRANCH_MANAGER]}
    with pytest.raises(staff.OwnRoles):
        staff.edit_employee(cast.zhao, values, version=1, by=cast.zhao)
    with pytest.raises(staff.OwnRoles):
        staff.deactivate(cast.zhao, date(2026, 8, 24), "", by=cast.zhao)


def test_two_people_editing_decide_field_by_field(browse: Browse, cast: Cast) -> None:
    url = f"/staff/{cast.li.pk}/edit/"
    opened = edit(cast, original=browse("shen").get(url).context["form"].initial["original"])
    browse("zhao").post(url, edit(cast, phone="0571-1", email="li@example.com"))
    late = browse("shen").post(url, opened | {"phone": "0571-2"})
    assert late.status_code == 409
    proposed = {line.field: line.prefers_theirs for line in late.context["lines"] if not line.is_same}
    assert proposed == {"phone": False, "email": True}
    decided = opened | {"phone": "0571-2", "version": 2, "take-phone": "mine", "take-email": "theirs"}
    assert browse("shen").post(url, decided).status_code == 302
    held = Employee.objects.get(pk=cast.li.pk)
    assert (held.phone, held.email, held.version) == ("0571-2", "li@example.com", 3)


def test_a_stale_save_writes_nothing(cast: Cast) -> None:
    with pytest.raises(staff.StaleEmployee):
        staff.edit_employee(
            cast.li, {"name": "李青", "team": None, "roles": [Role.CLIENT_MANAGER]}, version=9, by=cast.shen
        )
    assert Employee.objects.get(pk=cast.li.pk).name == "李清"


@pytest.mark.req("ALC-09")
def test_who_leaves_is_told_what_becomes_of_the_clients_first(browse: Browse, cast: Cast) -> None:
    url = f"/staff/{cast.li.pk}/deactivate/"
    page = browse("zhao").get(url).content.decode()
    assert "临时负责人" in page
    assert f"/clients/owner/{cast.li.pk}/" in page
    owned = browse("shen").get(f"/clients/owner/{cast.li.pk}/").content.decode()
    assert "<b>1</b> 位" in owned
    assert cast.wu.name not in owned
    left = {"left_on": "2026-08-24", "reason": "调离"}
    assert browse("zhao").post(url, left).status_code == 422
    assert browse("zhao").post(url, left | {"knows_orphans": "on"}).status_code == 302
    assert AuditEntry.objects.get(action="office.employee_left").reason == "调离"
    assert "名下客户当晚转给临时负责人" in browse("zhao").get(f"/staff/{cast.li.pk}/").content.decode()
    assert browse("zhao").post(url, left | {"knows_orphans": "on"}).status_code == 409


def test_who_serves_nobody_leaves_without_that_question(browse: Browse, cast: Cast) -> None:
    left = {"left_on": "2026-08-24", "reason": "退休"}
    assert browse("zhao").post(f"/staff/{cast.zhou.pk}/deactivate/", left).status_code == 302


def test_who_is_back_may_sign_in_again(browse: Browse, cast: Cast) -> None:
    staff.deactivate(cast.li, date(2026, 8, 24), "借调", by=cast.zhao)
    assert browse("zhao").post(f"/staff/{cast.li.pk}/reactivate/").status_code == 302
    held = Employee.objects.get(pk=cast.li.pk)
    assert (held.is_active, held.left_on) == (True, None)
    with pytest.raises(staff.StaleEmployee):
        staff.reactivate(held, by=cast.zhao)


def test_a_team_of_another_branch_is_refused(cast: Cast) -> None:
    foreign = Team.objects.create(branch=cast.other_branch, name="外")
    with pytest.raises(staff.OtherBranchTeam):
        staff.edit_employee(cast.li, {"name": "李清", "team": foreign, "roles": []}, version=1, by=cast.zhao)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["沈以宁", "王珂", "李清", "赵启明", "钱书", "陈立", "周宁"]),
        ("q=1001", ["李清"]),
        ("q=李", ["李清"]),
        ("role=compliance", ["钱书"]),
        ("state=away", ["王珂"]),
        ("state=left", ["旧人"]),
        ("q=没有此人", []),
    ],
)
def test_the_list_is_narrowed(browse: Browse, cast: Cast, query: str, found: list[str]) -> None:
    make_employee("1009", "旧人", cast.branch, Role.CLIENT_MANAGER, is_active=False)
    Leave.objects.create(employee=cast.wang, starts_on=date(2000, 1, 1), ends_on=date(2100, 1, 1))
    page = browse("zhao").get(f"/staff/?{query}").context["page"]
    assert sorted(row.name for row in page) == sorted(found)


@pytest.mark.parametrize(
    ("url", "name", "who"),
    [("/staff/", "office:staff_list", "zhao"), ("/teams/", "office:team_list", "zhao")],
)
def test_lists_cost_the_same_for_few_and_many(
    browse: Browse, cast: Cast, query_budget: QueryBudget, url: str, name: str, who: str
) -> None:
    for number in range(30):
        make_employee(f"4{number:03}", f"员工{number}", cast.branch, Role.CLIENT_MANAGER, team=cast.team)
        Team.objects.create(branch=cast.branch, name=f"团队{number}", leader=cast.chen)
    browser = browse(who)
    with query_budget(name):
        assert browser.get(url).status_code == 200


def test_the_page_of_one_employee_costs_the_same_with_much_on_it(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    for year in range(2030, 2040):
        day = date(year, 1, 1)
        Leave.objects.create(employee=cast.li, starts_on=day, ends_on=day, substitute=cast.wang)
    people.rate_skills(cast.li, [people.Rating(s, 3, "考核") for s in Skill], on=date(2026, 8, 24), by=cast.zhao)
    browser = browse("zhao")
    with query_budget("office:staff_detail"):
        assert browser.get(f"/staff/{cast.li.pk}/").status_code == 200


def test_a_team_has_one_name_and_a_leader_who_leads(cast: Cast) -> None:
    with pytest.raises(teams.TeamNameTaken):
        teams.create_team("一团队", None, by=cast.zhao)
    with pytest.raises(teams.NotALeader):
        teams.create_team("二团队", cast.li, by=cast.zhao)
    team = teams.create_team("二团队", cast.chen, by=cast.zhao)
    teams.edit_team(team, "三团队", None, by=cast.zhao)
    assert Team.objects.filter(name="三团队", leader=None).exists()
