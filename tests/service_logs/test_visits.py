"""Return visits are made by independent people, keep what was said, and let follow what must follow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction

from clients.errors import NeedsRecording, NotIndependent
from clients.models import Client, ServiceAssignment
from clients.operations.relations import confirm_relation, deny_relation
from office.dates import TradingCalendar
from office.errors import Conflict
from office.models import AuditEntry, Employee, Leave, Notice, Role
from service_logs.errors import NotIndependentCaller, NotTheCaller, TooLate, Unanswered
from service_logs.models import ReturnVisit, Signal, Task
from service_logs.operations.visit_plans import give_out
from service_logs.operations.visits import Said, add_recording, assign_visit, note_try, record_visit
from service_logs.queries.spot_checks import denied_in_force
from service_logs.queries.visits import eligible_callers, next_call, told_visits
from tests.conftest import TODAY, Cast, make_employee
from tests.service_logs.desk import noticed, on
from tests.service_logs.visiting import hu, owed_visit, said, won_by

SELLING = [
    Role.CLIENT_MANAGER, Role.SECURITIES_AGENT, Role.ADVISER, Role.TEAM_LEADER, Role.MARKET_DIRECTOR,
    Role.DIRECTOR_ASSISTANT, Role.CONSULTANT,
]  # fmt: skip
ELSEWHERE = [Role.COUNTER, Role.OPERATIONS_CLERK, Role.OPERATIONS_DIRECTOR, Role.SYSTEM_ADMIN, Role.RISK_CONTROL,
             Role.TECH_SUPPORT, Role.AUDITOR, Role.CLIENT_ADMINISTRATOR]  # fmt: skip
VISITING = [Role.SERVICE_STAFF, Role.HEAD_OFFICE_SERVICE, Role.COMPLIANCE, Role.BRANCH_MANAGER]


@pytest.fixture
def wu(cast: Cast) -> Client:
    return cast.wu


def refused_everywhere(visit: ReturnVisit, person: Employee) -> None:
    """Say that `person` gets the visit on no path: given, tried, recorded, or as judge of the relation."""
    with pytest.raises(NotIndependentCaller):
        assign_visit(visit, person, version=visit.version, by=person, today=TODAY)
    with pytest.raises(NotIndependentCaller):
        note_try(visit, version=visit.version, by=person, now=on(0, 10))
    with pytest.raises(NotIndependentCaller):
        record_visit(visit, said(), version=visit.version, by=person, today=TODAY)
    with pytest.raises(NotIndependentCaller):
        record_visit(visit, Said(is_refused=True), version=visit.version, by=person, today=TODAY)
    visit.refresh_from_db()
    assert (visit.state, visit.caller_id, visit.tries) == ("open", None, 0)


@pytest.mark.parametrize("role", [*SELLING, *ELSEWHERE])
def test_no_post_that_sells_and_none_that_does_not_visit_gets_a_visit(role: Role, wu: Client, cast: Cast) -> None:
    person = make_employee("1011", "宋池", cast.branch, role)
    visit = owed_visit(wu)
    refused_everywhere(visit, person)
    relation = won_by(wu, cast.wang)
    with pytest.raises(NotIndependent):
        confirm_relation(relation, visit="1", on=TODAY, by=person)
    with pytest.raises(NotIndependent):
        deny_relation(relation, recording_ref="L1", visit="1", on=TODAY, by=person)


@pytest.mark.parametrize("role", SELLING)
def test_a_visiting_post_does_not_help_who_sells_besides(role: Role, wu: Client, cast: Cast) -> None:
    refused_everywhere(owed_visit(wu), make_employee("1011", "宋池", cast.branch, Role.SERVICE_STAFF, role))


@pytest.mark.parametrize("role", VISITING)
def test_each_visiting_post_may_visit(role: Role, wu: Client, cast: Cast) -> None:
    person = make_employee("1011", "宋池", cast.branch, role)
    visit = record_visit(owed_visit(wu), said(), version=1, by=person, today=TODAY)
    assert (visit.state, visit.caller, visit.done_on) == ("done", person, TODAY)


@pytest.mark.parametrize("role", ["main", "interim", "substitute", "adviser"])
def test_who_serves_the_client_in_whatever_role_never_visits_him(role: str, wu: Client, cast: Cast) -> None:
    person = hu(cast)
    if role in ("main", "interim"):
        ServiceAssignment.objects.filter(client=wu).update(ends_on=TODAY)
    ServiceAssignment.objects.create(client=wu, employee=person, role=role, starts_on=date(2026, 8, 1))
    refused_everywhere(owed_visit(wu), person)


def test_who_stands_in_for_the_manager_on_leave_never_visits(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    Leave.objects.create(employee=cast.li, substitute=person, starts_on=date(2020, 1, 1), ends_on=date(2030, 1, 1))
    refused_everywhere(owed_visit(wu), person)


def test_who_won_the_client_or_served_him_when_drawn_never_visits(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    won_by(wu, person)
    refused_everywhere(owed_visit(wu), person)
    other = make_employee("1012", "唐一", cast.branch, Role.SERVICE_STAFF)
    refused_everywhere(owed_visit(wu, kind="key", manager=other), other)


def test_who_works_elsewhere_or_left_never_visits(wu: Client, cast: Cast) -> None:
    elsewhere = make_employee("2010", "白露", cast.other_branch, Role.SERVICE_STAFF)
    gone = make_employee("1013", "严冬", cast.branch, Role.SERVICE_STAFF, left_on=date(2026, 8, 1))
    visit = owed_visit(wu)
    refused_everywhere(visit, elsewhere)
    refused_everywhere(visit, gone)


def test_only_the_one_it_was_given_to_records_it(wu: Client, cast: Cast) -> None:
    visit = owed_visit(wu, hu(cast))
    with pytest.raises(NotTheCaller):
        record_visit(visit, said(), version=1, by=cast.qian, today=TODAY)
    assign_visit(visit, cast.qian, version=1, by=cast.qian, today=TODAY)
    assert record_visit(visit, said(), version=2, by=cast.qian, today=TODAY).caller == cast.qian


def test_all_five_topics_are_asked(wu: Client, cast: Cast) -> None:
    visit = owed_visit(wu)
    with pytest.raises(Unanswered, match="身份"):
        record_visit(visit, Said(answers={"risk": "expected"}), version=1, by=hu(cast), today=TODAY)


@pytest.mark.req("RVS-05")
def test_what_was_said_is_kept_twenty_years_and_never_changed(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    visit = owed_visit(wu)
    record_visit(visit, said(opinion="希望多办讲座"), version=1, by=person, today=TODAY)
    assert (visit.opinion, visit.outcome, visit.kept_until) == ("希望多办讲座", "clean", date(2046, 8, 24))
    assert visit.script is not None
    assert len(visit.questions) == 5
    changes: list[dict[str, Any]] = [{"answers": {}}, {"outcome": "denied"}, {"state": "open"}, {"caller": cast.li}]
    for broken in changes:
        with pytest.raises(InternalError), transaction.atomic():
            ReturnVisit.objects.filter(pk=visit.pk).update(**broken)
    with pytest.raises(InternalError), transaction.atomic():
        visit.delete()
    with pytest.raises(TooLate):
        record_visit(visit, said(), version=2, by=person, today=TODAY)


def test_of_two_who_save_one_is_told(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    visit = owed_visit(wu)
    note_try(visit, version=1, by=person, now=on(0, 10))
    with pytest.raises(Conflict):
        record_visit(visit, said(), version=1, by=person, today=TODAY)


def test_the_third_day_without_an_answer_ends_the_visit(wu: Client, cast: Cast) -> None:
    visit, person = owed_visit(wu), hu(cast)
    for day, hour in ((-2, 10), (-2, 15), (-1, 10), (0, 10)):
        assert visit.state == "open"
        note_try(visit, version=visit.version, by=person, now=on(day, hour))
    assert (visit.tries, visit.outcome, visit.state) == (3, "unreachable", "done")


def test_who_was_not_reached_is_called_again_after_the_others_of_the_day(wu: Client, cast: Cast) -> None:
    person, tried = hu(cast), on(0, 10)
    late, middle, last = (owed_visit(wu, person, occurrence=str(day), due_on=date(2026, 9, day)) for day in (1, 2, 3))
    note_try(late, version=1, by=person, now=tried)
    assert next_call(person, late, tried.date()) == middle
    assert next_call(person, middle, tried.date()) == last
    assert next_call(person, middle, tried.date() + timedelta(days=1)) == late
    ReturnVisit.objects.filter(pk=last.pk).update(caller=None)
    assert next_call(person, middle, tried.date()) == late


@pytest.mark.parametrize("topic", ["identity", "changes", "private_trading", "mandate"])
def test_an_alarm_is_told_to_compliance_and_hidden_from_the_manager(topic: str, wu: Client, cast: Cast) -> None:
    visit, person = owed_visit(wu), hu(cast)
    record_visit(visit, said(contrary=(topic,)), version=1, by=person, today=TODAY)
    assert visit.outcome == "alarming"
    assert set(Notice.objects.values_list("employee", flat=True)) == {cast.qian.pk}
    assert [visit.may_be_read_by(one) for one in (cast.qian, person, cast.zhao)] == [True, True, False]
    assert not ReturnVisit.objects.visible_to(cast.li).exists()


def test_risk_not_explained_is_a_deviation_and_no_alarm(wu: Client, cast: Cast) -> None:
    visit = record_visit(owed_visit(wu), said(contrary=("risk",)), version=1, by=hu(cast), today=TODAY)
    assert (visit.outcome, Notice.objects.count()) == ("deviating", 0)


@pytest.mark.req("RVS-01")
def test_a_relation_stays_pending_until_an_independent_visit_confirms_it(wu: Client, cast: Cast) -> None:
    relation, person = won_by(wu, cast.wang), hu(cast)
    record_visit(owed_visit(wu), said(), version=1, by=person, today=TODAY)
    relation.refresh_from_db()
    assert relation.state == "pending_visit"  # nobody asked about it
    record_visit(owed_visit(wu, kind="relation"), said(recognised="yes"), version=1, by=person, today=TODAY)
    relation.refresh_from_db()
    assert relation.state == "confirmed"


@pytest.mark.req("RVS-03")
def test_a_denied_relation_ends_with_the_reference_of_the_recording_and_not_before(wu: Client, cast: Cast) -> None:
    relation, person = won_by(wu, cast.wang), hu(cast)
    with pytest.raises(NeedsRecording):
        deny_relation(relation, recording_ref=" ", visit="1", on=TODAY, by=person)
    visit = record_visit(owed_visit(wu), said(recognised="no"), version=1, by=person, today=TODAY)
    relation.refresh_from_db()
    assert (visit.outcome, relation.state) == ("denied", "pending_visit")
    assert list(denied_in_force(cast.qian)) == [visit]
    add_recording(visit, "LY-20260824-01", version=2, by=person, today=TODAY)
    relation.refresh_from_db()
    assert relation.state == "denied"
    assert not denied_in_force(cast.qian).exists()
    entry = AuditEntry.objects.get(action="clients.relation_denied")
    assert (entry.after or {})["recording_ref"] == "LY-20260824-01"


def test_a_visit_ends_the_tasks_that_asked_for_it_and_tells_nothing_there(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    won_by(wu, cast.wang)
    welcome, relation, other = (
        noticed(wu, person, code) for code in ("new_account_visit", "relation_pending", "complaint_visit")
    )
    visit = owed_visit(wu, kind="new_account")
    record_visit(visit, said(recognised="yes", contrary=("risk",)), version=1, by=person, today=TODAY)
    done = dict(Task.objects.filter(state="done").values_list("pk", "result"))
    assert done == {welcome.pk: "已回访", relation.pk: "已回访"}
    assert Task.objects.get(pk=other.pk).state == "open"


def test_after_a_complaint_the_visit_ends_the_task_of_that_complaint_alone(wu: Client, cast: Cast) -> None:
    person = hu(cast)
    task = noticed(wu, person, "complaint_visit")
    assert task.signal is not None
    record_visit(owed_visit(wu, kind="complaint", occurrence="TS-1"), said(), version=1, by=person, today=TODAY)
    assert Task.objects.get(pk=task.pk).state == "open"
    visit = owed_visit(wu, kind="complaint", occurrence=task.signal.occurrence)
    record_visit(visit, said(), version=1, by=person, today=TODAY)
    assert Task.objects.get(pk=task.pk).state == "done"


def test_whom_a_complaint_names_neither_makes_nor_reads_the_visit_after_it(wu: Client, cast: Cast) -> None:
    named, other = hu(cast), make_employee("1012", "许棠", cast.branch, Role.SERVICE_STAFF)
    signal = noticed(wu, other, "complaint_visit").signal
    assert signal is not None
    Signal.objects.filter(pk=signal.pk).update(hidden_from=[named.pk])
    plain = owed_visit(wu)
    visit = owed_visit(wu, kind="complaint", occurrence=signal.occurrence)
    refused_everywhere(visit, named)
    assert named not in eligible_callers(visit, TODAY)
    assert set(ReturnVisit.objects.visible_to(named)) == {plain}
    assert set(ReturnVisit.objects.visible_to(other)) == {plain, visit}
    give_out(cast.branch, [visit], TODAY)
    assert visit.caller == other
    record_visit(visit, said(), version=1, by=other, today=TODAY)
    assert [told.by for told in told_visits(other, wu, 5)] == ["许棠"]
    assert told_visits(named, wu, 5) == []


def test_an_overdue_visit_says_so(wu: Client, cast: Cast, calendar: TradingCalendar) -> None:
    visit = owed_visit(wu, due_on=TODAY - timedelta(days=1))
    assert visit.is_overdue(TODAY)
    assert not visit.is_overdue(visit.due_on)
