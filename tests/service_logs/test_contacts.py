"""The service log: what an entry ends, starts, and how it is put right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, ClientStanding
from office.dates import TradingCalendar
from office.errors import Conflict
from office.models import AuditEntry
from service_logs.errors import ForbiddenWords, InTheFuture, NotYours, TooLate
from service_logs.models import Contact, Kind, ServiceStanding, Task
from service_logs.operations.contacts import correct_contact, log_contact, undo_contact
from service_logs.operations.task_edits import add_tasks
from service_logs.queries.rates import completion, completion_by_owner, initiative
from service_logs.rules.counting import counts
from service_logs.rules.policy import HOUSE
from service_logs.rules.words import forbidden_words
from tests.conftest import Cast
from tests.service_logs import facts
from tests.service_logs.facts import MORNING, NIGHT


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    """A VIP client of li."""
    facts.have(cast.wu, grade="vip", tier="platinum", value=60.0)
    return cast.wu


def log(client: Client, cast: Cast, result: str = "reached", **fields: Any) -> Contact:
    fields.setdefault("at", facts.at(MORNING, 10))
    fields.setdefault("summary", "已沟通")
    return log_contact(Client.objects.get(pk=client.pk), by=fields.pop("by", cast.li), result=result, **fields)


def owed(client: Client, cast: Cast, kind: str = Kind.MANDATORY, due_on: date = MORNING) -> Task:
    return add_tasks([client], title="送对账单", due_on=due_on, by=cast.li, today=NIGHT, kind=kind)[0]


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("reached", "done"), ("refused", "done"), ("wrong_person", "done"), ("complaint_raised", "done"),
        ("not_reached", "open"), ("callback_agreed", "open"),
    ],
)  # fmt: skip
def test_an_entry_ends_the_tasks_it_was_about_unless_it_was_an_attempt(
    result: str, state: str, wu: Client, cast: Cast
) -> None:
    task = owed(wu, cast)
    contact = log(wu, cast, result, tasks=[task])
    task.refresh_from_db()
    assert (task.state, task.result) == (state, result)
    assert task.contact == (contact if state == "done" else None)


@pytest.mark.parametrize(
    ("channel", "result", "grade", "is_counted"),
    [
        ("phone", "reached", "vip", True),
        ("visit", "reached", "vip", True),
        ("phone", "complaint_raised", "vip", True),
        ("phone", "not_reached", "vip", False),
        ("phone", "callback_agreed", "vip", False),
        ("sms", "sms_delivered", "ordinary", True),
        ("sms", "sms_failed", "ordinary", False),
        ("phone", "reached", "ordinary", True),
        ("sms", "sms_delivered", "vip", True),  # it counts as a message; a talk is owed all the same
    ],
)
def test_which_contacts_count(channel: str, result: str, grade: str, is_counted: bool) -> None:
    owed = [terms for terms in HOUSE if terms.grade == grade and not terms.tier and not terms.value_type]
    assert counts(channel, result, owed) is is_counted


def test_a_contact_that_counts_starts_the_rhythm_anew(wu: Client, cast: Cast) -> None:
    log(wu, cast)
    standing = ClientStanding.objects.get(pk=wu.pk)
    assert (standing.last_contact_on, standing.next_contact_on) == (MORNING, date(2026, 8, 31))


def test_an_attempt_and_a_message_start_nothing_for_whom_a_talk_is_owed(wu: Client, cast: Cast) -> None:
    log(wu, cast, "not_reached")
    log(wu, cast, "sms_delivered", channel="sms")
    standing, memory = ClientStanding.objects.get(pk=wu.pk), ServiceStanding.objects.get(client=wu)
    first_due = memory.seen_on + timedelta(days=1 + wu.pk % 7)  # as the night spreads a book never spoken with
    assert (standing.last_contact_on, standing.next_contact_on) == (None, first_due)
    assert ServiceStanding.objects.get(pk=wu.pk).last_message_on == MORNING


def test_an_older_entry_written_later_changes_nothing(wu: Client, cast: Cast) -> None:
    log(wu, cast)
    log(wu, cast, at=facts.at(date(2026, 8, 3), 10))
    assert ClientStanding.objects.get(pk=wu.pk).last_contact_on == MORNING


def test_a_day_agreed_on_goes_before_the_rhythm_until_the_next_talk(wu: Client, cast: Cast) -> None:
    log(wu, cast, next_contact_on=date(2026, 8, 26))
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on == date(2026, 8, 26)
    log(wu, cast, "not_reached", at=facts.at(date(2026, 8, 26), 10))
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on == date(2026, 8, 26)
    log(wu, cast, at=facts.at(date(2026, 8, 26), 15))
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on == date(2026, 9, 2)


def test_a_message_ends_no_agreement_to_talk(wu: Client, cast: Cast) -> None:
    log(wu, cast, next_contact_on=date(2026, 8, 26))
    log(wu, cast, "sms_delivered", channel="sms", at=facts.at(date(2026, 8, 25), 10))
    assert ServiceStanding.objects.get(client=wu).agreed_on == date(2026, 8, 26)
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on == date(2026, 8, 26)


@pytest.mark.parametrize(
    ("promised", "due"),
    [(date(2026, 8, 27), date(2026, 8, 27)), (date(2026, 8, 29), date(2026, 8, 28)), (MORNING, MORNING)],
)
def test_a_promise_with_a_day_becomes_a_task_of_who_gave_it(promised: date, due: date, wu: Client, cast: Cast) -> None:
    log(wu, cast, by=cast.wang, promise="补发对账单样张", promise_due_on=promised)
    task = Task.objects.select_related("rule", "signal").get()
    assert (task.owner, task.kind, task.due_at) == (cast.wang, "mandatory", facts.at(due, 17))
    assert task.why == f"承诺「补发对账单样张」，2026年8月{promised.day}日 兑现"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("客户问是否保本", ["保本"]),
        ("这只必涨，稳赚不赔", ["必涨", "稳赚不赔"]),
        ("稳 赚、包·赚", ["稳赚", "包赚"]),
        ("已提示不承诺收益", []),
        ("不得向客户承诺收益", []),
        ("产品不保本", []),
        ("不方便接听。承诺收益 8%", ["承诺收益"]),
        ("无内幕消息", []),
        ("有内幕消息", ["内幕"]),
        ("免５佣金", ["免5"]),
        ("", []),
    ],
)
def test_no_promise_of_return_is_written_down(text: str, found: list[str]) -> None:
    assert forbidden_words(text) == found


@pytest.mark.parametrize("field", ["summary", "promise", "need"])
def test_an_entry_with_forbidden_words_is_not_saved(field: str, wu: Client, cast: Cast) -> None:
    with pytest.raises(ForbiddenWords, match="稳赚"):
        log(wu, cast, **{field: "这只稳赚"})
    assert not Contact.objects.exists()


def test_an_entry_tells_what_was(wu: Client, cast: Cast) -> None:
    with pytest.raises(InTheFuture):
        log(wu, cast, at=timezone.now() + timedelta(hours=1))


def test_every_entry_stands_in_the_audit_book(wu: Client, cast: Cast) -> None:
    contact = log(wu, cast)
    entry = AuditEntry.objects.get(action="service_logs.contact_logged")
    assert (entry.actor, entry.subject_id) == (cast.li, str(contact.pk))


def test_a_correction_says_what_stood_there_before(wu: Client, cast: Cast) -> None:
    contact = log(wu, cast)
    corrected = correct_contact(contact, {"result": "not_reached"}, version=1, by=cast.li, reason="记错")
    assert (corrected.version, corrected.is_qualifying) == (2, False)
    assert ClientStanding.objects.get(pk=wu.pk).last_contact_on is None
    entry = AuditEntry.objects.get(action="service_logs.contact_corrected")
    assert (entry.before, entry.after) == ({"result": "reached"}, {"result": "not_reached"})


def test_who_corrects_second_is_shown_what_was_saved_first(wu: Client, cast: Cast) -> None:
    contact = log(wu, cast)
    correct_contact(contact, {"summary": "客户询问费率"}, version=1, by=cast.li)
    with pytest.raises(Conflict) as refused:
        correct_contact(contact, {"summary": "客户询问产品"}, version=1, by=cast.chen)
    assert refused.value.extra["theirs"] == {"summary": "客户询问费率"}


def test_a_colleague_corrects_nothing_and_takes_nothing_back(wu: Client, cast: Cast) -> None:
    contact = log(wu, cast)
    with pytest.raises(NotYours):
        correct_contact(contact, {"summary": "x"}, version=1, by=cast.wang)
    with pytest.raises(NotYours):
        undo_contact(contact, by=cast.zhao)


def test_an_entry_taken_back_leaves_everything_as_it_was(wu: Client, cast: Cast) -> None:
    task = owed(wu, cast)
    contact = log(wu, cast, tasks=[task], promise="寄资料", promise_due_on=date(2026, 8, 28))
    undo_contact(contact, by=cast.li)
    task.refresh_from_db()
    assert (task.state, task.done_by, task.contact) == ("open", None, None)
    assert Task.objects.get(title="承诺：寄资料").state == "cancelled"
    assert ClientStanding.objects.get(pk=wu.pk).last_contact_on is None
    assert list(Contact.objects.standing()) == []


def test_after_ten_minutes_an_entry_stays(wu: Client, cast: Cast) -> None:
    contact = log(wu, cast)
    with pytest.raises(TooLate):
        undo_contact(contact, by=cast.li, now=contact.made_at + timedelta(minutes=11))
    with pytest.raises(TooLate):
        undo_contact(undo_contact(contact, by=cast.li), by=cast.li)


@pytest.mark.parametrize(
    ("who", "sees"), [("li", True), ("chen", True), ("qian", True), ("wang", False), ("sun", False)]
)
def test_an_entry_for_leaders_is_seen_by_them_and_its_author(who: str, sees: bool, wu: Client, cast: Cast) -> None:
    log(wu, cast, audience="leaders")
    assert Contact.objects.visible_to(cast.people[who]).exists() is sees


def test_an_entry_for_leaders_is_kept_from_the_next_manager(wu: Client, cast: Cast) -> None:
    log(wu, cast, by=cast.chen, audience="leaders")
    log(wu, cast, by=cast.chen)
    assert Contact.objects.visible_to(cast.li).count() == 1


@pytest.mark.req("MOT-02")
def test_optional_tasks_are_in_no_rate(wu: Client, cast: Cast) -> None:
    must, missed = owed(wu, cast), owed(wu, cast)
    done_optional = owed(wu, cast, Kind.OPTIONAL)
    owed(wu, cast, Kind.OPTIONAL)
    log(wu, cast, tasks=[must, done_optional])
    Task.objects.filter(pk=missed.pk).update(state="expired")
    found = completion(cast.branch, NIGHT, MORNING)
    assert (found.mandatory.owed, found.mandatory.done, found.mandatory.done_share) == (2, 1, 0.5)
    assert found.optional_done == 1
    assert completion_by_owner(cast.branch, NIGHT, MORNING)[cast.li.pk].owed == 2


def test_what_waited_for_room_is_in_no_rate(wu: Client, cast: Cast) -> None:
    waited = owed(wu, cast)
    Task.objects.filter(pk=waited.pk).update(state="expired", opened_on=None)
    assert completion(cast.branch, NIGHT, MORNING).mandatory.owed == 0


@pytest.mark.req("MOT-03")
def test_the_share_of_aims_done_is_told_apart(wu: Client, cast: Cast) -> None:
    first, _ = owed(wu, cast, Kind.OPTIONAL), owed(wu, cast, Kind.OPTIONAL)
    log(wu, cast, tasks=[first])
    assert completion(cast.branch, NIGHT, MORNING).aim_share == 0.5
    Task.objects.update(tier="gold")
    assert completion(cast.branch, NIGHT, MORNING).aim_share is None


def test_done_late_is_not_on_time_and_refused_is_not_reached(wu: Client, cast: Cast) -> None:
    on_time, late = owed(wu, cast), owed(wu, cast, due_on=NIGHT)
    log(wu, cast, tasks=[on_time])
    log(wu, cast, "refused", tasks=[late])
    rate = completion(cast.branch, NIGHT, MORNING, owner=cast.li).mandatory
    assert (rate.on_time_share, rate.reached_share) == (0.5, 0.5)
    assert completion(cast.branch, NIGHT, MORNING, owner=cast.wang).mandatory.done_share is None


@pytest.mark.req("MOT-04")
def test_who_began_a_contact_is_counted(wu: Client, cast: Cast) -> None:
    for _ in range(3):
        log(wu, cast)
    log(wu, cast, initiator="client", direction="in")
    undo_contact(log(wu, cast, initiator="client"), by=cast.li)
    found = initiative(cast.branch, NIGHT, MORNING)
    assert (found.by_staff, found.by_client, found.staff_share) == (3, 1, 0.75)
    assert initiative(cast.branch, NIGHT, MORNING, author=cast.wang).staff_share is None
