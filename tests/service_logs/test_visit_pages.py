"""The pages of return visits: planned before it is made, called by the script, hidden from whom it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from django.test import Client as Browser

from clients.models import Client, SearchToken
from office.dates import TradingCalendar
from office.models import AuditEntry, Employee, Role
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.rules.visits import EXPECTED, TOPICS
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import today
from tests.service_logs.visiting import hu, owed_visit, won_by

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
PLAN, LIST, CALLS, CHECKS = (
    "/service/visits/",
    "/service/visits/list/",
    "/service/visits/calls/",
    "/service/visits/checks/",
)


@pytest.fixture
def visitor(cast: Cast) -> Employee:
    """hu, service staff, whom `browse` knows as "hu"."""
    made = cast.people["hu"] = hu(cast)
    return made


def client(cast: Cast, number: int, name: str = "乙", **fields: Any) -> Client:
    return make_client(cast.branch, f"88010000{number:04d}", name=name, manager=cast.wang, **fields)


def soon(days: int = 20) -> date:
    return today() + timedelta(days=days)


def page(visit: ReturnVisit, act: str = "") -> str:
    return f"{PLAN}{visit.pk}/{act}"


def answers(visit: ReturnVisit, *, contrary: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """What the form of a call sends: all as it should be, but for the topics of `contrary`."""
    said = {f"said_{topic.key}": "contrary" if topic.key in contrary else EXPECTED for topic in TOPICS}
    return {"version": visit.version, **said, **fields}


def made(client: Client, caller: Employee, **fields: Any) -> ReturnVisit:
    """A visit that was made today."""
    said = {topic.key: {"said": EXPECTED, "note": ""} for topic in TOPICS}
    values: dict[str, Any] = {
        "state": "done", "done_on": today(), "kept_until": soon(7_300), "outcome": "clean", "answers": said,
        "questions": [[topic.key, topic.question] for topic in TOPICS], "recording_ref": "REC-1",
    }  # fmt: skip
    return owed_visit(client, caller, **{**values, **fields})


def alarm(client: Client, caller: Employee, **fields: Any) -> ReturnVisit:
    """A visit in which the client told of private trading."""
    said = {topic.key: {"said": EXPECTED, "note": ""} for topic in TOPICS}
    said["private_trading"] = {"said": "contrary", "note": "他替我买过"}
    return made(client, caller, answers=said, outcome="alarming", is_alarming=True, opinion="请查一查", **fields)


def ids(response: Any) -> list[int]:
    return [visit.pk for visit in response.context["page"]]


def test_before_there_is_a_plan_the_page_leads_to_making_one(browse: Browse, cast: Cast) -> None:
    assert "visits/plan/new/" in browse("qian").get(PLAN).content.decode()
    seen = browse("zhao").get(PLAN).content.decode()
    assert "由客服、合规或营业部负责人编制" in seen
    assert "visits/plan/new/" not in seen


def test_the_figures_of_a_plan_are_seen_before_anything_is_written(
    browse: Browse, cast: Cast, visitor: Employee, calendar: TradingCalendar
) -> None:
    for number in range(40, 60):
        client(cast, number)
    rich = client(cast, 60, standing={"assets_fen": 10_000_001 * 100})
    response = browse("hu").get(f"{PLAN}plan/new/?ratio=20&seed=3")
    shown = response.context["preview"]
    assert (shown.base, shown.target, shown.must) == (22, 5, [("大额客户", 1)])
    assert "预览" in response.content.decode()
    preview = browse("hu").post(f"{PLAN}plan/new/", {"ratio": "50", "seed": "3", "preview": "1"})
    assert preview.context["preview"].target == 11
    assert not VisitPlan.objects.exists()
    assert browse("hu").post(f"{PLAN}plan/new/", {"ratio": "20", "seed": "3"})["Location"] == PLAN
    plan = VisitPlan.objects.get()
    assert (plan.base_count, plan.target, plan.seed) == (22, 5, 3)
    assert plan.visits.filter(is_sample=True).count() == 5
    assert plan.visits.get(client=rich).kind == "key"
    assert {visit.caller for visit in plan.visits.all()} == {visitor}


def test_less_than_the_rule_asks_for_is_told_at_the_field(browse: Browse, cast: Cast) -> None:
    response = browse("qian").post(f"{PLAN}plan/new/", {"ratio": "5", "seed": "3"})
    assert response.status_code == 422
    assert response.context["form"].errors["ratio"]
    assert not VisitPlan.objects.exists()


def test_the_plan_tells_how_far_it_has_come_and_what_is_late(
    browse: Browse, cast: Cast, visitor: Employee, calendar: TradingCalendar
) -> None:
    for number in range(40, 60):
        client(cast, number)
    browse("hu").post(f"{PLAN}plan/new/", {"ratio": "20", "seed": "3"})
    first, second, *_ = VisitPlan.objects.get().visits.order_by("pk")
    browse("hu").post(page(first, "record/"), answers(first))
    ReturnVisit.objects.filter(pk=second.pk).update(due_on=soon(-1), caller=None)
    response = browse("zhao").get(PLAN)
    shown = response.context["progress"]
    assert (shown.sample.done, shown.sample.owed, shown.whole.late, shown.unowned) == (1, 5, 1, 1)
    assert [line.label for line in shown.groups["等级"]] == ["普通"]
    assert "1 件回访已逾期" in response.content.decode()
    late = browse("zhao").get(f"{LIST}?state=late")
    assert ids(late) == ids(browse("zhao").get(f"{LIST}?state=unowned")) == [second.pk]


def test_what_nobody_has_and_what_somebody_may_not_make_any_more_is_given_out_again(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    nobodys, held = owed_visit(cast.wu, due_on=soon()), owed_visit(client(cast, 2), cast.qian, due_on=soon())
    left = owed_visit(client(cast, 3), visitor, due_on=soon())
    Employee.objects.filter(pk=cast.qian.pk).update(roles=[Role.COMPLIANCE, Role.ADVISER])
    cast.people["yang"] = Employee.objects.create_user(
        "1011", "x", name="杨帆", branch=cast.branch, roles=[Role.BRANCH_MANAGER], hired_on=date(2020, 1, 2)
    )
    response = browse("yang").post(f"{PLAN}give/", follow=True)
    assert "已分派 2 件" in response.content.decode()
    for visit, version in ((nobodys, 2), (held, 2), (left, 1)):
        visit.refresh_from_db()
        assert (visit.caller, visit.version) == (visitor, version)
    assert "没有可分派的回访" in browse("yang").post(f"{PLAN}give/", follow=True).content.decode()


def test_a_filtered_list_is_the_same_when_its_address_is_opened_again(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    late = owed_visit(cast.wu, visitor, due_on=soon(-3), tier="gold")
    owed_visit(client(cast, 2), visitor, due_on=soon(-2), kind="key")
    made(client(cast, 3), visitor, due_on=soon(-5), tier="gold")
    address = f"{LIST}?state=late&kind=existing&tier=gold&caller={visitor.pk}"
    response = browse("qian").get(address)
    assert ids(response) == [late.pk]
    assert [chip["value"] for chip in response.context["chips"]] == ["已逾期", "存量抽样", "金卡", "胡安"]
    assert ids(browse("qian").get(response.context["chips"][0]["href"].replace("?", f"{LIST}?"))) != [late.pk]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", ["late", "soon"]),
        ("state=soon", ["soon"]),
        ("state=late", ["late"]),
        ("state=unowned", ["soon"]),
        ("state=done", ["done", "denied"]),
        ("state=no_recording", ["denied"]),
        ("outcome=denied", ["denied"]),
        ("kind=relation", ["denied"]),
        ("opinion=on", ["done"]),
        ("q=wuyue", ["late"]),
        ("state=nonsense&kind=existing", ["soon", "late", "done"]),
    ],
)
def test_the_list_is_narrowed_by(browse: Browse, cast: Cast, visitor: Employee, query: str, found: list[str]) -> None:
    SearchToken.objects.create(branch=cast.branch, client=cast.wu, token="wuyue")
    rows = {
        "late": owed_visit(cast.wu, visitor, due_on=soon(-3)),
        "soon": owed_visit(client(cast, 2), due_on=soon(3)),
        "done": made(client(cast, 3), visitor, due_on=soon(-5), opinion="讲座放在周末"),
        "denied": made(
            client(cast, 4),
            visitor,
            due_on=soon(-9),
            kind="relation",
            outcome="denied",
            recognised="no",
            recording_ref="",
        ),
    }
    assert ids(browse("qian").get(f"{LIST}?{query}")) == [rows[name].pk for name in found]


@pytest.mark.parametrize("sort", ["", "due", "-due", "client", "-tier", "nonsense"])
def test_pages_hold_every_visit_once_and_lead_back(browse: Browse, cast: Cast, visitor: Employee, sort: str) -> None:
    ReturnVisit.objects.bulk_create(
        ReturnVisit(
            branch=cast.branch, client=cast.wu, kind="existing", occurrence=str(number), due_on=soon(number % 7)
        )
        for number in range(119)
    )
    browser, seen, pages, url = browse("qian"), [], [], f"?kind=existing&sort={sort}"
    while url:
        response = browser.get(f"{LIST}{url}")
        pages.append(ids(response))
        seen += pages[-1]
        url = response.context["next_url"]
        assert "kind=existing" in url or not url
    assert len(seen) == len(set(seen)) == 119
    assert ids(browser.get(f"{LIST}{response.context['previous_url']}")) == pages[-2]


def test_an_empty_list_names_the_way_on(browse: Browse, cast: Cast) -> None:
    assert "还没有回访" in browse("qian").get(LIST).content.decode()
    assert "没有符合全部条件的回访" in browse("qian").get(f"{LIST}?state=late").content.decode()
    assert "没有待您回访的客户" in browse("qian").get(CALLS).content.decode()
    assert "还没有抽查" in browse("qian").get(CHECKS).content.decode()


def test_whom_a_visit_is_about_finds_it_nowhere(browse: Browse, cast: Cast, visitor: Employee) -> None:
    theirs = make_client(cast.branch, "880100000077", manager=cast.zhao)
    about, won = made(theirs, visitor), owed_visit(client(cast, 2), visitor, relation=won_by(cast.wu, cast.zhao))
    other = owed_visit(client(cast, 3), visitor, due_on=soon(), occurrence="2027")
    assert ids(browse("zhao").get(LIST)) == [other.pk]
    for visit in (about, won):
        assert browse("zhao").get(page(visit)).status_code == 404
    assert "独立回访" not in browse("li").get(LIST).content.decode()


def test_one_calls_the_own_ones_the_nearest_deadline_first_and_one_after_the_other(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    later, first = owed_visit(cast.wu, visitor, due_on=soon(9)), owed_visit(client(cast, 2), visitor, due_on=soon(-1))
    owed_visit(client(cast, 3), cast.qian, due_on=soon())
    response = browse("hu").get(CALLS)
    assert [visit.pk for visit in response.context["rows"]] == [first.pk, later.pk]
    assert (response.context["late"], response.context["count"]) == (1, 2)
    onwards = browse("hu").post(page(first, "record/"), answers(first))
    assert onwards["Location"] == page(later, "record/")
    assert browse("hu").post(page(later, "tried/"), {"version": 1})["Location"] == CALLS


def test_the_five_topics_are_asked_and_none_is_passed_over(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    asked = browse("hu").get(page(visit, "record/")).content.decode()
    for topic in TOPICS:
        assert topic.expected in asked
    sent = answers(visit, opinion="佣金说明写清楚些")
    del sent["said_mandate"]
    response = browse("hu").post(page(visit, "record/"), sent)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["said_mandate"]
    assert "佣金说明写清楚些" in response.content.decode()
    visit.refresh_from_db()
    assert visit.state == "open"


def test_who_refuses_to_be_asked_is_asked_nothing(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    browse("hu").post(page(visit, "record/"), {"version": 1, "refused": "1"})
    visit.refresh_from_db()
    assert (visit.outcome, visit.answers) == ("refused", {})


def test_what_was_saved_meanwhile_is_not_overwritten(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    browse("hu").post(page(visit, "tried/"), {"version": 1})
    stale = browse("hu").post(page(visit, "record/"), answers(visit, opinion="佣金说明写清楚些"))
    assert stale.status_code == 409
    assert "此次回访刚被他人修改" in stale.content.decode()
    assert "佣金说明写清楚些" in stale.content.decode()
    assert stale.context["form"]["version"].value() == "2"
    for act, data in (("tried/", {"version": 1}), ("assign/", {"version": 1, "caller": cast.qian.pk})):
        assert browse("qian" if act == "assign/" else "hu").post(page(visit, act), data).status_code == 409
    visit.refresh_from_db()
    assert (visit.state, visit.tries) == ("open", 1)


def test_somebody_elses_call_is_neither_opened_nor_recorded(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    assert browse("qian").get(page(visit, "record/")).status_code == 409
    assert browse("qian").post(page(visit, "record/"), answers(visit)).status_code == 409
    visit.refresh_from_db()
    assert visit.state == "open"


def test_only_who_is_independent_of_the_client_is_offered_as_caller(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    visit = owed_visit(client(cast, 2), relation=won_by(cast.wu, visitor), due_on=soon())
    ReturnVisit.objects.filter(pk=visit.pk).update(client=cast.wu)
    response = browse("qian").get(page(visit, "assign/"))
    assert [row.name for row in response.context["form"].fields["caller"].queryset] == ["钱书"]
    forced = browse("qian").post(page(visit, "assign/"), {"version": 1, "caller": visitor.pk})
    assert forced.status_code == 422


@pytest.mark.req("RVS-03")
def test_a_denied_relation_ends_on_the_page_with_its_recording(browse: Browse, cast: Cast, visitor: Employee) -> None:
    relation = won_by(cast.wu, cast.li)
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    assert "李清" in browse("hu").get(page(visit, "record/")).content.decode()
    sent = answers(visit, recognised="no", recording_ref="REC-20260824-9")
    browse("hu").post(page(visit, "record/"), sent)
    relation.refresh_from_db()
    assert relation.state == "denied"
    assert "REC-20260824-9" in browse("hu").get(page(visit)).content.decode()


@pytest.mark.req("RVS-03")
def test_a_denied_relation_without_recording_stands_on_the_list_until_it_is_named(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    relation = won_by(cast.wu, cast.li)
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    browse("hu").post(page(visit, "record/"), answers(visit, recognised="no"))
    visit.refresh_from_db()
    assert [row.pk for row in browse("qian").get(CHECKS).context["denied"]] == [visit.pk]
    assert "补录后关系即删除" in browse("hu").get(page(visit, "recording/")).content.decode()
    named = {"version": visit.version, "recording_ref": "REC-20260824-9"}
    assert browse("hu").post(page(visit, "recording/"), named).status_code == 302
    assert browse("hu").post(page(visit, "recording/"), named).status_code == 409
    relation.refresh_from_db()
    assert relation.state == "denied"
    assert list(browse("qian").get(CHECKS).context["denied"]) == []


@pytest.mark.req("RVS-05")
def test_an_opinion_told_on_the_phone_is_found_in_the_list(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    made(client(cast, 2), visitor)
    browse("hu").post(page(visit, "record/"), answers(visit, opinion="希望讲座放在周末"))
    response = browse("zhao").get(f"{LIST}?opinion=on")
    assert ids(response) == [visit.pk]
    assert "希望讲座放在周末" in response.content.decode()


def test_an_alarm_is_read_by_compliance_and_the_caller_alone(browse: Browse, cast: Cast, visitor: Employee) -> None:
    visit = alarm(cast.wu, visitor)
    for name in ("qian", "hu"):
        assert "他替我买过" in browse(name).get(page(visit)).content.decode()
    told = browse("zhao").get(page(visit)).content.decode()
    for word in ("他替我买过", "请查一查", "涉嫌违规", "REC-1"):
        assert word not in told
    assert ids(browse("zhao").get(LIST)) == [visit.pk]
    assert "涉嫌违规" not in browse("zhao").get(LIST).content.decode().split('id="list"')[1]
    for query in ("outcome=alarming", "opinion=on"):
        assert ids(browse("zhao").get(f"{LIST}?{query}")) == []
        assert ids(browse("qian").get(f"{LIST}?{query}")) == [visit.pk]


def test_an_export_names_its_purpose_keeps_the_filters_and_holds_no_alarm_for_others(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    alarm(cast.wu, cast.qian)
    made(client(cast, 2), visitor, opinion="讲座放在周末")
    owed_visit(client(cast, 3), visitor, due_on=soon())
    cast.people["yang"] = Employee.objects.create_user(
        "1011", "x", name="杨帆", branch=cast.branch, roles=[Role.BRANCH_MANAGER], hired_on=date(2020, 1, 2)
    )
    assert browse("yang").post("/service/visits/export/?state=done", {"reason": ""}).status_code == 422
    answer = browse("yang").post("/service/visits/export/?state=done", {"reason": "季度报送"})
    sheet = pd.read_excel(BytesIO(answer.content), dtype=str, engine="calamine").fillna("")
    assert sorted(sheet["意见与建议"]) == ["", "讲座放在周末"]
    assert sorted(sheet["结论"]) == ["", "信息属实"]
    entry = AuditEntry.objects.get(action="service_logs.visits_exported")
    assert (entry.reason, entry.after) == ("季度报送", {"rows": 2, "query": "state=done"})


def test_the_client_page_tells_that_he_was_visited_and_nothing_he_said(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    visit = made(cast.wu, visitor, outcome="deviating", opinion="讲座放在周末")
    panel = f"/service/clients/{cast.wu.pk}/"
    told = browse("li").get(panel).content.decode()
    assert "独立回访" in told
    for word in ("讲座放在周末", "部分不符", page(visit)):
        assert word not in told
    assert page(visit) in browse("zhao").get(panel).content.decode()


def test_the_client_page_leads_who_visits_to_the_visit_that_is_owed(
    browse: Browse, cast: Cast, visitor: Employee
) -> None:
    visit = owed_visit(cast.wu, visitor, due_on=soon())
    panel = f"/service/clients/{cast.wu.pk}/"
    assert page(visit) in browse("hu").get(panel).content.decode()
    assert page(visit) not in browse("li").get(panel).content.decode()


@pytest.mark.req("RVS-04")
def test_head_office_draws_relations_on_the_page_and_names_who_answers(
    browse: Browse, cast: Cast, visitor: Employee, calendar: TradingCalendar
) -> None:
    relation = won_by(cast.wu, cast.li, "confirmed")
    made(cast.wu, visitor, kind="relation", recognised="yes", recording_ref="")
    drawn = browse("qian").post(f"{CHECKS}new/", {"size": "5", "seed": "3"})
    visit = ReturnVisit.objects.get(check_of__isnull=False)
    assert (visit.relation, visit.caller) == (relation, visitor)
    finding = page(visit, "finding/")
    wrong = {"version": 1, "finding": "no_recording", "note": "未归档"}
    assert browse("qian").post(finding, wrong).status_code == 422
    assert browse("hu").get(finding).status_code == 403
    assert browse("qian").post(finding, {**wrong, "responsible": visitor.pk})["Location"] == drawn["Location"]
    assert browse("qian").post(finding, {**wrong, "responsible": visitor.pk}).status_code == 409
    shown = browse("qian").get(drawn["Location"]).content.decode()
    assert "无录音" in shown
    assert browse("qian").get(CHECKS).context["checks"][0].wrong == 1


def test_a_page_costs_the_same_for_few_and_for_many(
    browse: Browse, cast: Cast, visitor: Employee, query_budget: QueryBudget, calendar: TradingCalendar
) -> None:
    for number in range(40, 75):
        client(cast, number)
        won_by(Client.objects.get(client_no=f"88010000{number:04d}"), cast.wang, "confirmed")
    browser = browse("hu")
    browser.post(f"{PLAN}plan/new/", {"ratio": "100", "seed": "3"})
    browse("qian").post(f"{CHECKS}new/", {"size": "20", "seed": "3"})
    for visit in ReturnVisit.objects.filter(plan__isnull=False)[:20]:
        browser.post(page(visit, "record/"), answers(visit, recognised="no"))
    one = ReturnVisit.objects.filter(plan__isnull=False).open()[0]
    check = ReturnVisit.objects.filter(check_of__isnull=False)[0].check_of_id
    for name, address in {
        "visit_plan": PLAN, "visit_plan_make": f"{PLAN}plan/new/", "visit_list": LIST, "visit_calls": CALLS,
        "visit_checks": CHECKS, "visit_check_detail": f"{CHECKS}{check}/", "visit_detail": page(one),
        "visit_record": page(one, "record/"),
    }.items():  # fmt: skip
        with query_budget(f"service_logs:{name}"):
            assert browser.get(address).status_code == 200
