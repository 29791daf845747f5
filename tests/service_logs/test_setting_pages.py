"""The service policy, the catalogue and the statistics as pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import ClientStanding
from office.models import AuditEntry
from service_logs.models import Kind, Rule, RuleSetting, ServicePolicy, Task
from service_logs.queries.load import Group, loads
from service_logs.queries.statistics import span
from service_logs.rules.policy import MESSAGE, TALK, Terms
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import noticed, on, owe, tell, today

Browse = Callable[[str], Browser]
POLICIES, RULES, STATISTICS = "/service/policies/", "/service/rules/", "/service/tasks/statistics/"


def house(grade: str = "active", value_type: str = "") -> ServicePolicy:
    return ServicePolicy.objects.get(branch=None, grade=grade, way="talk", tier="", value_type=value_type)


def typed(policy: ServicePolicy, **fields: Any) -> dict[str, Any]:
    return {
        "channel": policy.channel, "fallback": policy.fallback, "rhythm_days": policy.rhythm_days,
        "minutes": policy.minutes, "core_minutes": policy.core_minutes or "", "content": policy.content,
        "focus": policy.focus, "qualifying": policy.qualifying, "is_active": "on", "version": policy.version, **fields,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.req("SEG-05")
def test_a_policy_is_changed_for_the_branch_and_its_history_is_told(browse: Browse, cast: Cast) -> None:
    policy = house()
    answer = browse("zhao").post(f"{POLICIES}{policy.pk}/edit/", typed(policy, rhythm_days=14))
    assert answer.status_code == 302
    assert ServicePolicy.objects.get(branch=cast.branch).rhythm_days == 14
    page = browse("zhao").get(POLICIES).content.decode()
    assert "每两周" in page
    assert "7 → 14" in page
    assert "7 → 14" not in browse("sun").get(POLICIES).content.decode()


@pytest.mark.django_db
def test_what_would_change_tonight_is_shown_before_saving(browse: Browse, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=cast.wu.pk).update(
        grade="active", value_type="unclassified", last_contact_on=today() - timedelta(days=9)
    )
    policy = house()
    context = browse("zhao").post(f"{POLICIES}{policy.pk}/edit/", typed(policy, rhythm_days=14, look="1")).context
    assert (context["before"].clients, context["before"].due, context["before"].minutes_a_week) == (1, 1, 6.0)
    assert (context["after"].due, context["after"].minutes_a_week) == (0, 3.0)
    assert not ServicePolicy.objects.filter(branch=cast.branch).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rhythm_days": 0}, "rhythm_days"), ({"minutes": 999}, "minutes"), ({"channel": "sms"}, "channel"),
        ({"fallback": "phone"}, "fallback"), ({"qualifying": []}, "qualifying"),
    ],
)  # fmt: skip
def test_a_policy_out_of_bounds_is_refused_at_its_field(
    browse: Browse, cast: Cast, fields: dict[str, Any], field: str
) -> None:
    policy = house()
    answer = browse("zhao").post(f"{POLICIES}{policy.pk}/edit/", typed(policy, **fields))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


@pytest.mark.django_db
def test_two_who_change_a_policy_at_once_are_told(browse: Browse, cast: Cast) -> None:
    policy = house()
    browse("zhao").post(f"{POLICIES}{policy.pk}/edit/", typed(policy, rhythm_days=14))
    again = browse("zhao").post(f"{POLICIES}{policy.pk}/edit/", typed(policy, rhythm_days=21))
    assert again.status_code == 404  # the branch's own row stands in its place
    own = ServicePolicy.objects.get(branch=cast.branch)
    stale = typed(own, rhythm_days=21, version=own.version - 1)
    assert browse("zhao").post(f"{POLICIES}{own.pk}/edit/", stale).status_code == 409


def test_the_narrowest_row_takes_the_clients() -> None:
    wide = Terms("vip", TALK, "phone", 7, 8, "deep", core_minutes=15)
    narrow = Terms("vip", TALK, "phone", 14, 10, "deep", value_type="asset")
    sms = Terms("vip", MESSAGE, "sms", 30, 15, "basic")
    on_day = date(2026, 8, 24)
    groups = [
        Group("vip", "gold", "commission", True, date(2026, 8, 17), 2),
        Group("vip", "gold", "asset", False, date(2026, 8, 11), 3),
        Group("ordinary", "general", "asset", False, None, 9),
    ]
    work = loads([wide, narrow, sms], groups, on_day)
    assert (work[wide.key].clients, work[wide.key].minutes_a_week, work[wide.key].due) == (2, 30.0, 2)
    assert (work[narrow.key].clients, work[narrow.key].minutes_a_week, work[narrow.key].due) == (3, 15.0, 0)
    assert (work[sms.key].clients, work[sms.key].minutes_a_week) == (5, 3.5)


@pytest.mark.django_db
@pytest.mark.req("MOT-01")
def test_the_catalogue_shows_all_types_and_what_the_rest_wait_for(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    noticed(cast.wu, cast.li, "large_outflow", state=Task.State.DONE, done_at=on(0, 9), done_by=cast.li)
    browser = browse("li")
    with query_budget("service_logs:rule_list"):
        response = browser.get(RULES)
    lines = {line.rule.code: line for line in response.context["lines"]}
    counted = lines["large_outflow"]
    assert (len(lines), counted.signals, counted.tasks, counted.done) == (55, 1, 1, 1)
    assert "等待：行情" in response.content.decode()
    waiting = browse("li").get(f"{RULES}?show=waiting").context["lines"]
    assert {line.rule.can_run for line in waiting} == {False}


@pytest.mark.django_db
def test_a_type_is_set_within_its_bounds(browse: Browse, cast: Cast) -> None:
    number = Rule.objects.get(code="large_outflow").number
    fields = {
        "deadline": "2", "cooldown_days": "5", "script_hint": "先倾听", "feedback": "用款、不满", "version": "0",
        "param_min_yuan": "200,000", "param_min_share": "0.3",
    }  # fmt: skip
    url = f"{RULES}{number}/edit/"
    refused = browse("zhao").post(url, {**fields, "param_min_share": "3", "feedback": "一、二、三、四、五"})
    assert (refused.status_code, sorted(refused.context["form"].errors)) == (422, ["feedback", "param_min_share"])
    assert browse("zhao").post(url, {**fields, "param_min_yuan": "很多"}).status_code == 422
    assert browse("zhao").post(url, fields).status_code == 302
    held = RuleSetting.objects.get(branch=cast.branch)
    assert (held.is_active, held.deadline, held.feedback) == (False, 2, ["用款", "不满"])
    assert held.params == {"min_yuan": 200_000, "min_share": 0.3}
    assert AuditEntry.objects.filter(action="service_logs.rule_edited").exists()
    assert browse("zhao").post(url, fields).status_code == 409  # saved since version 0


@pytest.mark.django_db
def test_an_unknown_type_is_unknown(browse: Browse, cast: Cast) -> None:
    assert browse("zhao").get(f"{RULES}99/edit/").status_code == 404


@pytest.mark.django_db
@pytest.mark.req("MOT-02", "MOT-03", "MOT-04")
def test_the_rate_holds_duties_only_aims_and_initiative_stand_apart(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    done: dict[str, Any] = {"state": Task.State.DONE, "done_at": on(0, 9), "done_by": cast.li, "result": "reached"}
    owe(cast.wu, cast.li, "必办", **done)
    owe(cast.wu, cast.li, "未办")
    owe(cast.wu, cast.li, "选办", kind=Kind.OPTIONAL, **done)
    platinum = make_client(cast.branch, "880100000002", manager=cast.li, standing={"tier": "platinum"})
    owe(platinum, cast.li, "力争已办", kind=Kind.OPTIONAL, **done)
    owe(platinum, cast.li, "力争未办", kind=Kind.OPTIONAL)
    tell(cast.wu, cast.li, "我方")
    tell(cast.wu, cast.li, "来电", initiator="client")
    browser = browse("zhao")
    with query_budget("service_logs:statistics"):
        context = browser.get(STATISTICS).context
    whole, (row,) = context["whole"], context["rows"]
    assert (whole.mandatory.owed, whole.mandatory.done_share, whole.optional_done) == (2, 0.5, 2)
    assert (whole.aim.owed, whole.aim_share, context["begun"].staff_share) == (2, 0.5, 0.5)
    assert (row.name, row.duties.done_share, row.optional_done, row.aim_share) == ("李清", 0.5, 2, 0.5)
    assert (row.begun.by_staff, row.begun.by_client) == (1, 1)


@pytest.mark.django_db
def test_everybody_sees_as_many_people_as_he_leads(browse: Browse, cast: Cast) -> None:
    owe(cast.wu, cast.li)
    owe(make_client(cast.branch, "880100000002", manager=cast.wang), cast.wang)
    shown = {who: [row.name for row in browse(who).get(STATISTICS).context["rows"]] for who in ("li", "chen", "zhao")}
    assert browse("zhao").get(STATISTICS).context["total"].owed == 2
    assert shown == {"li": ["李清"], "chen": ["李清"], "zhao": ["李清", "王珂"]}
    assert "这段期间没有到期的任务" in browse("sun").get(STATISTICS).content.decode()


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("week", ("2026-08-24", "2026-08-26")), ("", ("2026-08-24", "2026-08-26")),
        ("month", ("2026-08-01", "2026-08-26")), ("last", ("2026-07-01", "2026-07-31")),
        ("quarter", ("2026-05-28", "2026-08-26")),
    ],
)  # fmt: skip
def test_periods_begin_and_end(period: str, expected: tuple[str, str]) -> None:
    assert tuple(map(str, span(period, date(2026, 8, 26)))) == expected
