"""From signals to tasks: whose, until when, in which order, and what waits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from clients.models import ChannelPreference, Client, ClientStanding
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import Capacity, Employee, Leave, Role
from office.statements import run_large
from service_logs.models import Kind, Rule, Signal, Task
from service_logs.operations.signals import raise_signals
from service_logs.operations.task_edits import add_tasks, cancel, hand_over, postpone
from service_logs.operations.tasks import complete_tasks, expire_tasks, make_tasks
from tests.conftest import Cast, make_client, make_employee
from tests.service_logs import facts
from tests.service_logs.desk import owe
from tests.service_logs.facts import MORNING, NEXT_NIGHT, NIGHT


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    facts.stand_at(cast.wu)
    facts.seen(cast.wu)
    return cast.wu


def run(cast: Cast, day: date = NIGHT) -> None:
    raise_signals(cast.branch, day)
    expire_tasks(cast.branch, day)
    make_tasks(cast.branch, day)


def signal(client: Client, code: str, *, kind: str = "mandatory", occurrence: str = "x", **fields: Any) -> Signal:
    """Write a signal as the night would have."""
    return Signal.objects.create(
        branch=client.branch, client=client, rule=Rule.objects.get(code=code), occurrence=occurrence,
        occurred_on=NIGHT, day=NIGHT, kind=kind, facts=fields,
    )  # fmt: skip


@pytest.mark.req("MOT-01")
def test_a_signal_becomes_a_task_with_its_kind_its_deadline_and_its_reason(wu: Client, cast: Cast) -> None:
    facts.stand_at(wu, last_assets_fen=100_000_000)
    facts.event(wu, "bank_out", amount=350_000)
    run(cast)
    task = Task.objects.select_related("rule", "signal").get()
    assert (task.owner, task.kind, task.source, task.state) == (cast.li, "mandatory", "mot", "open")
    assert task.due_at == facts.at(MORNING, 17)
    assert task.made_on == NIGHT
    assert task.why == "2026年8月21日 转出 350,000.00 元，占转出前资产 25.9%"


@pytest.mark.req("MOT-01")
def test_a_second_run_makes_no_second_task(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    first, again = make_tasks(cast.branch, NIGHT), make_tasks(cast.branch, NIGHT)
    assert (first.changed, again.changed) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "tier", "is_aim", "label"),
    [
        ("optional", "gold", False, "选做"),
        ("optional", "platinum", True, "力争"),
        ("optional", "diamond", True, "力争"),
        ("mandatory", "diamond", False, "必做"),
    ],
)
@pytest.mark.req("MOT-03")
def test_optional_becomes_aim_from_platinum_on(
    kind: str, tier: str, is_aim: bool, label: str, wu: Client, cast: Cast
) -> None:
    facts.have(wu, tier=tier)
    signal(wu, "anniversary", kind=kind)
    make_tasks(cast.branch, NIGHT)
    task = Task.objects.get()
    assert (task.is_aim, task.kind_label) == (is_aim, label)


def test_a_return_visit_goes_to_service_staff_and_never_to_who_serves_the_client(wu: Client, cast: Cast) -> None:
    staff = [make_employee(f"300{n}", name, cast.branch, Role.SERVICE_STAFF) for n, name in enumerate(("孔一", "孔二"))]
    clients = [wu, *(make_client(cast.branch, f"88010000001{n}", manager=staff[n % 2]) for n in range(4))]
    for client in clients:
        signal(client, "new_account_visit")
    make_tasks(cast.branch, NIGHT)
    tasks = list(Task.objects.select_related("client__standing"))
    assert len(tasks) == 5
    assert {task.owner_id for task in tasks} <= {person.pk for person in staff}
    assert all(task.owner_id != task.client.standing.manager_id for task in tasks)


@pytest.mark.parametrize("substitute", ["wang", None])
def test_the_substitute_does_the_work_of_who_is_on_leave(substitute: str | None, wu: Client, cast: Cast) -> None:
    stand_in = cast.people[substitute] if substitute else None
    Leave.objects.create(employee=cast.li, starts_on=MORNING, ends_on=MORNING, substitute=stand_in)
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.get().owner == (stand_in or cast.chen)  # without one it is the team's leader


def test_tasks_return_with_the_manager(wu: Client, cast: Cast) -> None:
    Leave.objects.create(employee=cast.li, starts_on=MORNING, ends_on=MORNING, substitute=cast.wang)
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == cast.li


def test_owed_tasks_follow_the_client_to_a_new_manager(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    facts.have(wu, manager=cast.wang)
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == cast.wang


def test_what_was_given_to_somebody_stays_with_him_while_he_is_there(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    hand_over(Task.objects.all(), cast.wang, by=cast.zhao, today=MORNING)
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == cast.wang
    Employee.objects.filter(pk=cast.wang.pk).update(left_on=date(2026, 8, 25))
    make_tasks(cast.branch, date(2026, 8, 25))
    assert Task.objects.get().owner == cast.li


def test_a_client_whose_manager_left_is_looked_after_by_the_leader(wu: Client, cast: Cast) -> None:
    Employee.objects.filter(pk=cast.li.pk).update(left_on=NIGHT)
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.get().owner == cast.chen


def test_a_client_without_a_manager_is_the_directors(wu: Client, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=wu.pk).update(manager=None)
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.get().owner == cast.zhao


def test_who_refuses_calls_gets_no_optional_ones(wu: Client, cast: Cast) -> None:
    ChannelPreference.objects.create(client=wu, channel="phone", purpose="service", state="denied")
    signal(wu, "anniversary", kind="optional")
    signal(wu, "large_outflow")
    ledger = make_tasks(cast.branch, NIGHT)
    assert [task.kind for task in Task.objects.all()] == ["mandatory"]
    assert ledger.skipped["客户拒绝此渠道"] == 1


def test_one_call_carries_all_tasks_of_a_client_and_its_minutes_once(wu: Client, cast: Cast) -> None:
    for code in ("large_outflow", "leaving", "id_expiry"):
        signal(wu, code)
    make_tasks(cast.branch, NIGHT)
    primary = Task.objects.filter(is_primary=True)
    assert [task.rule.code for task in primary if task.rule] == ["leaving"]  # due on the same day, the more urgent
    complete_tasks(primary, result="reached", by=cast.li)
    assert Task.objects.owed().filter(is_primary=True).count() == 1


def capacity(person: Employee, minutes_a_day: int) -> None:
    Capacity.objects.create(employee=person, valid_from=date(2026, 1, 1), minutes_per_week=minutes_a_day * 5)


def test_a_day_holds_what_fits_mandatory_first_then_by_value(wu: Client, cast: Cast) -> None:
    capacity(cast.li, 19)
    people = [
        make_client(cast.branch, f"88010000002{n}", manager=cast.li, standing={"value": value, "tier": tier})
        for n, (value, tier) in enumerate([(10, "gold"), (90, "gold"), (20, "platinum"), (50, "gold"), (5, "gold")])
    ]
    for client in people[:4]:
        signal(client, "tier_change", kind="optional")  # three minutes each
    signal(people[4], "manager_change")  # eight minutes
    make_tasks(cast.branch, NIGHT)
    assert [task.client_id for task in Task.objects.filter(state="waiting")] == [people[0].pk]
    order = {task.client_id: task.state for task in Task.objects.all()}
    assert order[people[4].pk] == "open"
    assert order[people[2].pk] == "open"  # the aim goes before the more valuable optional one


@pytest.mark.parametrize("minutes", [1, 100])
def test_what_is_mandatory_is_shown_whatever_the_day_holds(minutes: int, wu: Client, cast: Cast) -> None:
    capacity(cast.li, minutes)
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.get().state == "open"


def test_an_optional_task_of_a_client_who_is_called_anyway_needs_no_room(wu: Client, cast: Cast) -> None:
    capacity(cast.li, 1)
    signal(wu, "large_outflow")
    signal(wu, "anniversary", kind="optional")
    make_tasks(cast.branch, NIGHT)
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}


def test_what_waits_moves_up_when_there_is_room(wu: Client, cast: Cast) -> None:
    capacity(cast.li, 4)
    second = make_client(cast.branch, "880100000031", manager=cast.li)
    signal(wu, "tier_change", kind="optional")
    signal(second, "tier_change", kind="optional")
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.filter(state="waiting").count() == 1
    complete_tasks(Task.objects.filter(state="open"), result="reached", by=cast.li)
    make_tasks(cast.branch, NEXT_NIGHT)
    last = Task.objects.get(state="open")
    assert last.opened_on == NEXT_NIGHT


def test_tasks_expire_by_their_type_and_waiting_ones_as_never_shown(wu: Client, cast: Cast) -> None:
    capacity(cast.li, 4)
    second = make_client(cast.branch, "880100000031", manager=cast.li)
    for client in (wu, second):
        signal(client, "birthday", kind="optional")
        signal(client, "tier_change", kind="optional")
    make_tasks(cast.branch, NIGHT)
    expire_tasks(cast.branch, NEXT_NIGHT)
    assert set(Task.objects.filter(state="expired").values_list("rule__code", flat=True)) == {"birthday"}
    assert Task.objects.filter(state="expired", opened_on=None).count() == 1
    assert expire_tasks(cast.branch, NEXT_NIGHT).changed == 0


def test_a_visit_goes_to_a_colleague_while_its_owner_is_away(wu: Client, cast: Cast) -> None:
    for number, name in enumerate(("孔一", "孔二")):
        make_employee(f"300{number}", name, cast.branch, Role.SERVICE_STAFF)
    signal(wu, "new_account_visit")
    make_tasks(cast.branch, NIGHT)
    first = Task.objects.get().owner
    assert first is not None
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == first
    Leave.objects.create(employee=first, starts_on=date(2026, 8, 26), ends_on=date(2026, 8, 26))
    make_tasks(cast.branch, date(2026, 8, 25))
    assert Task.objects.get().owner not in (first, cast.li, None)


def test_an_owed_task_does_not_follow_its_client_to_whom_it_concerns(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    facts.have(wu, manager=cast.wang)
    Task.objects.update(hidden_from=[cast.wang.pk])
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == cast.li
    Task.objects.update(hidden_from=None)
    make_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().owner == cast.wang


def test_the_planner_is_left_as_it_was_found(cast: Cast) -> None:
    with connection.cursor() as cursor:
        names = ("enable_nestloop", "jit")
        before = [cursor.execute(f"SHOW {name}") or cursor.fetchone() for name in names]
        run_large(cursor, "SELECT 1", {})
        assert [cursor.execute(f"SHOW {name}") or cursor.fetchone() for name in names] == before


def test_a_closed_client_is_owed_nothing(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    facts.have(wu, is_closed=True)
    expire_tasks(cast.branch, NEXT_NIGHT)
    assert Task.objects.get().state == "cancelled"


def test_of_two_who_finish_a_task_one_is_counted(wu: Client, cast: Cast) -> None:
    signal(wu, "large_outflow")
    make_tasks(cast.branch, NIGHT)
    tasks = list(Task.objects.all())
    assert complete_tasks(tasks, result="客户自行办妥", by=cast.li) == 1
    assert complete_tasks(tasks, result="客户自行办妥", by=cast.wang) == 0
    assert Task.objects.get().done_by == cast.li


def test_a_task_by_hand_is_due_on_a_working_day_and_goes_to_who_serves_the_client(wu: Client, cast: Cast) -> None:
    made = add_tasks([wu], title="送对账单", due_on=date(2026, 8, 29), by=cast.zhao, today=MORNING, note="客户要求")
    assert made[0].owner_id == cast.li.pk
    assert made[0].due_at == facts.at(date(2026, 8, 31), 17)
    assert made[0].why == "客户要求"


def test_optional_tasks_are_put_off_and_mandatory_ones_are_not(wu: Client, cast: Cast) -> None:
    optional = add_tasks([wu], title="邀约", due_on=MORNING, by=cast.li, today=MORNING, kind=Kind.OPTIONAL)
    assert postpone(optional, date(2026, 8, 26), by=cast.li, today=MORNING) == 1
    must = add_tasks([wu], title="送对账单", due_on=MORNING, by=cast.li, today=MORNING)
    with pytest.raises(DomainError, match="必做任务不能顺延"):
        postpone(must, date(2026, 8, 26), by=cast.li, today=MORNING)


def test_withdrawing_a_task_needs_a_reason(wu: Client, cast: Cast) -> None:
    made = add_tasks([wu], title="送对账单", due_on=MORNING, by=cast.li, today=MORNING)
    with pytest.raises(DomainError, match="写明原因"):
        cancel(made, reason=" ", by=cast.li)
    assert cancel(made, reason="重复", by=cast.li) == 1


def test_nobody_of_another_branch_is_given_a_task(wu: Client, cast: Cast) -> None:
    made = add_tasks([wu], title="送对账单", due_on=MORNING, by=cast.zhao, today=MORNING)
    with pytest.raises(DomainError, match="本营业部"):
        hand_over(made, cast.sun, by=cast.zhao, today=MORNING)


def test_every_task_of_a_night_has_a_client_and_a_moment(wu: Client, cast: Cast) -> None:
    facts.have(wu, tier="silver", id_valid_to=date(2026, 9, 1), opened_on=date(2026, 8, 20))
    run(cast)
    made = Task.objects.filter(made_on=NIGHT)
    assert made.count() == 3 + 1  # the visit has nobody to make it but waits for somebody
    assert all(task.due_at and task.client_id for task in made)


@pytest.mark.parametrize("source", [Task.Source.PLAN, Task.Source.MANUAL])
def test_what_no_rule_made_follows_the_client_to_his_new_manager(wu: Client, cast: Cast, source: str) -> None:
    owe(wu, cast.li, source=source)
    ClientStanding.objects.filter(pk=wu.pk).update(manager=cast.wang)
    make_tasks(cast.branch, NIGHT)
    assert Task.objects.get().owner == cast.wang
