"""The contact plan: who is due, by what means, and who is not disturbed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clients.models import ChannelPreference, Client, ClientStanding
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import Capacity
from service_logs.models import ServicePolicy, Task
from service_logs.operations.contacts import log_contact
from service_logs.operations.messages import log_messages
from service_logs.operations.plan import plan_contacts
from service_logs.operations.settings import edit_policy
from service_logs.operations.tasks import expire_tasks
from service_logs.queries import neglected_client_ids, reached_counts
from tests.conftest import Cast, make_client
from tests.service_logs import facts
from tests.service_logs.facts import MORNING, NEXT_NIGHT, NIGHT


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    """A VIP client of li whom he last spoke with a week before the Monday."""
    facts.have(cast.wu, grade="vip", tier="gold", value=50.0)
    facts.seen(cast.wu, tier="gold", last_talk_on=date(2026, 8, 17))
    return cast.wu


def planned() -> list[tuple[str, str]]:
    return list(Task.objects.filter(source="plan").owed().values_list("channel", "title"))


@pytest.mark.req("COM-01")
@pytest.mark.parametrize("grade", ["vip", "active"])
@pytest.mark.parametrize(("last", "is_due"), [(date(2026, 8, 17), True), (date(2026, 8, 18), False)])
def test_vip_and_active_clients_are_called_every_week(
    grade: str, last: date, is_due: bool, wu: Client, cast: Cast
) -> None:
    facts.have(wu, grade=grade)
    facts.seen(wu, last_talk_on=last)
    plan_contacts(cast.branch, NIGHT)
    assert planned() == ([("phone", "周联系")] if is_due else [])


@pytest.mark.req("COM-01")
def test_a_weekly_call_is_overdue_when_its_day_is_over(wu: Client, cast: Cast) -> None:
    plan_contacts(cast.branch, NIGHT)
    task = Task.objects.get()
    assert (task.owner, task.due_at, task.expires_on) == (cast.li, facts.at(MORNING, 17), date(2026, 8, 30))
    assert not task.is_overdue(facts.at(MORNING, 16))
    assert task.is_overdue(facts.at(date(2026, 8, 25), 9))


@pytest.mark.req("COM-02")
def test_the_monthly_batch_holds_ordinary_and_potential_clients_less_those_who_refused(wu: Client, cast: Cast) -> None:
    month_ago = date(2026, 7, 20)
    for number, grade in enumerate(("ordinary", "potential", "ordinary", "ordinary", "vip", "active"), 50):
        client = make_client(cast.branch, f"8801000000{number}", manager=cast.li, standing={"grade": grade})
        facts.seen(client, last_message_on=month_ago, last_talk_on=month_ago if grade in ("vip", "active") else None)
    ChannelPreference.objects.create(
        client=Client.objects.get(client_no="880100000052"), channel="sms", purpose="service", state="denied"
    )
    ChannelPreference.objects.create(
        client=Client.objects.get(client_no="880100000053"), channel="sms", purpose="marketing", state="denied"
    )
    plan_contacts(cast.branch, NIGHT)
    batch = Task.objects.filter(channel="sms").order_by("client__client_no")
    assert [task.client.client_no for task in batch] == ["880100000050", "880100000051"]
    assert sum(task.is_primary for task in batch) == 1  # one batch, its minutes once


def test_a_refused_message_goes_by_mail_where_there_is_an_address(wu: Client, cast: Cast) -> None:
    facts.have(wu, grade="ordinary", tier="general")
    Client.objects.filter(pk=wu.pk).update(email="wu@example.com")
    ChannelPreference.objects.create(client=wu, channel="sms", purpose="service", state="denied")
    facts.seen(wu, last_talk_on=date(2026, 7, 1))
    plan_contacts(cast.branch, NIGHT)
    assert planned() == [("email", "月度短信·市场资讯")]


def test_who_refuses_calls_is_not_called(wu: Client, cast: Cast) -> None:
    ChannelPreference.objects.create(client=wu, channel="phone", purpose="service", state="denied")
    ledger = plan_contacts(cast.branch, NIGHT)
    assert planned() == []
    assert ledger.skipped["客户拒绝此渠道"] == 1


@pytest.mark.parametrize(
    "fields", [{"status": "closing"}, {"status": "suspended"}, {"is_deceased": True}, {"is_closed": True}], ids=str
)
def test_who_is_quiet_or_gone_is_left_alone(fields: dict[str, Any], wu: Client, cast: Cast) -> None:
    facts.have(wu, **fields)
    plan_contacts(cast.branch, NIGHT)
    assert planned() == []


def test_a_silver_client_is_called_every_half_year_beside_the_messages(wu: Client, cast: Cast) -> None:
    facts.have(wu, grade="ordinary", tier="silver")
    facts.seen(wu, last_talk_on=date(2026, 2, 1), last_message_on=date(2026, 8, 20))
    plan_contacts(cast.branch, NIGHT)
    assert planned() == [("phone", "半年联系·账户回顾")]


@pytest.mark.req("VAL-08")
@pytest.mark.parametrize(
    ("value_type", "title", "minutes"),
    [
        ("commission", "周联系·交易与个股资讯", 8),
        ("product", "周联系·产品持有与到期", 8),
        ("asset", "周联系·资产配置回顾", 10),
    ],
)
def test_what_is_talked_about_follows_the_value_type(
    value_type: str, title: str, minutes: int, wu: Client, cast: Cast
) -> None:
    facts.have(wu, value_type=value_type)
    plan_contacts(cast.branch, NIGHT)
    task = Task.objects.get()
    assert (task.title, task.minutes) == (title, minutes)


def test_a_core_client_gets_more_time(wu: Client, cast: Cast) -> None:
    facts.have(wu, is_core=True)
    plan_contacts(cast.branch, NIGHT)
    assert Task.objects.get().minutes == 15


@pytest.mark.req("SEG-05")
def test_a_changed_policy_changes_the_plan_of_the_next_night(wu: Client, cast: Cast) -> None:
    facts.seen(wu, last_talk_on=date(2026, 8, 11))
    plan_contacts(cast.branch, NIGHT)
    assert len(planned()) == 1
    weekly = ServicePolicy.objects.get(branch=None, grade="vip", value_type="", way="talk")
    edit_policy(weekly, {"rhythm_days": 30}, version=1, by=cast.zhao)
    ledger = plan_contacts(cast.branch, NEXT_NIGHT)
    assert planned() == []
    assert ledger.detail["withdrawn"] == 1
    own = ServicePolicy.objects.get(branch=cast.branch)
    edit_policy(own, {"rhythm_days": 14, "channel": "wecom"}, version=2, by=cast.zhao)
    plan_contacts(cast.branch, NEXT_NIGHT)
    assert planned() == [("wecom", "双周联系")]


@pytest.mark.req("SEG-05")
def test_a_second_run_plans_nothing(wu: Client, cast: Cast) -> None:
    first, again = plan_contacts(cast.branch, NIGHT), plan_contacts(cast.branch, NIGHT)
    assert (first.changed, again.changed, again.skipped["已有待办"]) == (1, 0, 1)


def test_an_attempt_that_counts_for_nothing_is_not_planned_twice_in_one_night(wu: Client, cast: Cast) -> None:
    plan_contacts(cast.branch, NIGHT)
    Task.objects.update(state="done", done_at=facts.at(MORNING, 10), done_by=cast.li, result="refused")
    assert plan_contacts(cast.branch, NIGHT).changed == 0
    assert plan_contacts(cast.branch, NEXT_NIGHT).changed == 1


def test_a_book_never_spoken_with_is_spread_over_one_rhythm(cast: Cast, calendar: TradingCalendar) -> None:
    facts.have(cast.wu, grade="vip")
    for number in range(13):
        make_client(cast.branch, f"8801000000{number + 60}", manager=cast.li, standing={"grade": "vip"})
    made = []
    for day in range(21, 31):
        plan_contacts(cast.branch, date(2026, 8, day))
        made.append(Task.objects.filter(source="plan", made_on=date(2026, 8, day)).count())
    assert sum(made) == 14
    assert max(made) <= 6  # a Monday carries the weekend


def test_the_day_agreed_with_the_client_goes_before_the_rhythm(wu: Client, cast: Cast) -> None:
    facts.seen(wu, last_talk_on=date(2026, 8, 17), agreed_on=date(2026, 8, 26))
    plan_contacts(cast.branch, NIGHT)
    assert planned() == []
    plan_contacts(cast.branch, date(2026, 8, 25))
    assert len(planned()) == 1


def test_what_does_not_fit_into_the_day_waits(wu: Client, cast: Cast) -> None:
    Capacity.objects.create(employee=cast.li, valid_from=date(2026, 1, 1), minutes_per_week=50)
    second = make_client(cast.branch, "880100000070", manager=cast.li, standing={"grade": "vip", "value": 90})
    facts.seen(second, last_talk_on=date(2026, 8, 17))
    plan_contacts(cast.branch, NIGHT)
    assert {task.client_id: task.state for task in Task.objects.all()} == {wu.pk: "waiting", second.pk: "open"}


def test_lists_show_when_the_next_contact_is_due(wu: Client, cast: Cast) -> None:
    plan_contacts(cast.branch, NIGHT)
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on == date(2026, 8, 24)


def test_nothing_is_shown_as_due_where_nothing_is_owed_any_more(wu: Client, cast: Cast) -> None:
    plan_contacts(cast.branch, NIGHT)
    ServicePolicy.objects.update(is_active=False)
    plan_contacts(cast.branch, NEXT_NIGHT)
    assert ClientStanding.objects.get(pk=wu.pk).next_contact_on is None
    assert planned() == []


def weeks_without(cast: Cast, count: int) -> date:
    """Let `count` weeks of nights pass in which nobody calls; return the last."""
    night = NIGHT
    for _ in range(count * 7 + 1):
        expire_tasks(cast.branch, night)
        plan_contacts(cast.branch, night)
        night += timedelta(days=1)
    return night - timedelta(days=1)


@pytest.mark.parametrize(("weeks", "is_neglected"), [(1, False), (2, True), (3, True)])
def test_two_missed_contacts_and_no_talk_are_neglect(weeks: int, is_neglected: bool, wu: Client, cast: Cast) -> None:
    on = weeks_without(cast, weeks)
    assert neglected_client_ids(cast.branch, on) == ({wu.pk} if is_neglected else set())


def test_a_talk_ends_neglect(wu: Client, cast: Cast) -> None:
    on = weeks_without(cast, 2)
    facts.entry(wu, cast.wang, facts.at(on, 10))  # even one that counts for nothing
    assert neglected_client_ids(cast.branch, on) == set()
    assert neglected_client_ids(cast.other_branch, on) == set()


def test_who_reached_whom_how_often(wu: Client, cast: Cast) -> None:
    for day, result in ((17, "reached"), (18, "reached"), (19, "not_reached"), (20, "callback_agreed")):
        facts.entry(wu, cast.li, facts.at(date(2026, 8, day), 10), result)
    undone = facts.entry(wu, cast.li, facts.at(NIGHT, 10))
    undone.undone_at = facts.at(NIGHT, 11)
    undone.save()
    facts.entry(wu, cast.wang, facts.at(date(2026, 8, 21), 0, 30))
    assert reached_counts(cast.branch, date(2026, 8, 18), NIGHT) == [(wu.pk, cast.li.pk, 2), (wu.pk, cast.wang.pk, 1)]


@pytest.mark.parametrize(("grade", "last_on"), [("vip", date(2026, 5, 9)), ("ordinary", date(2026, 8, 19))])
def test_a_message_is_no_last_contact_to_whom_a_new_grade_owes_only_talks(
    grade: str, last_on: date, wu: Client, cast: Cast
) -> None:
    facts.have(wu, grade=grade, last_contact_on=date(2026, 8, 19))
    facts.seen(wu, last_talk_on=date(2026, 5, 9), last_message_on=date(2026, 8, 19))
    plan_contacts(cast.branch, NIGHT)
    assert ClientStanding.objects.get(pk=wu.pk).last_contact_on == last_on


@pytest.mark.req("COM-02")
def test_a_batch_is_written_down_for_each_client_and_starts_the_month_anew(wu: Client, cast: Cast) -> None:
    clients = [
        make_client(cast.branch, f"88010000008{n}", manager=cast.li, standing={"grade": "ordinary"}) for n in (1, 2, 3)
    ]
    for client in clients:
        facts.seen(client, last_message_on=date(2026, 7, 20))
    plan_contacts(cast.branch, NIGHT)
    ChannelPreference.objects.create(client=clients[2], channel="sms", purpose="service", state="denied")
    tasks = list(Task.objects.filter(channel="sms").select_related("branch"))
    ledger = log_messages(tasks, text="八月市场概况", by=cast.li, at=facts.at(MORNING, 10))
    assert (ledger.seen, ledger.changed, ledger.skipped["客户拒绝此渠道"]) == (3, 2, 1)
    done = Task.objects.filter(state="done").select_related("contact")
    assert {task.client_id: task.contact.client_id for task in done if task.contact} == {
        c.pk: c.pk for c in clients[:2]
    }
    standing = ClientStanding.objects.get(pk=clients[0].pk)
    assert (standing.last_contact_on, standing.next_contact_on) == (MORNING, date(2026, 9, 23))


@pytest.mark.req("ALC-10")
def test_a_managers_plan_mixes_weekly_calls_and_monthly_messages(
    wu: Client, cast: Cast, calendar: TradingCalendar
) -> None:
    """Five weeks of nights and mornings in which everything planned is done."""
    book = {"vip": wu}
    for grade in ("active", "ordinary", "potential"):
        book[grade] = make_client(cast.branch, f"88010000009{len(book)}", manager=cast.li, standing={"grade": grade})
    facts.seen(wu, last_talk_on=date(2026, 7, 13))
    facts.seen(book["active"], last_talk_on=date(2026, 7, 14))
    facts.seen(book["ordinary"], last_message_on=date(2026, 7, 1))
    facts.seen(book["potential"], last_message_on=date(2026, 7, 8))
    morning = date(2026, 7, 20)
    while morning <= NIGHT:
        plan_contacts(cast.branch, calendar.add_working(morning, -1))
        do_all(cast, morning)
        morning = calendar.add_working(morning, 1)
    done = Task.objects.filter(source="plan", state="done", owner=cast.li).order_by("done_at")
    days = {grade: [(task.channel, task.done_at) for task in done.filter(client=book[grade])] for grade in book}
    assert days == {
        "vip": [("phone", facts.at(date(2026, 7, 20) + timedelta(weeks=week), 10)) for week in range(5)],
        "active": [("phone", facts.at(date(2026, 7, 21) + timedelta(weeks=week), 10)) for week in range(5)],
        "ordinary": [("sms", facts.at(date(2026, 7, 31), 10))],
        "potential": [("sms", facts.at(date(2026, 8, 7), 10))],
    }


def do_all(cast: Cast, day: date) -> None:
    """Let li do what is planned for a day: the calls one by one, the messages as one batch."""
    owed = list(Task.objects.filter(source="plan", owner=cast.li).owed().select_related("client__standing", "branch"))
    log_messages(owed, text="市场概况", by=cast.li, at=facts.at(day, 10))
    for task in owed:
        if task.channel == "phone":
            log_contact(task.client, by=cast.li, result="reached", summary="已沟通", at=facts.at(day, 10), tasks=[task])


@pytest.mark.parametrize(
    ("hour", "text", "why"), [(21, "早安", "不向客户发送"), (8, "早安", "不向客户发送"), (10, "稳赚", "稳赚")]
)
def test_nothing_is_sent_at_night_or_with_a_promise(hour: int, text: str, why: str, wu: Client, cast: Cast) -> None:
    facts.have(wu, grade="ordinary", tier="general")
    facts.seen(wu, last_talk_on=None, last_message_on=date(2026, 7, 1))
    plan_contacts(cast.branch, NIGHT)
    with pytest.raises(DomainError, match=why):
        log_messages(list(Task.objects.all()), text=text, by=cast.li, at=facts.at(MORNING, hour))


def test_a_call_that_counts_ends_the_planned_one(wu: Client, cast: Cast) -> None:
    facts.seen(wu, last_talk_on=date(2026, 8, 1))
    plan_contacts(cast.branch, NIGHT)
    log_contact(Client.objects.get(pk=wu.pk), by=cast.li, result="reached", summary="已沟通", at=facts.at(MORNING, 10))
    assert Task.objects.get().state == "done"
    assert plan_contacts(cast.branch, NEXT_NIGHT).changed == 0
