"""Two people at once: each act is done once, and nobody's entry is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry
from service_logs.models import (
    Contact,
    Rule,
    RuleSetting,
    Script,
    ServicePolicy,
    ServiceStanding,
    Signal,
    Task,
    TaskBatch,
)
from service_logs.operations.batches import add_batch
from service_logs.operations.contacts import correct_contact, log_contact, undo_contact
from service_logs.operations.messages import log_messages
from service_logs.operations.scripts import Words, write_script
from service_logs.operations.seeding import seed_catalogue
from service_logs.operations.settings import edit_policy, edit_rule
from service_logs.operations.signals import raise_signals
from service_logs.operations.tasks import complete_tasks, make_tasks
from tests.conftest import Cast
from tests.races import together
from tests.service_logs.desk import owe, today
from tests.service_logs.facts import MORNING, NIGHT, at, event, stand_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalogue(cast: Cast, calendar: TradingCalendar) -> Iterator[None]:
    """A transactional test empties the tables; the catalogue is there before and after."""
    seed_catalogue()
    yield
    seed_catalogue()


def refusals(found: list[Any]) -> int:
    return sum(isinstance(one, DomainError) for one in found)


def test_two_people_who_finish_one_task_are_counted_once(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    done = together(*[
        lambda by=by: complete_tasks([task], result="已办", by=by)
        for by in (cast.li, cast.chen)
    ])  # fmt: skip
    assert sorted(done) == [0, 1]
    assert AuditEntry.objects.filter(action="service_logs.tasks_completed").count() == 1


def test_two_nights_at_once_make_each_task_once(cast: Cast) -> None:
    for _ in range(3):
        Task.objects.all().delete()
        Signal.objects.all().delete()
        stand_at(cast.wu)
        event(cast.wu, "close_request")
        raise_signals(cast.branch, NIGHT)
        made = together(*[lambda: make_tasks(cast.branch, NIGHT)] * 2)
        assert sorted(ledger.changed for ledger in made) == [0, Signal.objects.count()]
        assert Task.objects.count() == Signal.objects.count() > 0


def test_two_entries_about_one_task_both_stand_and_one_ends_it(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    made = together(
        lambda: log_contact(cast.wu, by=cast.li, result="reached", summary="已联系", tasks=[task]),
        lambda: log_contact(cast.wu, by=cast.chen, result="reached", summary="已联系", tasks=[task]),
    )
    task.refresh_from_db()
    assert Contact.objects.count() == 2
    assert task.contact in made


def test_the_later_of_two_entries_written_at_once_is_the_last_contact(cast: Cast) -> None:
    for _ in range(3):
        Contact.objects.all().delete()
        ServiceStanding.objects.all().delete()
        together(
            lambda: log_contact(cast.wu, by=cast.li, result="reached", summary="早", at=at(MORNING, 10)),
            lambda: log_contact(
                cast.wu, by=cast.chen, result="reached", summary="晚", at=at(MORNING + timedelta(days=3), 10)
            ),
        )
        assert ServiceStanding.objects.get(client=cast.wu).last_talk_on == MORNING + timedelta(days=3)


def test_an_entry_is_not_corrected_and_taken_back_into_a_muddle(cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    contact = log_contact(cast.wu, by=cast.li, result="reached", summary="已联系", tasks=[task])
    together(
        lambda: correct_contact(contact, {"summary": "已说明"}, version=1, by=cast.li),
        lambda: undo_contact(contact, by=cast.li),
    )
    contact.refresh_from_db()
    task.refresh_from_db()
    assert contact.undone_at is not None
    assert (task.state, task.contact) == ("open", None)
    assert contact.summary in ("已联系", "已说明")
    standing = ServiceStanding.objects.get(client=cast.wu)
    assert standing.last_talk_on is None


def test_an_entry_taken_back_twice_is_taken_back_once(cast: Cast) -> None:
    contact = log_contact(cast.wu, by=cast.li, result="reached", summary="已联系")
    assert refusals(together(*[lambda: undo_contact(contact, by=cast.li)] * 2)) == 1
    assert AuditEntry.objects.filter(action="service_logs.contact_undone").count() == 1


def test_two_corrections_of_one_version_save_one(cast: Cast) -> None:
    contact = log_contact(cast.wu, by=cast.li, result="reached", summary="已联系")
    found = together(
        lambda: correct_contact(contact, {"summary": "甲"}, version=1, by=cast.li),
        lambda: correct_contact(contact, {"summary": "乙"}, version=1, by=cast.chen),
    )
    contact.refresh_from_db()
    assert (refusals(found), contact.version) == (1, 2)


def test_one_batch_of_messages_sent_by_two_reaches_nobody_twice(cast: Cast) -> None:
    cast.branch.refresh_from_db()
    task = owe(cast.wu, cast.li, channel="sms", source=Task.Source.PLAN)
    noon = timezone.now().replace(hour=4, minute=0)
    together(*[lambda: log_messages([task], text="交易所休市安排", by=cast.li, at=noon)] * 2)
    assert Contact.objects.count() == 1


def test_one_batch_of_tasks_sent_twice_at_once_is_made_once(cast: Cast) -> None:
    token = uuid4()

    def send() -> TaskBatch:
        return add_batch(
            [cast.wu], token=token, query="", by=cast.zhao, today=today(), title="送对账单", due_on=today()
        )

    first, second = together(send, send)
    assert first == second
    assert (TaskBatch.objects.count(), Task.objects.count()) == (1, 1)


def test_two_who_set_the_same_rule_for_the_first_time_are_told_apart(cast: Cast) -> None:
    rule = Rule.objects.get(number=1)
    found = together(*[lambda: edit_rule(rule, {"deadline": 3}, version=0, by=cast.zhao)] * 2)
    assert (refusals(found), RuleSetting.objects.count()) == (1, 1)


def test_two_who_change_the_same_policy_for_the_first_time_are_told_apart(cast: Cast) -> None:
    policy = ServicePolicy.objects.filter(branch=None).order_by("pk")[0]
    found = together(*[lambda: edit_policy(policy, {"rhythm_days": 9}, version=1, by=cast.zhao)] * 2)
    assert (refusals(found), ServicePolicy.objects.filter(branch=cast.branch).count()) == (1, 1)


def test_two_who_begin_a_draft_at_once_leave_one(cast: Cast) -> None:
    words = Words("离开", "协助您办妥手续")
    found = together(*[lambda: write_script("mot.leaving", words, by=cast.chen)] * 2)
    assert (refusals(found), Script.objects.filter(state="draft").count()) == (1, 1)
