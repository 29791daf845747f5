"""A single record of the counter is a task within the minute, and the night after finds it known."""

from __future__ import annotations

from datetime import datetime

import pytest

from clients.models import Client
from office.dates import SHANGHAI, TradingCalendar
from service_logs.models import Rule, RuleSetting, Signal, Task
from service_logs.operations.signals import raise_signals
from service_logs.operations.tasks import make_tasks
from service_logs.operations.today import raise_of_today
from tests.conftest import Cast
from tests.service_logs import facts
from tests.service_logs.facts import NIGHT

NOON = datetime.combine(NIGHT, datetime.min.time(), SHANGHAI).replace(hour=13, minute=30)


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    facts.have(cast.wu, assets_fen=0)
    facts.seen(cast.wu)
    return cast.wu


def codes() -> list[str]:
    return sorted(Signal.objects.values_list("rule__code", flat=True))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("close_request", "leaving"), ("custody_transfer", "leaving"), ("cancel_designation", "leaving"),
        ("bank_out", "large_outflow"), ("bank_in", "large_inflow"), ("reactivate", "reactivation"),
    ],
)  # fmt: skip
def test_a_record_of_today_is_a_task_today(cast: Cast, wu: Client, kind: str, code: str) -> None:
    facts.event(wu, kind=kind, amount=500_000)
    assert raise_of_today(cast.branch, NOON).changed == 1
    task = Task.objects.get()
    assert (task.rule.code if task.rule else "", task.owner, task.opened_on) == (code, cast.li, NIGHT)


def test_it_is_told_once_however_often_it_is_looked_at(cast: Cast, wu: Client) -> None:
    facts.event(wu, kind="close_request")
    raise_of_today(cast.branch, NOON)
    assert raise_of_today(cast.branch, NOON).changed == 0
    assert Task.objects.count() == 1


def test_the_night_after_finds_it_known(cast: Cast, wu: Client) -> None:
    facts.event(wu, kind="bank_out", amount=500_000)
    raise_of_today(cast.branch, NOON)
    facts.stand_at(wu)
    raise_signals(cast.branch, NIGHT)
    make_tasks(cast.branch, NIGHT)
    assert codes() == ["large_outflow"]
    assert Task.objects.count() == 1


def test_who_opened_today_is_welcomed_and_visited(cast: Cast, wu: Client) -> None:
    Client.objects.filter(pk=wu.pk).update(opened_on=NIGHT)
    raise_of_today(cast.branch, NOON)
    assert codes() == ["new_account_visit", "new_account_welcome"]


def test_what_happened_yesterday_is_left_to_the_night(cast: Cast, wu: Client, calendar: TradingCalendar) -> None:
    facts.event(wu, kind="close_request", day=calendar.add_trading(NIGHT, -1))
    assert raise_of_today(cast.branch, NOON).seen == 0


def test_a_type_the_branch_switched_off_stays_silent(cast: Cast, wu: Client) -> None:
    facts.event(wu, kind="close_request")
    rule = Rule.objects.get(code="leaving")
    RuleSetting.objects.create(branch=cast.branch, rule=rule, is_active=False)
    assert raise_of_today(cast.branch, NOON).changed == 0
