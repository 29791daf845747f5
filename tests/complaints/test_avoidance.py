"""The hard rule: nobody named in a complaint sees it, acts on it or decides it, whatever his post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from clients.models import ClientStanding
from complaints import operations
from complaints.errors import FactMissing, FirstHandlerStays, MayNotApprove, NamedInComplaint, NotTheHandler, WrongStep
from complaints.models import Attachment, Complaint, ComplaintParty, Referral, State
from complaints.queries import figures, lists
from complaints.queries.scope import may_read_words
from complaints.queries.staff import eligible_approvers, eligible_handlers, told_at
from complaints.rules.escalation import Level
from office.models import Employee, Notice, Role, ServiceKey
from office.queries.audit import audit_list
from office.rights import GRANTS
from tests.complaints.making import MORNING, answered, complain, walked
from tests.conftest import TODAY, Cast, make_client, make_employee

pytestmark = pytest.mark.usefixtures("calendar")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
WAYS: dict[str, Callable[[Employee, Complaint], int]] = {
    "list": lambda who, one: len(lists.complaint_list(who, {}, MORNING)),
    "detail": lambda who, one: Complaint.objects.visible_to(who).filter(pk=one.pk).count(),
    "by number": lambda who, one: len(lists.complaint_list(who, {"q": one.no}, MORNING)),
    "by caller": lambda who, one: len(lists.complaint_list(who, {"q": "吴越"}, MORNING)),
    "by phone": lambda who, one: len(lists.complaint_list(who, {"q": "13800001111"}, MORNING)),
    "by state": lambda who, one: len(lists.complaint_list(who, {"state": "open"}, MORNING)),
    "of client": lambda who, one: len(lists.of_client(who, one.client_id or 0)),
    "client count": lambda who, one: sum(lists.open_counts(who, [one.client_id or 0]).values()),
    "queue": lambda who, one: len(lists.queue(who)),
    "to approve": lambda who, one: len(lists.to_approve(who)),
    "counts": lambda who, one: lists.counts(who, MORNING).open,
    "attachments": lambda who, one: Attachment.objects.visible_to(who).count(),
    "referrals": lambda who, one: Referral.objects.visible_to(who).count(),
    "asked of him": lambda who, one: len(lists.asked_of(who)),
    "categories": lambda who, one: sum(figures.by_category(who, TODAY, TODAY).values()),
    "causes": lambda who, one: len(figures.causes(who, TODAY, TODAY)),
    "timeliness": lambda who, one: sum(line.stopped for line in figures.timeliness(who, TODAY, TODAY)),
    "complainants": lambda who, one: figures.leaving(who, TODAY, TODAY).complainants,
    "yearly": lambda who, one: int(figures.yearly(who, 2026)["received"]),
}


def everybody(cast: Cast) -> dict[str, Employee]:
    """One person of each post at the branch; leaders lead the team of wu's manager, managers serve wu."""
    return {
        str(role): make_employee(f"3{number:03}", f"员工{number}", cast.branch, role, team=cast.team)
        for number, role in enumerate(Role)
    }


def full(cast: Cast, who: Employee) -> Complaint:
    """Return a complaint with all that may be seen of one, about a client that `who` serves."""
    ClientStanding.objects.filter(client=cast.wu).update(manager=who)
    one = complain(cast, phone="13800001111")
    operations.attach(one, name="录音.png", data=PNG, by=cast.chen)
    one.refresh_from_db()
    operations.refer(one, who, request="请说明经过", by=cast.chen)
    one.refresh_from_db()
    one = walked(cast, "investigating", complaint=one)
    one = operations.record_cause(one, cause_code="attitude", cause_note="属实", by=cast.chen)
    return operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen)


@pytest.mark.parametrize("role", [str(role) for role in Role])
def test_who_is_named_sees_nothing_by_any_way_whatever_his_post(
    cast: Cast, role: str, settings: Any, tmp_path: Any
) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)
    who = everybody(cast)[role]
    one = full(cast, who)
    assert WAYS["detail"](who, one) == 1  # before he is named, if only because he was asked
    operations.add_party(one, who, by=cast.chen)
    found = {way: count(who, one) for way, count in WAYS.items()}
    assert found == dict.fromkeys(WAYS, 0)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_director_who_is_not_named_finds_it_by_every_way(cast: Cast, way: str, settings: Any, tmp_path: Any) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)
    one = full(cast, cast.zhao)
    if way == "queue":
        Complaint.objects.filter(pk=one.pk).update(handler=cast.zhao)
    assert WAYS[way](cast.zhao, one) > 0


