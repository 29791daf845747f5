"""What complaints tell service and the churn score."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from complaints import operations
from complaints.models import Complaint, Invitation
from complaints.operations.survey_answers import answer_for
from complaints.queries import figures
from complaints.queries.analysis import person_lines
from complaints.queries.events import MotDue, mot_due
from complaints.queries.facts import for_churn, served_badly
from office.models import Role
from service_logs.rules.catalogue import CATALOGUE
from service_logs.rules.wording import worded
from tests.complaints.asking import ANGRY, opened
from tests.complaints.making import MORNING, answered, at, complain, walked
from tests.conftest import TODAY, Cast, make_client, make_employee

pytestmark = pytest.mark.usefixtures("calendar")
SINCE, UNTIL = MORNING, MORNING + timedelta(minutes=1)
RULES = {entry.code: entry for entry in CATALOGUE}


def due(cast: Cast, code: str) -> list[MotDue]:
    return [one for one in mot_due(cast.branch, SINCE, UNTIL) if one.code == code]


def test_every_state_the_client_hears_of_is_an_occasion_of_type_42(cast: Cast) -> None:
    one = walked(cast, "closed")
    told = due(cast, "complaint_steps")
    assert [each.facts["step"] for each in told] == ["受理", "处理", "反馈", "结案"]
    assert {each.owner_id for each in told} == {cast.chen.pk}
    assert RULES["complaint_steps"].number == 42
    assert worded(RULES["complaint_steps"].reason, told[0].facts) == f"投诉 {one.no} 受理"
    assert len({each.occurrence for each in told}) == 4
    assert told == due(cast, "complaint_steps")


def test_the_span_is_half_open(cast: Cast) -> None:
    complain(cast)
    assert not mot_due(cast.branch, MORNING - timedelta(days=1), MORNING)
    assert not mot_due(cast.branch, UNTIL, UNTIL + timedelta(days=1))
    assert not mot_due(cast.other_branch, SINCE, UNTIL)


def test_a_complaint_about_commission_is_one_of_type_41_and_an_unknown_caller_none(cast: Cast) -> None:
    complain(cast, content="佣金比承诺的高，要求调整。")
    complain(cast, content="佣金比承诺的高，要求调整。", client=None)
    assert [(each.client_id, each.owner_id) for each in due(cast, "commission_topic")] == [(cast.wu.pk, None)]
    assert RULES["commission_topic"].number == 41


def test_after_closing_somebody_else_visits(cast: Cast) -> None:
    walked(cast, "closed")
    visit = due(cast, "complaint_visit")[0]
    assert visit.owner_id not in (cast.chen.pk, cast.zhao.pk, None)
    assert RULES["complaint_visit"].number == 43
    assert worded(RULES["complaint_visit"].reason, visit.facts).endswith("于 2026年8月24日 结案")


def test_who_is_named_neither_owns_nor_sees_any_of_it(cast: Cast) -> None:
    make_employee("1010", "何笑", cast.branch, Role.SERVICE_STAFF)
    walked(cast, "closed", complaint=complain(cast, parties=[cast.li], content="佣金比承诺的高，要求调整。"))
    events = mot_due(cast.branch, SINCE, UNTIL)
    assert {each.code for each in events} == {"commission_topic", "complaint_steps", "complaint_visit"}
    assert all(each.avoid == {cast.li.pk} and each.owner_id != cast.li.pk for each in events)


def test_who_is_named_weeks_later_is_kept_from_what_was_told_before(cast: Cast) -> None:
    one = complain(cast)
    later = MORNING + timedelta(days=30)
    assert not mot_due(cast.branch, later, later + timedelta(days=1))
    operations.add_party(one, cast.li, by=cast.chen, now=later)
    again = mot_due(cast.branch, later, later + timedelta(days=1))
    assert [(each.code, each.avoid) for each in again] == [("complaint_steps", frozenset({cast.li.pk}))]
    assert again[0].occurrence == due(cast, "complaint_steps")[0].occurrence


@pytest.mark.parametrize(
    ("feedback", "score"),
    [({"satisfaction": 2}, 2), ({"satisfied": False}, 1), ({"satisfaction": 3}, None), ({}, None)],
)
def test_an_answer_that_does_not_satisfy_is_one_of_type_48(
    cast: Cast, feedback: dict[str, object], score: int | None
) -> None:
    answered(cast, **feedback)
    found = due(cast, "low_satisfaction")
    assert [each.facts["score"] for each in found] == ([score] if score else [])
    assert all(
        worded(RULES["low_satisfaction"].reason, each.facts) == f"「投诉处理反馈」满意度 {score} 分" for each in found
    )


@pytest.mark.req("CMP-14")
def test_the_churn_score_hears_of_open_upheld_and_unsatisfying_complaints(cast: Cast) -> None:
    complain(cast, now=at("2026-03-02T10:00"))
    operations.close(answered(cast, satisfaction=1), by=cast.chen, now=at("2026-08-25T10:00"))
    wu = cast.wu.pk
    old = (wu, "open", date(2026, 3, 2))
    assert for_churn(cast.branch, date(2026, 8, 23)) == [old]
    upheld, low = (wu, "upheld", TODAY), (wu, "low_satisfaction", TODAY)
    assert for_churn(cast.branch, TODAY) == sorted([old, (wu, "open", TODAY), upheld, low])
    assert for_churn(cast.branch, date(2026, 8, 25)) == sorted([old, upheld, low])
    assert for_churn(cast.branch, date(2026, 11, 1)) == [old]


@pytest.mark.req("CMP-14")
def test_the_churn_score_hears_of_low_scores_in_surveys_for_sixty_days(cast: Cast) -> None:
    answered_low = at("2026-08-24T15:00")
    invitation = Invitation.objects.get(run=opened(cast), client=cast.wu)
    answer_for(invitation, ANGRY, by=cast.zhao, now=answered_low)
    assert for_churn(cast.branch, date(2026, 8, 23)) == []
    assert for_churn(cast.branch, TODAY) == [(cast.wu.pk, "low_satisfaction", TODAY)]
    assert for_churn(cast.branch, date(2026, 10, 30)) == []
    assert for_churn(cast.other_branch, TODAY) == []
    assert served_badly([cast.wu.pk], TODAY) == {cast.wu.pk: {cast.li.pk}}
    assert served_badly([cast.wu.pk], date(2026, 8, 25)) == {}


@pytest.mark.req("CMP-08")
def test_every_category_is_counted_even_with_none(cast: Cast) -> None:
    complain(cast)
    complain(cast, category="data_leak")
    counted = figures.by_category(cast.zhao, TODAY, TODAY)
    assert counted == {
        "system_fault": 0, "business_error": 0, "data_leak": 1, "cancel_not_done": 0, "staff_attitude": 1, "other": 0,
    }  # fmt: skip


def test_causes_are_counted_by_category_cause_person_and_month(cast: Cast) -> None:
    walked(cast, "closed", complaint=complain(cast, parties=[cast.li]))
    walked(cast, "handling")
    lines = figures.causes(cast.zhao, TODAY, TODAY)
    assert {(line.month, line.category, line.cause, line.person, line.count) for line in lines} == {
        (date(2026, 8, 1), "staff_attitude", "attitude", "李清", 1),
        (date(2026, 8, 1), "staff_attitude", "attitude", "", 1),
    }


def test_two_people_of_one_name_are_each_counted_by_himself(cast: Cast) -> None:
    other = make_employee("880177", cast.li.name, cast.branch, Role.CLIENT_MANAGER)
    complain(cast, parties=[cast.li])
    complain(cast, parties=[other])
    complain(cast, parties=[cast.wang])
    found = {one.person_id: one for one in person_lines(figures.causes(cast.zhao, TODAY, TODAY))}
    assert {pk: (one.name, one.is_shared, one.count) for pk, one in found.items()} == {
        cast.li.pk: (cast.li.name, True, 1), other.pk: (cast.li.name, True, 1),
        cast.wang.pk: (cast.wang.name, False, 1),
    }  # fmt: skip


@pytest.mark.req("CMP-14")
def test_who_complained_is_compared_with_the_others(cast: Cast) -> None:
    complain(cast)
    make_client(cast.branch, "880100000002", name="郑云", status="closed")
    make_client(cast.branch, "880100000003", name="何山")
    found = figures.leaving(cast.zhao, TODAY, TODAY)
    assert (found.complainants, found.complainants_left, found.others, found.others_left) == (1, 0, 2, 1)
    assert found.shares == (0.0, 0.5)


def test_the_yearly_report_adds_up(cast: Cast) -> None:
    walked(cast, "closed")
    walked(cast, "rejected")
    late = complain(cast, now=at("2026-08-20T10:00"))
    walked(cast, "investigating", complaint=late)
    report = figures.yearly(cast.zhao, 2026)
    assert report["received"] == sum(report["by_state"].values()) == sum(report["by_channel"].values()) == 3
    assert (report["satisfied"], report["unsatisfied"], report["mediated"]) == (1, 0, 0)
    receipt = next(line for line in report["timeliness"] if line.step == "receipt")
    assert (receipt.stopped, receipt.in_time, receipt.share) == (3, 2, 2 / 3)
    assert figures.yearly(cast.zhao, 2025)["received"] == 0


def test_what_runs_on_past_its_hour_stands_beside_what_ended_in_time(cast: Cast) -> None:
    walked(cast, "closed")
    walked(cast, "investigating")
    lines = figures.timeliness(cast.zhao, date(2026, 1, 1), date(2026, 12, 31), now=at("2026-12-31T10:00"))
    decision = next(line for line in lines if line.step == "decision")
    assert (decision.stopped, decision.share, decision.overdue) == (1, 1, 1)


def test_nothing_is_told_of_what_another_branch_was_told(cast: Cast) -> None:
    complain(cast, branch=cast.other_branch, by=cast.sun, client=None)
    assert Counter(one.code for one in mot_due(cast.branch, SINCE, UNTIL)) == Counter()
    assert not for_churn(cast.branch, TODAY)
    assert Complaint.objects.visible_to(cast.sun).count() == 1
