"""What happens to clients that changed hands: dossier, substitute, confirmation, measures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, ClientStanding, ServiceAssignment
from clients.operations.assignments import assign_clients
from office import queries
from office.errors import DomainError
from office.models import AuditEntry, Employee
from segmentation.models import AllocationPlan, Handover, ManagerWish, PlanLine
from segmentation.operations.handover import NotTheNewManager, build_dossiers, build_recent, confirm_handover
from segmentation.operations.planning import apply_plan, appoint_interim, undo_plan
from segmentation.queries.handover import dossier, handovers, plan_measures, tab_counts
from service_logs.models import Contact
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
Browse = Callable[[str], Browser]


def today() -> date:
    return timezone.localdate()


def effective() -> date:
    return queries.calendar().next_trading(today())


def approved_plan(cast: Cast, *clients: Client) -> AllocationPlan:
    """Make an approved plan that gives `clients` of li to wang."""
    plan = AllocationPlan.objects.create(
        branch=cast.branch, plan_no="P-2608-01", kind="full", state="approved", as_of=today()
    )
    for client in clients:
        PlanLine.objects.create(
            plan=plan, client=client, from_manager=cast.li, to_manager=cast.wang, reason="low_fit", minutes=1,
            state="approved",
        )  # fmt: skip
    return plan


@pytest.fixture
def applied(cast: Cast) -> AllocationPlan:
    ClientStanding.objects.filter(client=cast.wu).update(assets_fen=12_345_600, value=40.0)
    plan = approved_plan(cast, cast.wu)
    apply_plan(plan, on=effective(), by=cast.zhao)
    return plan


def contact(client: Client, author: Employee, at: datetime, **fields: object) -> Contact:
    facts = {"result": "reached", "summary": "谈了账户", "is_qualifying": True, **fields}
    return Contact.objects.create(branch=client.branch, client=client, author=author, at=at, **facts)


def sees(user: Employee) -> set[int]:
    return set(Client.objects.visible_to(user).values_list("pk", flat=True))


def test_applying_a_plan_makes_a_dossier_with_the_figures_of_that_day(cast: Cast, applied: AllocationPlan) -> None:
    made = Handover.objects.get()
    trading = queries.calendar()
    assert (made.client, made.from_manager, made.to_manager, made.plan) == (cast.wu, cast.li, cast.wang, applied)
    assert (made.assets_fen, made.value, made.state) == (12_345_600, 40.0, "open")
    assert made.effective_on == effective()
    assert made.confirm_by == trading.add_trading(effective(), 3)
    assert AuditEntry.objects.get(action="segmentation.handovers_built").after == {"clients": 1}


def test_the_former_manager_stays_substitute_for_ten_trading_days(cast: Cast, applied: AllocationPlan) -> None:
    row = ServiceAssignment.objects.get(role="substitute")
    assert (row.client, row.employee) == (cast.wu, cast.li)
    assert row.ends_on == queries.calendar().add_trading(effective(), 10)  # the first day without him
    assert row.starts_on <= today()


def test_a_substitute_sees_the_client_he_gave_and_nobody_elses(cast: Cast, applied: AllocationPlan) -> None:
    other = make_client(cast.branch, "880100000002", manager=cast.wang)
    assert sees(cast.li) == {cast.wu.pk}
    assert sees(cast.wang) == {cast.wu.pk, other.pk}
    assert ClientStanding.objects.visible_to(cast.li).get().pk == cast.wu.pk
    assert Handover.objects.visible_to(cast.li).count() == 1


def test_a_substitute_loses_sight_on_the_day_after(cast: Cast, applied: AllocationPlan) -> None:
    ServiceAssignment.objects.filter(role="substitute").update(starts_on=today() - timedelta(5), ends_on=today())
    assert sees(cast.li) == set()
    ServiceAssignment.objects.filter(role="substitute").update(ends_on=today() + timedelta(1))
    assert sees(cast.li) == {cast.wu.pk}


def test_a_substitute_is_not_seen_through_by_his_leader(cast: Cast) -> None:
    far = make_client(cast.branch, "880100000002", manager=cast.wang)
    ServiceAssignment.objects.create(
        client=far, employee=cast.li, role="substitute", starts_on=today(), ends_on=today() + timedelta(3)
    )
    assert far.pk in sees(cast.li)
    assert far.pk not in sees(cast.chen)


def test_a_manager_whom_the_client_refused_does_not_stand_in(cast: Cast) -> None:
    ManagerWish.objects.create(client=cast.wu, employee=cast.li, kind="refuse", said_on=today())
    apply_plan(approved_plan(cast, cast.wu), on=effective(), by=cast.zhao)
    assert Handover.objects.get().substitute_until is None
    assert sees(cast.li) == set()


def test_who_has_left_does_not_stand_in(cast: Cast) -> None:
    Employee.objects.filter(pk=cast.li.pk).update(is_active=False, left_on=today())
    apply_plan(approved_plan(cast, cast.wu), on=effective(), by=cast.zhao)
    assert Handover.objects.get().from_manager == cast.li
    assert not ServiceAssignment.objects.filter(role="substitute").exists()


def test_undoing_a_plan_takes_back_dossier_and_substitute(cast: Cast, applied: AllocationPlan) -> None:
    applied.refresh_from_db()
    undo_plan(applied, on=today(), by=cast.zhao)
    assert Handover.objects.get().state == "withdrawn"
    assert not ServiceAssignment.objects.filter(role="substitute", ends_on__gt=effective()).exists()
    assert build_recent(cast.branch, effective()) == 0  # who gets his client back knows him
    assert sees(cast.wang) == set()


def test_a_change_made_elsewhere_gets_its_dossier_by_night_and_only_once(cast: Cast) -> None:
    assign_clients([(cast.wu.pk, cast.wang.pk)], on=today(), reason="客户申请更换")
    assert appoint_interim(cast.branch, today()) == {"moved": 0, "without_heir": 0}
    assert Handover.objects.get().reason == "客户申请更换"
    assert build_recent(cast.branch, today()) == 0
    assert Handover.objects.count() == 1


def test_a_first_manager_and_an_old_change_need_no_dossier(cast: Cast) -> None:
    make_client(cast.branch, "880100000002", manager=cast.wang)
    assign_clients([(cast.wu.pk, cast.wang.pk)], on=today() - timedelta(40), reason="团队调整")
    assert build_recent(cast.branch, today()) == 0


def test_a_second_change_takes_the_place_of_the_first(cast: Cast, applied: AllocationPlan) -> None:
    assign_clients([(cast.wu.pk, cast.chen.pk)], on=effective(), reason="总监指定")
    assert build_dossiers(cast.branch, effective(), by=cast.zhao) == 1
    assert set(Handover.objects.values_list("to_manager", "state")) == {
        (cast.wang.pk, "withdrawn"),
        (cast.chen.pk, "open"),
    }
    open_ones = ServiceAssignment.objects.filter(role="substitute", ends_on__gt=effective())
    assert list(open_ones.values_list("employee", flat=True)) == [cast.wang.pk]


def test_only_the_new_manager_confirms_and_only_once(cast: Cast, applied: AllocationPlan) -> None:
    made = Handover.objects.get()
    with pytest.raises(NotTheNewManager):
        confirm_handover(made, by=cast.zhao)
    confirm_handover(made, by=cast.wang)
    made.refresh_from_db()
    assert made.state == "confirmed"
    assert made.confirmed_at is not None
    assert AuditEntry.objects.get(action="segmentation.handover_confirmed").actor == cast.wang
    with pytest.raises(DomainError):
        confirm_handover(made, by=cast.wang)


def test_the_dossier_holds_what_the_former_manager_knew(cast: Cast, applied: AllocationPlan, browse: Browse) -> None:
    Client.objects.filter(pk=cast.wu.pk).update(birth_date=date(1971, 3, 9), risk_level="C3", notes="只在下午接电话")
    contact(
        cast.wu, cast.li, timezone.now(), summary="按稳健话术谈了国债", need="想了解国债逆回购", promise="下周发资料"
    )
    contact(cast.wu, cast.li, timezone.now() - timedelta(400), need="旧的需求")
    url = Handover.objects.get().get_absolute_url()
    for address in (url, f"{url}print/"):
        page = browse("wang").get(address).content.decode()
        for words in (
            "3月9日",
            "C3",
            "只在下午接电话",
            "按稳健话术谈了国债",
            "想了解国债逆回购",
            "下周发资料",
            "没有信用账户",
        ):
            assert words in page
        assert "旧的需求" not in page
    assert AuditEntry.objects.filter(action="segmentation.handover_printed").count() == 1


def test_a_kept_promise_is_no_longer_open(cast: Cast) -> None:
    contact(cast.wu, cast.li, timezone.now(), promise="已办完的事", promise_due_on=today())
    client = Client.objects.select_related("branch", "standing").get(pk=cast.wu.pk)
    assert dossier(cast.li, client, today()).promises == []


def test_the_list_shows_mine_and_the_branchs_overdue(cast: Cast, applied: AllocationPlan, browse: Browse) -> None:
    assert handovers(cast.wang, "mine", today()).count() == 1
    assert handovers(cast.li, "mine", today()).count() == 0
    Handover.objects.update(confirm_by=today() - timedelta(1))
    assert tab_counts(cast.zhao, today()) == {"mine": 0, "open": 1, "overdue": 1, "confirmed": 0, "": 1}
    page = browse("zhao").get(reverse("segmentation:handover_list"), {"tab": "overdue"}).content.decode()
    assert "吴越" in page
    assert "逾期 1 天" in page


def test_a_press_confirms_and_the_page_says_when(cast: Cast, applied: AllocationPlan, browse: Browse) -> None:
    made = Handover.objects.get()
    wang = browse("wang")
    assert "确认已阅" in wang.get(made.get_absolute_url()).content.decode()
    page = wang.post(reverse("segmentation:handover_confirm", args=[made.pk]), follow=True).content.decode()
    assert "已确认" in page
    assert "确认已阅</button>" not in page
    assert wang.post(reverse("segmentation:handover_confirm", args=[made.pk])).status_code == 409


@pytest.mark.req("ALC-05")
def test_a_plan_measures_coverage_and_value_before_and_since(cast: Cast) -> None:
    plan = approved_plan(cast, cast.wu)
    start = today() - timedelta(20)
    ClientStanding.objects.filter(client=cast.wu).update(value=40.0, assets_fen=100_000_000)
    apply_plan(plan, on=start, by=cast.zhao)
    ClientStanding.objects.filter(client=cast.wu).update(value=45.0, assets_fen=150_000_000)
    contact(cast.wu, cast.wang, timezone.now() - timedelta(2))
    contact(cast.wu, cast.wang, timezone.now() - timedelta(1))
    measured = plan_measures(AllocationPlan.objects.get(), today())
    assert measured is not None
    figures = [(row.label, row.shown_before, row.shown_after) for row in measured.comparisons[:3]]
    assert figures == [("联系覆盖（%）", 0, 100), ("平均价值", 40, 45), ("资产（万元）", 100, 150)]
    assert (measured.clients, measured.confirmed) == (1, 0)


@pytest.mark.parametrize("extra", [0, 5])
def test_the_list_costs_the_same_for_many(cast: Cast, browse: Browse, query_budget: QueryBudget, extra: int) -> None:
    more = [make_client(cast.branch, f"88010000010{n}", manager=cast.li) for n in range(extra)]
    apply_plan(approved_plan(cast, cast.wu, *more), on=effective(), by=cast.zhao)
    zhao = browse("zhao")
    with query_budget("segmentation:handover_list"):
        zhao.get(reverse("segmentation:handover_list"))
    with query_budget("segmentation:handover_detail"):
        zhao.get(Handover.objects.get(client=cast.wu).get_absolute_url())
