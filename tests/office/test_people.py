"""Skills, capacity and leave: what is noted about an employee, and what the rules refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client as Browser

from office.models import AuditEntry, EmployeeSkill, Leave, Skill
from office.operations import people
from office.operations.people import Rating
from office.rights import owner_ids
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 5)


@pytest.mark.req("MGR-01")
def test_skills_are_noted_with_evidence_and_level_zero_removes_one(cast: Cast) -> None:
    bonds, margin = Rating(Skill.BONDS, 4, "固收考试 92 分"), Rating(Skill.MARGIN, 2, "跟岗两月")
    assert people.rate_skills(cast.li, [bonds, margin], on=TODAY, by=cast.zhao) == 2
    assert people.rate_skills(cast.li, [bonds, margin], on=TODAY, by=cast.zhao) == 0
    assert people.rate_skills(cast.li, [Rating(Skill.MARGIN, 0)], on=TODAY, by=cast.zhao) == 1
    assert [str(row) for row in EmployeeSkill.objects.filter(employee=cast.li)] == ["债券与固收 4"]
    entries = AuditEntry.objects.filter(action="office.skills_rated").order_by("pk")
    assert [entry.after for entry in entries] == [{"bonds": 4, "margin": 2}, {"margin": 0}]


def test_a_level_without_evidence_is_refused_on_the_page_and_below_it(browse: Browse, cast: Cast) -> None:
    with pytest.raises(people.SkillWithoutEvidence):
        people.rate_skills(cast.li, [Rating(Skill.BONDS, 4)], on=TODAY, by=cast.zhao)
    levels = {f"level_{skill}": "0" for skill in Skill} | {"level_bonds": "4"}
    page = browse("zhao").post(f"/staff/{cast.li.pk}/skills/", levels)
    assert page.status_code == 422
    assert "请写明评定依据" in page.content.decode()


@pytest.mark.req("MGR-01")
def test_capacity_of_a_later_day_takes_over_and_the_same_day_is_replaced(browse: Browse, cast: Cast) -> None:
    form = {"valid_from": "2026-09-01", "max_clients": "300", "minutes_per_week": "900", "reserved_ratio": "0.2"}
    for minutes in ("900", "950"):
        browse("zhao").post(f"/staff/{cast.li.pk}/capacity/", form | {"minutes_per_week": minutes})
    [row] = cast.li.capacities.all()
    assert (row.minutes_per_week, row.reserved_ratio) == (950, Decimal("0.2"))
    assert browse("zhao").post(f"/staff/{cast.li.pk}/capacity/", form | {"reserved_ratio": "1"}).status_code == 422


@pytest.mark.req("MGR-04")
def test_who_stands_in_sees_the_clients_for_exactly_those_days(cast: Cast) -> None:
    people.grant_leave(cast.li, FIRST, LAST, cast.wang, "年假", by=cast.zhao)
    assert cast.li.pk not in owner_ids(cast.wang, date(2026, 8, 31))
    assert cast.li.pk in owner_ids(cast.wang, FIRST)
    assert cast.li.pk in owner_ids(cast.wang, LAST)
    assert cast.li.pk not in owner_ids(cast.wang, date(2026, 9, 6))


def test_nobody_is_on_leave_twice_on_a_day(browse: Browse, cast: Cast) -> None:
    people.grant_leave(cast.li, FIRST, LAST, None, "", by=cast.zhao)
    with pytest.raises(people.LeaveOverlaps):
        people.grant_leave(cast.li, LAST, date(2026, 9, 9), None, "", by=cast.zhao)
    page = browse("zhao").post(f"/staff/{cast.li.pk}/leave/", {"starts_on": "2026-09-05", "ends_on": "2026-09-09"})
    assert page.status_code == 409
    assert "2026-09-01 至 2026-09-05 已有请假" in page.content.decode()


def test_a_leave_that_ends_before_it_starts_is_refused(browse: Browse, cast: Cast) -> None:
    page = browse("zhao").post(f"/staff/{cast.li.pk}/leave/", {"starts_on": "2026-09-05", "ends_on": "2026-09-01"})
    assert page.status_code == 422
    assert "结束不能早于开始" in page.content.decode()
    assert not Leave.objects.exists()


def test_nobody_keeps_all_his_time_free_of_clients(browse: Browse, cast: Cast) -> None:
    said = {"valid_from": "2026-09-05", "max_clients": 600, "minutes_per_week": 1200, "reserved_ratio": "1"}
    page = browse("zhao").post(f"/staff/{cast.li.pk}/capacity/", said)
    assert page.status_code == 422
    assert "0 至 0.999 之间" in page.content.decode()


def test_who_may_not_stand_in(cast: Cast) -> None:
    people.grant_leave(cast.wang, LAST, LAST, None, "", by=cast.zhao)
    for substitute in (cast.li, cast.sun, cast.zhou, cast.wang):
        with pytest.raises(people.NoSubstitute):
            people.grant_leave(cast.li, FIRST, LAST, substitute, "", by=cast.zhao)


def test_a_leave_can_be_taken_back(browse: Browse, cast: Cast) -> None:
    leave = people.grant_leave(cast.li, FIRST, LAST, cast.wang, "", by=cast.zhao)
    assert browse("zhao").post(f"/leave/{leave.pk}/cancel/").status_code == 302
    assert not Leave.objects.exists()
    assert AuditEntry.objects.get(action="office.leave_cancelled").before["substitute"] == "王珂"  # type: ignore[index]  # JSON
