"""The demonstration: the same scale makes the same branch, through the usual doors, and twice does no harm."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Sum

from branchcrm.demo import demo_logins, identities, lines
from branchcrm.demo.build import last_closed_day
from branchcrm.demo.delivery import Maker
from branchcrm.demo.scale import Scale, Timeline
from clients.models import (
    Account,
    AccountDay,
    AccountEvent,
    Client,
    ClientStanding,
    DevelopmentRelation,
    ImportBatch,
    ImportFile,
    ProductPurchase,
    ServiceAssignment,
    Trade,
)
from office.dates import TradingCalendar
from office.identity import parse_identity
from office.models import Branch, Employee, EmployeeSkill, Leave, Role
from office.rights import RoleBackend
from service_logs.models import Contact, Task

AS_OF = date(2026, 8, 21)
CLIENTS = 150
Demo = Callable[..., str]


@pytest.fixture
def demo(calendar: TradingCalendar) -> Demo:
    """Return a function that runs the command at a small size and returns what it said."""

    def run(*options: str, clients: int = CLIENTS, on: date = AS_OF) -> str:
        out = StringIO()
        call_command("demo", "--clients", str(clients), "--date", on.isoformat(), *options, stdout=out)
        return out.getvalue()

    return run


def _files(calendar: TradingCalendar, folder: Path, seed: int = 1) -> dict[str, str]:
    scale = Scale(AS_OF, 60, seed=seed)
    made = Maker(scale, Timeline.until(AS_OF, calendar), calendar.sessions, "6601", folder).make()
    return {
        f"{one.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for one in made
        for path in sorted(one.iterdir())
    }


def test_the_same_seed_and_day_make_the_same_files(calendar: TradingCalendar, tmp_path: Path) -> None:
    first, second = (_files(calendar, tmp_path / name) for name in ("first", "second"))
    assert first == second
    assert len(first) == 18
    other = _files(calendar, tmp_path / "other", seed=2)
    assert other["6601-2026-08-20/clients.csv.gz"] != first["6601-2026-08-20/clients.csv.gz"]


def test_everything_lands_and_the_totals_agree(demo: Demo) -> None:
    demo()
    batches = ImportBatch.objects.order_by("as_of")
    assert [(one.as_of, one.state, one.totals_agree) for one in batches] == [
        (AS_OF - timedelta(days=1), "done", True),
        (AS_OF, "done", True),
    ]
    assert ImportFile.objects.aggregate(refused=Sum("refused"))["refused"] == 0
    assert Client.objects.count() == CLIENTS
    told = AccountDay.objects.aggregate(turnover=Sum("turnover_fen"), commission=Sum("commission_fen"))
    traded = Trade.objects.aggregate(turnover=Sum("amount_fen"), commission=Sum("commission_fen"))
    assert told == traded


def test_the_house_holds_every_post_once_and_can_sign_in(demo: Demo) -> None:
    said = demo()
    people = list(Employee.objects.order_by("staff_no"))
    assert len(people) == 14
    assert {role for person in people for role in person.roles} == {str(role) for role in Role}
    logins = demo_logins()
    assert [login.staff_no for login in logins] == [person.staff_no for person in people]
    assert all(f"{login.staff_no}  {login.password}" in said for login in logins)
    assert RoleBackend().authenticate(None, username=logins[1].staff_no, password=logins[1].password) == people[1]
    assert not any(person.must_change_password for person in people)


def test_staff_have_what_allocation_asks_for(demo: Demo) -> None:
    demo()
    assert not EmployeeSkill.objects.filter(evidence="").exists()
    leave = Leave.objects.select_related("substitute").get()
    assert leave.starts_on <= AS_OF <= leave.ends_on
    assert leave.substitute is not None
    owners = Employee.objects.filter(standings__isnull=False).distinct()
    assert not owners.filter(capacities=None).exists()
    teams = {person.team.name for person in owners.select_related("team") if person.team}
    assert teams == {"一团队", "二团队"}


def test_clients_are_served_won_and_asked_as_in_a_real_branch(demo: Demo) -> None:
    demo()
    open_ones = ServiceAssignment.objects.filter(ends_on=None)
    assert open_ones.count() == ClientStanding.objects.exclude(manager=None).count() > CLIENTS * 0.9
    assert not DevelopmentRelation.objects.filter(entered_on=None).exists()
    states = set(Client.objects.values_list("preferences__state", flat=True)) - {None}
    assert states == {"granted", "denied", "unknown"}
    assert Contact.objects.filter(is_qualifying=True).exists()
    assert not Contact.objects.filter(at__date__gt=AS_OF).exists()
    promise = Task.objects.filter(rule__code="promise_due").order_by("due_at")[0]
    assert promise.due_at.date() > AS_OF


def test_the_last_day_holds_what_a_lively_morning_needs(demo: Demo) -> None:
    demo(clients=700)
    today = AccountEvent.objects.filter(day=AS_OF)
    kinds = {"open", "bank_in", "bank_out", "close_request", "custody_transfer", "cancel_designation", "reactivate"}
    assert set(today.values_list("kind", flat=True)) == kinds
    assert ProductPurchase.objects.filter(matures_on__range=(AS_OF, AS_OF + timedelta(days=15))).exists()
    assert Trade.objects.filter(day=AS_OF, client__opened_on__gte=AS_OF - timedelta(days=20)).exists()
    for offset in (60, 30, 0, -30, -60, -80):
        assert Client.objects.filter(id_valid_to=AS_OF + timedelta(days=offset)).exists(), offset
    assert Client.objects.filter(status=Client.Status.CLOSED).exists()
    assert Account.objects.filter(kind="credit").exists()
    assert Client.objects.filter(kind=Client.Kind.INSTITUTION).exists()


def test_a_second_run_changes_nothing(demo: Demo) -> None:
    demo()
    before = {model.__name__: model._base_manager.count() for model in apps.get_models()}
    demo()
    assert {model.__name__: model._base_manager.count() for model in apps.get_models()} == before


def test_two_demonstrations_do_not_mix(demo: Demo) -> None:
    demo()
    with pytest.raises(CommandError, match="已有其他批次"):
        demo(on=AS_OF - timedelta(days=1))
    assert ImportBatch.objects.count() == 2


def test_if_empty_leaves_a_house_that_has_a_branch_alone(demo: Demo) -> None:
    Branch.objects.create(code="8801", name="滨江营业部")
    demo("--if-empty")
    assert not Client.objects.exists()


def test_several_branches_have_staff_and_clients_of_their_own(demo: Demo, tmp_path: Path) -> None:
    demo("--branches", "2", "--folder", str(tmp_path), clients=60)
    rows = Branch.objects.order_by("code").values_list("code", flat=True)
    assert list(rows) == ["6601", "6602"]
    assert [Client.objects.filter(branch__code=code).count() for code in rows] == [60, 60]
    assert len(list(tmp_path.glob("*/manifest.json"))) == 4
    names = [set(Client.objects.filter(branch__code=code).values_list("name", flat=True)) for code in rows]
    assert names[0] != names[1]


def test_the_day_is_the_last_closed_one_and_never_beyond_the_calendar(calendar: TradingCalendar) -> None:
    assert last_closed_day(date(2026, 8, 24)) == date(2026, 8, 21)
    assert last_closed_day(date(2026, 10, 8)) == date(2026, 9, 30)
    assert last_closed_day(date(2031, 1, 1)) == date(2026, 12, 31)


def test_identity_numbers_hold_together_and_belong_to_nowhere() -> None:
    random = np.random.default_rng(1)
    births = np.array(["1950-01-31", "1988-02-29", "2001-12-01"] * 200, "datetime64[D]")
    male = random.random(len(births)) < 0.5
    numbers = identities.identity_numbers(random, births, male)
    for number, born_on, is_male in zip(numbers, births.tolist(), male.tolist(), strict=True):
        said = parse_identity(number, AS_OF)
        assert (said.born_on, said.is_male, number[2:6]) == (born_on, is_male, "9999")
    assert all(number.startswith("154") and len(number) == 11 for number in identities.phone_numbers(random, 50))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (lines.whole(np.array([0, 7, 1_234])), ["0", "7", "1234"]),
        (lines.padded(np.array([0, 7, 234]), 3), ["000", "007", "234"]),
        (lines.money(np.array([0, 5, -123_456])), ["0.00", "0.05", "-1234.56"]),
        (lines.texts(np.array(["", "欧阳修", "a"], object)), ["", "欧阳修", "a"]),
        (lines.days(np.array(["2026-08-21", "NaT", "1991-01-02"], "datetime64[D]")), ["2026-08-21", "", "1991-01-02"]),
    ],
)
def test_cells_are_written_as_people_write_them(cells: Any, expected: list[str]) -> None:
    rows = lines.csv([lines.constant("x", 3), cells]).decode().splitlines()
    assert rows == [f"x,{value}" for value in expected]
