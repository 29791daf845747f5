"""What complaints ask for reaches whoever must act, and never whoever they name."""

from __future__ import annotations

import pytest

from branchcrm.bridge import raise_pending, raise_same_day
from complaints import operations
from complaints.models import Complaint
from complaints.operations.parties import add_party
from office.models import AuditEntry, Notice, Role
from office.queries.audit import audit_list
from retention.models import RetentionCase
from retention.operations.opening import open_by_hand
from service_logs.models import ReturnVisit, Signal, Task
from tests.complaints.making import MORNING, complain, walked
from tests.conftest import Cast, make_employee
from tests.retention.making import CONCERN
from tests.service_logs.visiting import hu, owed_visit


@pytest.mark.req("CMP-10")
def test_a_complaint_is_a_task_of_its_handler_at_once(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_same_day(cast.branch, MORNING)
    task = Task.objects.get(rule__code="complaint_steps")
    assert task.owner_id == complaint.handler_id
    assert complaint.no in task.why


def test_looked_at_every_minute_it_stays_one_task(cast: Cast) -> None:
    complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    assert raise_pending(cast.branch, MORNING).changed == 0
    assert Task.objects.filter(rule__code="complaint_steps").count() == 1


def test_whom_it_names_sees_neither_task_nor_signal_even_when_named_later(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    add_party(complaint, cast.li, by=cast.qian, now=MORNING)
    raise_pending(cast.branch, MORNING)
    assert not Task.objects.visible_to(cast.li).exists()
    assert not Signal.objects.visible_to(cast.li).exists()
    assert Task.objects.visible_to(cast.chen).exists()


def test_who_is_named_loses_the_tasks_of_the_complaint_in_that_moment(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    Task.objects.update(owner=cast.li)
    add_party(complaint, cast.li, by=cast.qian, now=MORNING)
    assert not Task.objects.visible_to(cast.li).exists()
    assert not Signal.objects.visible_to(cast.li).exists()
    assert Task.objects.get(rule__code="complaint_steps").owner_id == cast.chen.pk
    assert "收回任务 1 项" in complaint.steps.get(act="name").note


def test_a_task_whose_type_was_switched_off_since_is_taken_all_the_same(cast: Cast) -> None:
    complaint = complain(cast, client=cast.wu)
    raise_pending(cast.branch, MORNING)
    Task.objects.update(owner=cast.li)
    type(cast.wu).objects.filter(pk=cast.wu.pk).update(is_deceased=True)
    add_party(complaint, cast.li, by=cast.qian, now=MORNING)
    assert not Task.objects.visible_to(cast.li).exists()
    assert Task.objects.get(rule__code="complaint_steps").owner is None


def test_who_is_named_loses_the_visit_after_the_complaint_in_that_moment(cast: Cast) -> None:
    named, other = hu(cast), make_employee("1012", "许棠", cast.branch, Role.SERVICE_STAFF)
    complaint = walked(cast, "closed", complaint=complain(cast, client=cast.wu))
    raise_pending(cast.branch, MORNING)
    told = Signal.objects.get(rule__code="complaint_visit").occurrence
    visit = owed_visit(cast.wu, named, kind=ReturnVisit.Kind.COMPLAINT, occurrence=told)
    plain = owed_visit(cast.wu, named)
    add_party(complaint, named, by=cast.qian, now=MORNING)
    visit.refresh_from_db()
    assert (visit.caller, visit.version) == (other, 2)
    assert set(ReturnVisit.objects.visible_to(named)) == {plain}


@pytest.mark.parametrize("way", ["named", "taken_in", "identified"])
def test_the_case_of_a_client_leaves_the_hands_of_whom_he_complains_about(cast: Cast, way: str) -> None:
    case = open_by_hand(cast.wu, CONCERN, by=cast.zhao)
    assert case.owner == cast.li
    if way == "named":
        complaint = add_party(complain(cast, client=cast.wu), cast.li, by=cast.qian, now=MORNING)
    else:
        client = cast.wu if way == "taken_in" else None
        complaint = complain(cast, client=client, parties=[cast.li])
    if way == "identified":
        complaint = operations.identify(complaint, cast.wu, by=cast.chen, now=MORNING)
    case.refresh_from_db()
    assert case.owner == cast.chen  # who leads his team
    assert Notice.objects.filter(employee=cast.chen, key__startswith=f"case-avoided:{case.pk}").exists()
    assert f"{case.case_no} 转由 {cast.chen.name} 负责" in complaint.steps.latest("pk").note
    entry = AuditEntry.objects.get(action="retention.case_handed_over")
    assert (entry.before, entry.after, entry.reason) == (
        {"owner": cast.li.name}, {"owner": cast.chen.name}, "客户投诉涉及原负责人，须回避"
    )  # fmt: skip


def test_a_case_that_nobody_may_take_is_told_to_compliance(cast: Cast) -> None:
    case = open_by_hand(cast.wu, CONCERN, by=cast.zhao)
    complaint = complain(cast, client=cast.wu, parties=[cast.chen, cast.zhao])
    add_party(complaint, cast.li, by=cast.qian, now=MORNING)
    case.refresh_from_db()
    assert case.owner == cast.li
    assert not RetentionCase.objects.visible_to(cast.li).exists()
    assert Notice.objects.filter(employee=cast.qian, key__startswith=f"case-avoided:{case.pk}").count() == 1


def test_the_audit_book_tells_whom_a_client_names_nothing_of_his_case(cast: Cast) -> None:
    head = make_employee("1009", "郑总", cast.branch, Role.BRANCH_MANAGER)
    case = open_by_hand(cast.wu, CONCERN, by=cast.zhao)
    assert audit_list(head, {"subject": case.case_no}).exists()
    complaint = complain(cast, client=cast.wu, parties=[head])
    assert not audit_list(head, {"subject": case.case_no}).exists()
    operations.release_words(Complaint.objects.get(pk=complaint.pk), head, reason="需说明", by=cast.qian)
    assert audit_list(head, {"subject": case.case_no}).exists()


def test_a_caller_who_is_no_client_makes_no_task(cast: Cast) -> None:
    complain(cast, client=None)
    assert raise_pending(cast.branch, MORNING).seen == 0
