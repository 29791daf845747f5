"""Compliance first: what it releases becomes a manager's task, what it holds is heard of by nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client as Browser

from clients.models import Account, ClientStanding
from office.dates import SHANGHAI, TradingCalendar
from office.errors import Conflict
from office.models import AuditEntry, Role
from service_logs.errors import ForbiddenWords
from service_logs.models import Rule, Task
from service_logs.operations.contacts import log_contact
from service_logs.operations.releases import decide
from service_logs.operations.signals import raise_signals
from service_logs.operations.tasks import make_tasks
from service_logs.queries.tasks import needs_contact
from tests.conftest import Cast, make_employee
from tests.service_logs import facts
from tests.service_logs.desk import noticed
from tests.service_logs.facts import MORNING, NIGHT

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]


@pytest.fixture
def first(cast: Cast, calendar: TradingCalendar) -> Task:
    """What qian is to look at before li hears of it."""
    return noticed(cast.wu, cast.qian, "elderly_risk", facts={"age": 70})


def follow_ups(cast: Cast) -> list[Task]:
    return list(Task.objects.filter(client=cast.wu, facts__has_key="released_from"))


@pytest.mark.parametrize("code", ["five_percent", "elderly_risk"])
def test_the_two_types_belong_to_compliance_at_first(code: str, cast: Cast) -> None:
    assert Rule.objects.get(code=code).owner_role == Rule.OwnerRole.COMPLIANCE


def test_the_night_gives_an_old_client_at_risk_to_compliance_alone(cast: Cast, calendar: TradingCalendar) -> None:
    facts.have(cast.wu, birth_date=date(1950, 1, 1))
    Account.objects.create(branch=cast.branch, client=cast.wu, account_no="C1", kind="credit")
    raise_signals(cast.branch, NIGHT)
    make_tasks(cast.branch, NIGHT)
    made = Task.objects.get(client=cast.wu, rule__code="elderly_risk")
    assert made.owner == cast.qian
    for name in ("li", "chen", "zhao"):
        assert made not in Task.objects.visible_to(cast.people[name])


def test_what_is_released_becomes_a_task_of_the_manager_with_the_script_of_its_kind(first: Task, cast: Cast) -> None:
    made = decide(first, "released", note="请陪同家属到场", by=cast.qian)
    first.refresh_from_db()
    assert made is not None
    assert (first.state, first.result, made.owner, made.title) == ("done", "released", cast.li, "老年客户高风险")
    assert made.facts["script"] == "mot.elderly_risk"
    assert made.why.endswith("合规已放行：请陪同家属到场")
    assert needs_contact(made)
    assert made in Task.objects.visible_to(cast.li)
    assert first not in Task.objects.visible_to(cast.li)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2026, 8, 24, 10, tzinfo=SHANGHAI), date(2026, 8, 26)),  # two trading days from the release
        (datetime(2026, 8, 29, 10, tzinfo=SHANGHAI), date(2026, 9, 1)),  # a Saturday
        (datetime(2026, 9, 30, 18, tzinfo=SHANGHAI), date(2026, 10, 9)),  # the eve of a long holiday, after hours
    ],
)
def test_the_managers_time_runs_from_the_release(at: datetime, due: date, first: Task, cast: Cast) -> None:
    made = decide(first, "released", note="", by=cast.qian, now=at)
    assert made is not None
    assert made.due_at.astimezone(SHANGHAI) == datetime(due.year, due.month, due.day, 17, tzinfo=SHANGHAI)


def test_nothing_follows_what_is_held(first: Task, cast: Cast) -> None:
    assert decide(first, "held", note="核实中", by=cast.qian) is None
    assert follow_ups(cast) == []
    assert AuditEntry.objects.filter(action="service_logs.task_decided", reason="核实中").exists()


def test_nothing_follows_for_a_client_who_left_meanwhile(first: Task, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=cast.wu.pk).update(is_closed=True)
    first = Task.objects.select_related("client__standing", "rule", "signal").get(pk=first.pk)
    assert decide(first, "released", note="", by=cast.qian) is None


def test_a_client_without_a_manager_goes_to_the_chief(first: Task, cast: Cast) -> None:
    ClientStanding.objects.filter(pk=cast.wu.pk).update(manager=None)
    first = Task.objects.select_related("client__standing", "rule", "signal").get(pk=first.pk)
    made = decide(first, "released", note="", by=cast.qian)
    assert made is not None
    assert made.owner == cast.zhao


def test_of_two_verdicts_the_first_holds(first: Task, cast: Cast) -> None:
    decide(first, "held", note="核实中", by=cast.qian)
    with pytest.raises(Conflict):
        decide(first, "released", note="", by=cast.qian)
    assert follow_ups(cast) == []


def test_the_note_the_manager_reads_holds_no_forbidden_word(first: Task, cast: Cast) -> None:
    with pytest.raises(ForbiddenWords):
        decide(first, "released", note="告诉客户保本", by=cast.qian)


def test_a_contact_ends_nothing_that_waits_for_a_verdict(first: Task, cast: Cast) -> None:
    log_contact(cast.wu, by=cast.qian, result="reached", summary="已联系", tasks=[first], at=facts.at(MORNING, 10))
    first.refresh_from_db()
    assert first.state == "open"


def test_compliance_decides_on_the_page_and_must_say_why_it_holds(first: Task, browse: Browse, cast: Cast) -> None:
    page = f"{first.get_absolute_url()}done/"
    assert "放行或暂缓" in browse("qian").get(first.get_absolute_url()).content.decode()
    assert browse("qian").get(page).status_code == 200
    assert browse("qian").post(page, {"verdict": "held", "note": ""}).status_code == 422
    assert browse("qian").post(page, {"verdict": "done"}).status_code == 422
    answer = browse("qian").post(page, {"verdict": "released", "note": ""}, follow=True)
    assert "已放行，交给 李清" in answer.content.decode()
    assert "放行" in browse("qian").get(first.get_absolute_url()).content.decode()
    assert len(follow_ups(cast)) == 1


@pytest.mark.parametrize("name", ["li", "chen", "zhao"])
def test_nobody_else_reaches_the_first_task(name: str, first: Task, browse: Browse) -> None:
    assert browse(name).get(first.get_absolute_url()).status_code == 404
    assert browse(name).post(f"{first.get_absolute_url()}done/", {"verdict": "released"}).status_code == 404


def test_a_colleague_of_compliance_may_decide_too(first: Task, browse: Browse, cast: Cast) -> None:
    cast.people["lu"] = make_employee("1099", "陆合", cast.branch, Role.COMPLIANCE)
    answer = browse("lu").post(f"{first.get_absolute_url()}done/", {"verdict": "released", "note": ""})
    assert answer.status_code == 302
    assert len(follow_ups(cast)) == 1
