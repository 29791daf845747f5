"""Drills: a scene that leads back to nobody, a calendar, a sheet, and who owes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from office.errors import DomainError
from office.models import AuditEntry, Team
from retention.errors import NotAtThisPoint
from retention.models import Drill, RetentionCase
from retention.operations.case_settings import set_retention
from retention.operations.drills import cancel_drill, hold_drill, plan_drill, scene_of
from retention.operations.reminders import tell_owed
from retention.queries.drills import missed, owed_drills, scene_words
from retention.rules.quarters import drill_state, quarter_before, quarter_of
from retention.rules.scene import age_band, leads_back, scene
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.retention.test_reasons import closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]
LIST = "/retention/drills/"
MARKS = {"listen": 4, "no_pressure": 5, "lawful": 5, "clear": 3}
ON = date(2026, 8, 24)


def plan(cast: Cast, *, on: date = ON, team: Team | None = None, **fields: Any) -> Drill:
    fields.setdefault("scene", {"reason": "commission"})
    return plan_drill(
        cast.branch, title=fields.pop("title", "佣金过高"), planned_on=on, team=team,
        participants=fields.pop("participants", [cast.li]), by=cast.chen, today=on, **fields,
    )  # fmt: skip


def held(cast: Cast, on: date, team: Team | None = None) -> Drill:
    made = plan(cast, on=on, team=team)
    hold_drill(made, held_on=on, marks=MARKS, lessons="先听完再说", version=1, by=cast.chen, today=on)
    return made


@given(day=st.dates(date(2004, 1, 1), date(2030, 12, 31)))
def test_a_day_lies_in_its_quarter_and_the_one_before_ends_a_day_earlier(day: date) -> None:
    first, last = quarter_of(day)
    assert first <= day <= last
    assert quarter_of(last + timedelta(days=1))[0] == last + timedelta(days=1)
    assert quarter_before(day)[1] == first - timedelta(days=1)


@pytest.mark.req("RET-05")
@pytest.mark.parametrize(
    ("before", "now", "today", "state"),
    [
        (1, 0, date(2026, 7, 1), ""), (1, 0, date(2026, 9, 10), "due"), (0, 0, date(2026, 7, 1), "overdue"),
        (0, 1, date(2026, 7, 1), ""), (1, 1, date(2026, 9, 30), ""),
    ],
)  # fmt: skip
def test_what_a_team_owes_is_due_at_the_end_of_the_quarter_and_overdue_after(
    before: int, now: int, today: date, state: str
) -> None:
    assert drill_state(before, now, 1, today) == state


@pytest.mark.parametrize(
    ("age", "band"), [(None, ""), (29, "30 岁以下"), (30, "30–39 岁"), (69, "60–69 岁"), (88, "70 岁及以上")]
)
def test_an_age_is_a_band(age: int | None, band: str) -> None:
    assert age_band(age) == band


@given(age=st.integers(18, 99), signs=st.lists(st.text(max_size=8), max_size=9))
def test_a_scene_holds_bands_and_kinds_alone(age: int, signs: list[str]) -> None:
    made = scene(age=age, tier="金卡", reason="commission", trigger="客户申请", signs=signs)
    assert set(made) == {"age_band", "tier", "reason", "trigger", "signs"}
    assert len(made["signs"]) <= 3


@pytest.mark.parametrize(
    ("text", "found"), [("欧阳先生很急", "欧阳"), ("账号 880100000001", "880100000001"), ("5 分钟后挂断", "")]
)
def test_words_that_lead_back_to_a_client_are_found(text: str, found: str) -> None:
    assert leads_back(text, ["欧阳", "WL-8801-2608-0001"]) == found


@pytest.mark.req("RET-05")
def test_a_scene_of_a_past_case_names_nobody(cast: Cast) -> None:
    made = closed(cast, 1, "left")
    told = str(scene_of(made))
    assert made.client.name not in told
    assert made.client.client_no not in told
    assert made.case_no not in told
    RetentionCase.objects.filter(pk=made.pk).update(state="open", outcome="", closed_at=None)
    with pytest.raises(DomainError):
        scene_of(RetentionCase.objects.get(pk=made.pk))


def test_no_drill_is_planned_for_yesterday_for_others_or_about_somebody(cast: Cast) -> None:
    with pytest.raises(DomainError, match="早于今天"):
        plan_drill(
            cast.branch, title="题", planned_on=ON - timedelta(days=1), team=None, participants=[cast.li],
            scene={"reason": "family"}, by=cast.chen, today=ON,
        )  # fmt: skip
    with pytest.raises(DomainError, match="本营业部"):
        plan(cast, participants=[cast.sun])
    with pytest.raises(DomainError, match="原因"):
        plan(cast, scene={})
    with pytest.raises(DomainError, match="认出客户"):
        plan(cast, scene={"reason": "family", "words": "吴越说要走"}, names=["吴越"])


def test_a_drill_is_held_once_with_a_full_sheet_and_lessons(cast: Cast) -> None:
    made = plan(cast)
    for marks in ({**MARKS, "listen": 6}, {"listen": 3}):
        with pytest.raises(DomainError, match="分"):
            hold_drill(made, held_on=ON, marks=marks, lessons="学到", version=1, by=cast.chen, today=ON)
    with pytest.raises(DomainError, match="所学"):
        hold_drill(made, held_on=ON, marks=MARKS, lessons=" ", version=1, by=cast.chen, today=ON)
    hold_drill(made, held_on=ON, marks=MARKS, lessons="先听完再说", version=1, by=cast.chen, today=ON)
    assert (made.state, made.total) == ("held", 17)
    with pytest.raises(NotAtThisPoint):
        hold_drill(made, held_on=ON, marks=MARKS, lessons="再记", version=1, by=cast.chen, today=ON)
    with pytest.raises(NotAtThisPoint):
        cancel_drill(made, reason="改期", version=2, by=cast.chen)


@pytest.mark.req("SKL-01", "SKL-02", "SKL-05")
def test_the_sheet_looks_at_listening_refusing_and_promising_little(cast: Cast, browse: Browse) -> None:
    made = plan(cast, on=timezone.localdate())
    for address in (made.get_absolute_url(), f"{LIST}{made.pk}/hold/"):
        page = browse("chen").get(address).content.decode()
        for words in ("不打断", "复述一遍", "归纳客户的问题和需要", "婉拒", "不轻许做不到的事", "写下期限"):
            assert words in page


@pytest.mark.req("RET-05")
def test_the_page_warns_of_teams_behind_and_drills_that_were_missed(cast: Cast, browse: Browse) -> None:
    other = Team.objects.create(branch=cast.branch, name="二团队")
    held(cast, date(2026, 5, 6), cast.team)
    assert {one.team.name: one.state for one in owed_drills(cast.zhao, ON)} == {"一团队": "", "二团队": "overdue"}
    held(cast, date(2026, 7, 6), other)
    assert {one.state for one in owed_drills(cast.zhao, ON)} == {""}
    late = plan(cast, on=date(2026, 8, 3), title="迁居演练")
    assert missed(cast.zhao, ON) == [late]
    page = browse("chen").get(LIST).content.decode()
    assert "1</span> 次演练过期未办" in page
    assert "过期未演练" in page


@pytest.mark.req("RET-05")
def test_the_page_names_the_teams_that_owe_a_drill(cast: Cast, browse: Browse) -> None:
    held(cast, date(2024, 5, 6), cast.team)
    assert "一团队 欠演练" in browse("chen").get(LIST).content.decode()


@pytest.mark.req("RET-05")
def test_players_are_told_and_those_who_owe_are_reminded(cast: Cast) -> None:
    held(cast, date(2026, 2, 5), cast.team)
    late = plan(cast, on=date(2026, 8, 20))
    assert cast.li.notices.filter(url=late.get_absolute_url()).exists()
    assert tell_owed(cast.branch, ON) == 3  # chen of the drill and the team, zhao of the team
    assert {notice.text for notice in cast.chen.notices.all()} == {
        "演练「佣金过高」过期未办，请记录或取消",
        "一团队上季演练还没有补上",
    }
    assert tell_owed(cast.branch, ON + timedelta(days=1)) == 0
    cancel_drill(late, reason="改期", version=1, by=cast.chen)
    held(cast, ON, cast.team)
    assert tell_owed(cast.branch, ON + timedelta(days=7)) == 0


def test_a_branch_says_how_often_its_teams_drill(cast: Cast) -> None:
    set_retention(cast.branch, talk_minutes=15, drills_per_quarter=2, by=cast.zhao)
    held(cast, date(2026, 5, 6))
    (owed,) = owed_drills(cast.zhao, ON)
    assert (owed.wanted, owed.state) == (2, "overdue")


@pytest.mark.req("RET-05")
def test_a_drill_goes_from_plan_to_lessons_on_its_pages(cast: Cast, browse: Browse) -> None:
    chen, past = browse("chen"), closed(cast, 1, "left")
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    form = {"title": "客户嫌佣金高", "planned_on": day, "case": past.pk, "participants": [cast.li.pk, cast.chen.pk]}
    named = chen.post(f"{LIST}new/", {**form, "words": "欧阳1 很生气"})
    assert named.status_code == 422
    assert "认出客户" in named.content.decode()
    assert chen.post(f"{LIST}new/", {**form, "words": "一开口就说别家便宜"}).status_code == 302
    made = Drill.objects.get()
    assert dict(scene_words(made))["原因"] == "佣金过高"
    page = chen.get(made.get_absolute_url()).content.decode()
    assert "一开口就说别家便宜" in page
    assert past.client.name not in page
    sheet = {name: str(mark) for name, mark in MARKS.items()}
    today = timezone.localdate().isoformat()
    assert chen.post(f"{LIST}{made.pk}/hold/", {"version": 1, "held_on": today, "lessons": "x"}).status_code == 422
    done = {"version": 1, "held_on": today, "lessons": "先问清主要做哪类交易", **sheet}
    assert chen.post(f"{LIST}{made.pk}/hold/", done).status_code == 302
    assert chen.post(f"{LIST}{made.pk}/hold/", done).status_code == 409
    assert "先问清主要做哪类交易" in browse("zhou").get(made.get_absolute_url()).content.decode()
    actions = AuditEntry.objects.filter(action__startswith="retention.drill").values_list("action", flat=True)
    assert set(actions) == {"retention.drill_planned", "retention.drill_held"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("state=held", 1),
        ("state=cancelled", 0),
        ("q=迁居", 1),
        ("since=2026-08-01", 1),
        ("until=2026-01-01", 0),
    ],
)
def test_the_calendar_is_narrowed_by_its_address(cast: Cast, browse: Browse, query: str, found: int) -> None:
    held(cast, date(2026, 5, 6), cast.team)
    plan(cast, on=date(2026, 8, 26), title="迁居演练")
    page = browse("chen").get(f"{LIST}?{query}")
    assert len(page.context["page"]) == found


def test_drills_leave_as_a_workbook_with_a_purpose(cast: Cast, browse: Browse) -> None:
    held(cast, date(2026, 5, 6), cast.team)
    answer = browse("chen").post(f"{LIST}export/", {"reason": "季度检查"})
    sheet = pd.read_excel(BytesIO(answer.content), engine="calamine")
    assert list(sheet["合计"]) == [17]
    assert AuditEntry.objects.get(action="retention.exported").reason == "季度检查"


def test_the_calendar_costs_the_same_for_more(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    for number in range(8):
        held(cast, date(2026, 5, 6) + timedelta(days=number), cast.team)
    chen = browse("chen")
    with query_budget("retention:drill_list"):
        chen.get(LIST)
    made = Drill.objects.latest("pk")
    with query_budget("retention:drill_detail"):
        chen.get(made.get_absolute_url())