def test_who_is_complained_about_does_not_see_what_he_wrote_down_himself(cast: Cast) -> None:
    one = complain(cast, by=cast.li, parties=[cast.li])
    assert one.recorder == cast.li
    assert not Complaint.objects.visible_to(cast.li).exists()
    assert Complaint.objects.visible_to(cast.zhao).get() == one


def test_compliance_releases_the_words_and_the_named_still_takes_no_part(cast: Cast) -> None:
    one = complain(cast, parties=[cast.li])
    for person in (cast.zhao, cast.chen):
        with pytest.raises(MayNotApprove):
            operations.release_words(one, cast.li, reason="需当事人说明", by=person)
    one = operations.release_words(one, cast.li, reason="需当事人说明", by=cast.qian)
    assert Complaint.objects.visible_to(cast.li).get() == one
    assert may_read_words(one, cast.li)
    with pytest.raises(NamedInComplaint):
        operations.refer(one, cast.li, request="x", by=cast.chen)
    with pytest.raises(NamedInComplaint):
        operations.attach(one, name="a.txt", data=b"x", by=cast.li)
    with pytest.raises(WrongStep):
        operations.release_words(one, cast.li, reason="再次", by=cast.qian)


def test_compliance_itself_when_named_cannot_release_the_words_to_itself(cast: Cast) -> None:
    one = complain(cast, parties=[cast.qian])
    with pytest.raises(NamedInComplaint):
        operations.release_words(one, cast.qian, reason="自查", by=cast.qian)
    with pytest.raises(NamedInComplaint):
        operations.set_hold(one, held=True, reason="自查", by=cast.qian)


@pytest.mark.parametrize("role", sorted(GRANTS["complaints.handle_complaint"] | GRANTS["complaints.approve_complaint"]))
def test_nobody_named_may_handle_or_approve_whatever_his_post(cast: Cast, role: str) -> None:
    who = everybody(cast)[role]
    one = complain(cast, parties=[who], by=cast.zhou)
    assert one.handler != who
    assert not eligible_handlers(one, TODAY).filter(pk=who.pk).exists()
    assert not eligible_approvers(one, TODAY).filter(pk=who.pk).exists()
    assert who not in [person for level in Level if level for person in told_at(one, level, TODAY)]
    for act in (operations.start_investigation, operations.approve_plan, operations.close, operations.resume):
        with pytest.raises(NamedInComplaint):
            act(one, by=who)
    with pytest.raises(NamedInComplaint):
        operations.add_party(one, cast.wang, by=who)


@pytest.mark.parametrize("post", ["handler", "approver", "reviewer"])
def test_the_database_refuses_a_named_handler_or_approver(cast: Cast, post: str) -> None:
    one = complain(cast, parties=[cast.zhao])
    with pytest.raises(InternalError, match="nobody named"), transaction.atomic():
        Complaint.objects.filter(pk=one.pk).update(**{post: cast.zhao})
    with pytest.raises(InternalError, match="nobody named"), transaction.atomic():
        ComplaintParty.objects.create(complaint=one, employee=cast.chen, named_at=MORNING)


def test_named_as_handler_at_intake_is_refused(cast: Cast) -> None:
    with pytest.raises(NamedInComplaint):
        complain(cast, by=None, handler=cast.zhao, parties=[cast.zhao])


def test_handling_passes_to_who_is_next_in_line_when_the_handler_is_named_later(cast: Cast) -> None:
    one = walked(cast, "investigating")
    Notice.objects.create(employee=cast.chen, key=f"complaint:{one.pk}:new", text="投诉由您处理")
    one = operations.add_party(one, cast.chen, by=cast.zhao, reason="客户补充")
    assert one.handler == cast.zhao
    assert one.state == State.INVESTIGATING
    acts = list(one.steps.order_by("pk").values_list("act", flat=True))
    assert acts[-2:] == ["hand_over", "name"]
    assert not Notice.objects.filter(employee=cast.chen, key__startswith="complaint:").exists()
    assert not Complaint.objects.visible_to(cast.chen).exists()
    one = operations.add_party(one, cast.zhao, by=cast.qian)
    assert one.handler == cast.qian
    one = operations.add_party(one, cast.qian, by=cast.qian)
    assert one.handler is None  # everybody is named: head office


@pytest.mark.parametrize("state", ["feedback", "closed"])
def test_an_approval_is_void_once_its_approver_is_named(cast: Cast, state: str) -> None:
    one = answered(cast) if state == "feedback" else walked(cast, "closed")
    one = operations.add_party(one, cast.zhao, by=cast.chen)
    assert (one.state, one.approver, one.feedback_at, one.ended_at) == (State.HANDLING, None, None, None)
    assert one.plan == "由负责人致歉"
    assert one.clocks.filter(step="handling", stopped_at=None).exists()
    assert operations.approve_plan(one, by=cast.qian).state == State.FEEDBACK


