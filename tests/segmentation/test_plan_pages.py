"""The pages of allocation: what they say, what they let one do, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import ClientStanding
from office.errors import DomainError
from office.models import AuditEntry, Employee, EmployeeSkill, JobRun
from segmentation.models import AllocationPlan, ManagerWish, PlanLine
from segmentation.operations.planning import publish_plan
from segmentation.operations.proposing import propose_plan
from segmentation.operations.wishes import ask_for_plan
from segmentation.queries.plans import making
from segmentation.tasks import propose
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.segmentation.plan_branch import AS_OF, clients, manager

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]


def departed(cast: Cast, count: int = 12) -> Employee:
    """Make somebody who left `count` clients behind, the first of them core, and two with room."""
    leaver = manager(cast, "3001")
    manager(cast, "3002", skills={"patience": 4})
    manager(cast, "3003")
    clients(cast, leaver, count, 100)
    ClientStanding.objects.filter(client__client_no="880100000100").update(is_core=True, value=80.0)
    Employee.objects.filter(pk=leaver.pk).update(is_active=False, left_on=date(2026, 8, 20))
    return leaver


@pytest.fixture
def plan(cast: Cast) -> AllocationPlan:
    departed(cast)
    made = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    publish_plan(made, by=cast.zhao)
    return made


@pytest.mark.req("ALC-01")
def test_the_plan_shows_both_figures_the_reason_and_the_runner_up(browse: Browse, plan: AllocationPlan) -> None:
    page = browse("zhao").get(plan.get_absolute_url()).content.decode()
    line = plan.lines.select_related("runner_up").order_by("-needs_named_approval", "-value", "client_id")[0]
    assert "不调整与本方案" in page
    assert "原经理离岗" in page
    assert f"{line.runner_up.name}（" in page if line.runner_up else False
    assert "须点名批准" in page
    assert 'aria-current="step"' in page


@pytest.mark.req("VAL-05")
def test_the_plan_compares_load_with_capacity(browse: Browse, cast: Cast) -> None:
    busy = manager(cast, "3001", minutes=50)
    manager(cast, "3002")
    clients(cast, busy, 60, 100)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.CANDIDATES, by=None)
    page = browse("zhao").get(plan.get_absolute_url()).content.decode()
    assert "120%" in page
    assert '"before": 120' in page


def test_the_spread_of_loads_is_among_those_with_capacity(plan: AllocationPlan) -> None:
    spread = plan.metrics["load_spread"]  # who left holds twelve clients and has no minutes
    assert 0 < spread["before"] < spread["after"] < 1


def test_a_manager_reads_whose_turn_it_is_but_not_the_names_of_others(browse: Browse, plan: AllocationPlan) -> None:
    page = browse("li").get(plan.get_absolute_url()).content.decode()
    assert "客****" in page
    assert "客户100" not in page
    assert "批准所选" not in page


def test_lines_are_filtered_by_the_address(browse: Browse, plan: AllocationPlan) -> None:
    page = browse("zhao").get(plan.get_absolute_url(), {"state": "named"}).content.decode()
    assert "客户100" in page
    assert "客户101" not in page


def test_the_filter_form_narrows_by_manager_and_reason_and_keeps_both(browse: Browse, plan: AllocationPlan) -> None:
    to = plan.lines.order_by("pk")[0].to_manager
    assert to is not None
    wanted = {"manager": str(to.pk), "reason": "departed", "state": "pending"}
    page = browse("zhao").get(plan.get_absolute_url(), wanted)
    content, count = page.content.decode(), plan.lines.filter(to_manager=to).count()
    assert page.context["found"]["all"] == count
    assert f'<b class="ink2 tn">{count}</b> 条' in content
    assert f'<option value="{to.pk}" selected>' in content
    assert f"?reason=departed&amp;manager={to.pk}" in content  # of the tab 全部: it keeps the filter
    assert '<input type="hidden" name="state" value="pending">' in content


def test_the_filtered_lines_are_approved_together_but_for_those_that_need_a_name(
    browse: Browse, plan: AllocationPlan
) -> None:
    url = reverse("segmentation:plan_decide", args=[plan.pk])
    turned_down = plan.lines.filter(needs_named_approval=False).order_by("pk")[0]
    PlanLine.objects.filter(pk=turned_down.pk).update(state="rejected")
    answer = browse("zhao").post(url, {"decision": "approve_filtered", "reason": "departed"})
    assert answer["Location"].endswith("?reason=departed")
    assert plan.lines.filter(state="approved").count() == 10
    assert plan.lines.get(needs_named_approval=True).state == "pending"
    turned_down.refresh_from_db()
    assert turned_down.state == "rejected"


def test_the_filtered_lines_are_rejected_together_with_one_reason(browse: Browse, plan: AllocationPlan) -> None:
    zhao, url = browse("zhao"), reverse("segmentation:plan_decide", args=[plan.pk])
    to = plan.lines.order_by("pk")[0].to_manager_id
    wanted = {"decision": "reject_filtered", "manager": to, "remark": ""}
    asked = zhao.post(url, wanted)
    assert asked.status_code == 422
    assert 'value="reject_filtered"' in asked.content.decode()
    zhao.post(url, {**wanted, "remark": "下月再议"})
    assert set(plan.lines.filter(to_manager=to).values_list("state", "remark")) == {("rejected", "下月再议")}
    assert not plan.lines.exclude(to_manager=to).exclude(state="pending").exists()


def test_chosen_lines_are_rejected_with_a_reason_and_never_without(browse: Browse, plan: AllocationPlan) -> None:
    line = plan.lines.order_by("pk")[0]
    zhao, url = browse("zhao"), reverse("segmentation:plan_decide", args=[plan.pk])
    asked = zhao.post(url, {"ids": [line.pk], "decision": "reject", "remark": ""})
    assert asked.status_code == 422
    assert f'value="{line.pk}"' in asked.content.decode()
    zhao.post(url, {"ids": [line.pk], "decision": "reject", "remark": "客户不同意"})
    line.refresh_from_db()
    assert (line.state, line.remark) == ("rejected", "客户不同意")
    assert zhao.post(url, {"decision": "approve"}).status_code == 422


def test_the_whole_way_by_hand(browse: Browse, plan: AllocationPlan) -> None:
    zhao = browse("zhao")
    ids = list(plan.lines.values_list("pk", flat=True))
    blocked = zhao.post(reverse("segmentation:plan_approve", args=[plan.pk]))
    assert blocked.status_code == 409
    zhao.post(reverse("segmentation:plan_decide", args=[plan.pk]), {"ids": ids, "decision": "approve"})
    zhao.post(reverse("segmentation:plan_approve", args=[plan.pk]))
    assert "应用方案" in zhao.get(plan.get_absolute_url()).content.decode()
    zhao.post(reverse("segmentation:plan_apply", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.state == "applied"
    assert "前可撤销" in zhao.get(plan.get_absolute_url()).content.decode()


def test_lines_are_ticked_only_where_something_can_be_done_with_them(browse: Browse, plan: AllocationPlan) -> None:
    def ticked(name: str) -> bool:
        return "data-bulk-row" in browse(name).get(plan.get_absolute_url()).content.decode()

    assert [ticked(name) for name in ("zhao", "qian")] == [True, False]
    for state, expected in [("draft", False), ("approved", False), ("rejected", False), ("published", True)]:
        AllocationPlan.objects.filter(pk=plan.pk).update(state=state)
        assert (state, ticked("zhao")) == (state, expected)


def test_printing_and_exporting_stand_in_the_audit_book(browse: Browse, plan: AllocationPlan) -> None:
    zhao = browse("zhao")
    printed = zhao.get(reverse("segmentation:plan_print", args=[plan.pk])).content.decode()
    assert "营业部负责人（签字）" in printed
    sheet = zhao.post(reverse("segmentation:plan_export", args=[plan.pk]), {"reason": "9月经理会"})
    frame = pd.read_excel(BytesIO(sheet.content), engine="calamine")
    assert len(frame) == 12
    assert set(frame["理由"]) == {"原经理离岗"}
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"segmentation.plan_printed", "segmentation.exported"} <= actions


def test_who_left_is_named_and_his_plan_is_one_press_away(browse: Browse, cast: Cast) -> None:
    leaver = departed(cast)
    zhao = browse("zhao")
    assert f"{leaver.name} 已离岗，名下还有 12 位客户" in zhao.get(reverse("segmentation:plan_list")).content.decode()
    made = zhao.post(reverse("segmentation:plan_departure", args=[leaver.pk]), follow=True).content.decode()
    assert "离岗交接方案" in made
    assert AllocationPlan.objects.get().lines.count() == 12


def test_an_empty_list_says_what_a_plan_is_for(browse: Browse) -> None:
    assert "还没有分配方案" in browse("zhao").get(reverse("segmentation:plan_list")).content.decode()


def test_a_plan_asked_for_is_shown_while_it_is_made_and_made_once(browse: Browse, cast: Cast) -> None:
    run = ask_for_plan(cast.branch, AS_OF, by=cast.zhao)
    with pytest.raises(DomainError, match="正在生成"):
        ask_for_plan(cast.branch, AS_OF, by=cast.zhao)
    assert "正在生成全面方案" in browse("zhao").get(reverse("segmentation:plan_list")).content.decode()
    for _ in range(2):
        propose(cast.branch.pk, AS_OF.isoformat(), run.edition, cast.zhao.pk)
    assert AllocationPlan.objects.get().kind == "full"
    assert making(cast.branch) is None
    assert JobRun.objects.get().detail == {"plan": AllocationPlan.objects.get().plan_no}


@pytest.mark.req("MGR-01", "MGR-04")
def test_the_matrix_shows_everybody_side_by_side(browse: Browse, cast: Cast) -> None:
    manager(cast, "3001", minutes=4, skills={"margin": 5, "bonds": 1})
    EmployeeSkill.objects.filter(skill="margin").update(evidence="模拟赛一等奖")
    clients(cast, Employee.objects.get(staff_no="3001"), 6, 100)
    page = browse("zhao").get(reverse("segmentation:matrix")).content.decode()
    for name in ("李清", "王珂", "陈立", "经理3001"):
        assert name in page
    assert "模拟赛一等奖" in page
    assert "150%" in page


def test_the_matrix_sorts_by_a_skill_and_keeps_to_a_team(browse: Browse, cast: Cast) -> None:
    manager(cast, "3001", skills={"margin": 5})
    manager(cast, "3002", skills={"margin": 2})
    page = browse("zhao").get(reverse("segmentation:matrix"), {"sort": "-margin"}).content.decode()
    assert page.index("经理3001") < page.index("经理3002")
    team = browse("zhao").get(reverse("segmentation:matrix"), {"team": cast.team.pk}).content.decode()
    assert "陈立" in team
    assert "经理3001" not in team


def test_what_the_client_said_is_kept_once_per_person(browse: Browse, cast: Cast) -> None:
    li, url = browse("li"), reverse("segmentation:wish", args=[cast.wu.pk])
    for kind in ("refuse", "stay"):
        li.post(url, {"employee": cast.li.pk, "kind": kind, "said_on": "2026-08-24", "note": "电话中说"})
    assert ManagerWish.objects.get().kind == "stay"
    assert "希望不变" in li.get(url).content.decode()


def test_the_pages_cost_the_same_for_few_and_for_many(browse: Browse, cast: Cast, query_budget: QueryBudget) -> None:
    departed(cast, 60)
    plan = propose_plan(cast.branch, AS_OF, AllocationPlan.Kind.DEPARTURE, by=cast.zhao)
    zhao = browse("zhao")
    for name, url in (
        ("segmentation:plan_list", reverse("segmentation:plan_list")),
        ("segmentation:plan_detail", plan.get_absolute_url()),
        ("segmentation:matrix", reverse("segmentation:matrix")),
    ):
        with query_budget(name):
            zhao.get(url)


@pytest.mark.parametrize("word", ["²", "٣", "9" * 30, "-1", "\x00", "nonsense"])
@pytest.mark.parametrize("name", ["manager", "reason", "state"])
def test_a_condition_nobody_knows_shows_and_decides_no_line(
    browse: Browse, plan: AllocationPlan, name: str, word: str
) -> None:
    browser, url = browse("zhao"), plan.get_absolute_url()
    shown = browser.get(url, {name: word})
    assert (shown.status_code, len(list(shown.context["page"]))) == (200, 0)
    assert browser.post(f"{url}lines/", {"decision": "approve_filtered", name: word}).status_code == 302
    assert set(plan.lines.values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize("word", ["²", "٣", "9" * 30])
def test_the_matrix_of_a_team_nobody_knows_is_no_error(browse: Browse, plan: AllocationPlan, word: str) -> None:
    assert browse("zhao").get("/value/matrix/", {"team": word}).status_code == 200