def test_a_plan_of_who_is_named_afterwards_is_dropped(cast: Cast) -> None:
    one = walked(cast, "handling")
    one = operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen)
    one = operations.add_party(one, cast.chen, by=cast.zhao)
    assert (one.plan, one.planned_by, one.handler) == ("", None, cast.zhao)


def test_a_handler_who_approved_nothing_passes_a_closed_complaint_on(cast: Cast) -> None:
    one = operations.add_party(walked(cast, "closed"), cast.chen, by=cast.qian)
    assert one.state == State.CLOSED
    assert one.handler not in (None, cast.chen, cast.zhao)  # not to who approved it


def test_only_who_may_names_people_of_the_branch_and_once(cast: Cast) -> None:
    one = complain(cast)
    with pytest.raises(NotTheHandler):
        operations.add_party(one, cast.wang, by=cast.li)
    with pytest.raises(FactMissing):
        operations.add_party(one, cast.sun, by=cast.chen)
    one = operations.add_party(one, cast.wang, by=cast.chen)
    with pytest.raises(WrongStep):
        operations.add_party(one, cast.wang, by=cast.chen)


def test_a_manager_knows_the_outline_of_his_clients_complaints_only(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)
    one = complain(cast)
    operations.attach(one, name="信.txt", data="来信".encode(), by=cast.chen)
    assert Complaint.objects.visible_to(cast.li).get() == one
    assert not may_read_words(one, cast.li)
    assert not Attachment.objects.visible_to(cast.li).exists()
    assert may_read_words(one, cast.chen)
    assert Attachment.objects.visible_to(cast.chen).exists()
    assert "content" in Complaint.objects.visible_to(cast.li).defer(*lists.WORDS).get().get_deferred_fields()


def test_who_sees_what_without_being_named(cast: Cast) -> None:
    one = complain(cast)
    unknown = complain(cast, client=None, by=cast.zhou)
    other = complain(cast, client=make_client(cast.branch, "880100000002", manager=cast.wang, name="郑云"))
    seen = {name: set(Complaint.objects.visible_to(person)) for name, person in cast.people.items()}
    assert seen == {
        "li": {one}, "wang": {other}, "chen": {one, unknown, other}, "zhao": {one, unknown, other},
        "qian": {one, unknown, other}, "zhou": {unknown}, "shen": set(), "sun": set(),
    }  # fmt: skip
    assert unknown.handler == cast.chen


def test_a_key_of_another_system_sees_its_branches_and_reads_no_words(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)
    one = complain(cast)
    operations.attach(one, name="信.txt", data="来信".encode(), by=cast.chen)
    key = ServiceKey.objects.create(
        name="柜台", prefix="abcd1234", secret_hash="0" * 64, scopes=["complaints.read"], made_by=cast.zhao,
        expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    key.branches.add(cast.branch)
    assert Complaint.objects.visible_to(key).get() == one
    assert not may_read_words(one, key)
    assert not Attachment.objects.visible_to(key).exists()


def test_a_handler_stays_unless_he_is_gone(cast: Cast) -> None:
    one = complain(cast)
    with pytest.raises(FirstHandlerStays):
        operations.hand_over(one, cast.zhao, reason="换人", by=cast.zhao)
    Employee.objects.filter(pk=cast.chen.pk).update(is_active=False)
    with pytest.raises(MayNotApprove):
        operations.hand_over(one, cast.li, reason="离职", by=cast.zhao)
    assert operations.hand_over(one, cast.zhao, reason="离职", by=cast.zhao).handler == cast.zhao


def test_the_audit_book_tells_the_named_nothing_and_everybody_else_no_words(cast: Cast) -> None:
    head = make_employee("1009", "郑总", cast.branch, Role.BRANCH_MANAGER)
    one = walked(cast, "closed")
    entries = audit_list(head, {"subject": one.no})
    assert entries.count() == 7
    assert not any("语气" in str(entry.after) or "吴越" in f"{entry.subject_label}{entry.after}" for entry in entries)
    operations.add_party(one, head, by=cast.chen)
    assert not audit_list(head, {"subject": one.no}).exists()
    assert not audit_list(head, {"action": "complaints.closed"}).exists()
    assert audit_list(cast.qian, {"subject": one.no}).count() == 8
    operations.release_words(Complaint.objects.get(pk=one.pk), head, reason="需说明", by=cast.qian)
    assert audit_list(head, {"subject": one.no}).exists()
