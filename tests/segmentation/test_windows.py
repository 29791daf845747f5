"""Windows rolled day by day are those built anew, whatever came late, was corrected or closed on the way."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from clients.models import Account, AccountDay, ClientDay, ClientWindow, ImportFile
from office.dates import TradingCalendar
from office.models import Branch
from segmentation.models import TierRule, WindowState
from segmentation.operations.weights import ensure_weights
from segmentation.operations.window_scope import meet_days
from segmentation.operations.windows import roll_windows
from tests.conftest import make_branch
from tests.segmentation.branch_facts import Facts, random_branch

T = date(2026, 8, 21)
pytestmark = pytest.mark.django_db


def snapshot(branch: Branch) -> dict[int, dict[str, Any]]:
    """Return every window of the branch by client."""
    windows: list[dict[str, Any]] = list(map(dict, ClientWindow.objects.filter(branch=branch).values()))
    return {row["client_id"]: row for row in windows}


def days_of(branch: Branch) -> set[tuple[Any, ...]]:
    """Return the client days of the last two years as the windows see them."""
    rows = ClientDay.objects.filter(branch=branch, day__gte=date(2025, 9, 1), client__window__isnull=False)
    return set(rows.values_list("client_id", "day", "commission_fen", "bounded_fen", "assets_fen", "turnover_fen"))


def assert_same(rolled: dict[int, dict[str, Any]], built: dict[int, dict[str, Any]]) -> None:
    """Windows agree: whole numbers exactly, decayed sums to what a fen cut off a bound leaves behind."""
    assert rolled.keys() == built.keys()
    for client_id, row in built.items():
        decayed = {name: row.pop(name) for name in ("commission_decayed", "purchase_decayed")}
        for name, value in decayed.items():
            assert rolled[client_id].pop(name) == pytest.approx(value, abs=0.003), (client_id, name)
        assert rolled[client_id] == row


@pytest.mark.parametrize("seed", [11, 12])
def test_rolling_day_by_day_gives_what_building_anew_gives(calendar: TradingCalendar, seed: int) -> None:
    branch = make_branch()
    random_branch(branch, seed, T).deliver()
    start = calendar.add_trading(T, -7)
    assert roll_windows(branch, start).detail["way"] == "rebuilt"
    rolled = {}
    for count in range(1, 8):
        day = calendar.add_trading(start, count)
        assert roll_windows(branch, day).detail["way"] == "rolled"
        rolled[day] = snapshot(branch)
    last_days = days_of(branch)
    for day in sorted(rolled, reverse=True):
        WindowState.objects.all().delete()
        assert roll_windows(branch, day).detail["way"] == "rebuilt"
        assert_same(rolled[day], snapshot(branch))
        if day == T:
            assert days_of(branch) == last_days


def test_a_gap_of_several_days_is_rolled_through(calendar: TradingCalendar) -> None:
    branch = make_branch()
    random_branch(branch, 13, T).deliver()
    roll_windows(branch, calendar.add_trading(T, -7))
    assert roll_windows(branch, T).detail["way"] == "rolled"
    rolled = snapshot(branch)
    WindowState.objects.all().delete()
    roll_windows(branch, T)
    assert_same(rolled, snapshot(branch))


@pytest.fixture
def facts(calendar: TradingCalendar) -> Facts:
    """One busy client with 300 trading days, and a quiet one; windows at the day before T."""
    made = Facts(make_branch())
    for number in ("880100000001", "880100000002"):
        made.client(number)
    for age in range(1, 300):
        made.day("880100000001", calendar.add_trading(T, -age), assets=50_000_00, commission=10_00, turnover=100_00)
    made.day("880100000002", calendar.add_trading(T, -100), assets=1_000_00, commission=7_00)
    made.deliver()
    roll_windows(made.branch, calendar.add_trading(T, -1))
    return made


def window(facts: Facts, client_no: str = "880100000001") -> ClientWindow:
    return ClientWindow.objects.get(client__client_no=client_no)


def test_a_day_comes_and_a_day_leaves(facts: Facts) -> None:
    facts.day("880100000001", T, assets=60_000_00, commission=30_00, turnover=100_00)
    facts.deliver()
    ledger = roll_windows(facts.branch, T)
    assert (ledger.detail["way"], ledger.detail["days"], ledger.seen) == ("rolled", 1, 2)
    busy = window(facts)
    assert busy.commission_250_fen == 249 * 10_00 + 30_00
    assert busy.assets_sum_20_fen == 19 * 50_000_00 + 60_000_00
    assert (busy.assets_days_20, busy.assets_days_60, busy.trade_days_20) == (20, 60, 20)
    assert (busy.last_assets_fen, busy.last_asset_day, busy.last_trade_on) == (60_000_00, T, T)


def test_the_planner_knows_the_days_it_reads(facts: Facts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE relpages = 0), count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid"
            " WHERE inhparent IN ('clients_accountday'::regclass, 'clients_clientday'::regclass)"
            " AND pg_relation_size(oid) > 0"
        )
        unknown, months = cursor.fetchone()
        assert (unknown, months > 20) == (0, True)
        assert meet_days(cursor) == 0


def test_a_quiet_client_fades_to_exactly_nothing(facts: Facts, calendar: TradingCalendar) -> None:
    assert window(facts, "880100000002").commission_decayed == pytest.approx(7 * 2 ** (-99 / 125), abs=1e-6)
    AccountDay.objects.filter(account__client__client_no="880100000002").delete()
    gone = calendar.add_trading(T, -250)
    facts.day("880100000002", gone, assets=1_000_00, commission=7_00)
    facts.deliver()
    WindowState.objects.all().delete()
    roll_windows(facts.branch, calendar.add_trading(T, -1))
    assert window(facts, "880100000002").commission_decayed > 0
    assert roll_windows(facts.branch, T).detail["way"] == "rolled"
    assert window(facts, "880100000002").commission_decayed == 0


def test_the_same_call_again_changes_nothing(facts: Facts) -> None:
    roll_windows(facts.branch, T)
    before = snapshot(facts.branch)
    ledger = roll_windows(facts.branch, T)
    assert (ledger.changed, ledger.detail["way"]) == (0, "unchanged")
    assert snapshot(facts.branch) == before


def test_a_correction_inside_the_window_builds_it_anew(facts: Facts, calendar: TradingCalendar) -> None:
    corrected = calendar.add_trading(T, -30)
    facts.correct("880100000001", corrected, net_commission_fen=99_00)
    ledger = roll_windows(facts.branch, T)
    assert (ledger.detail["way"], ledger.detail["why"]) == ("rebuilt", "窗口内的数据有更正")
    assert window(facts).commission_250_fen == 248 * 10_00 + 99_00
    assert roll_windows(facts.branch, T).detail["way"] == "unchanged"


def test_days_that_come_late_build_it_anew(facts: Facts, calendar: TradingCalendar) -> None:
    facts.day("880100000002", calendar.add_trading(T, -50), commission=5_00)
    facts.day("880100000002", T, commission=1_00)
    facts.deliver()
    ledger = roll_windows(facts.branch, T)
    assert (ledger.detail["way"], ledger.detail["why"]) == ("rebuilt", "补报了窗口内的数据")
    assert window(facts, "880100000002").commission_250_fen == 13_00


def test_days_that_come_late_beside_others_in_one_delivery_are_seen(facts: Facts, calendar: TradingCalendar) -> None:
    late = calendar.add_trading(T, -50)
    facts.day("880100000002", late, commission=5_00)
    facts.day("880100000002", T, commission=1_00)
    batch = facts.deliver()
    whole = ImportFile.objects.get(batch=batch, kind="daily_metrics")
    ImportFile.objects.filter(pk=whole.pk).update(inserted=1)  # one file of a day each
    ImportFile.objects.create(
        batch=batch, name="daily_2.csv", kind="daily_metrics", sha256="second", state="done", inserted=1
    )
    assert roll_windows(facts.branch, T).detail["way"] == "rebuilt"
    assert window(facts, "880100000002").commission_250_fen == 13_00


def test_a_day_without_trading_counts_on_the_next_session(facts: Facts, calendar: TradingCalendar) -> None:
    saturday = date(2026, 8, 22)
    facts.day("880100000002", saturday, commission=4_00)
    facts.deliver()
    roll_windows(facts.branch, T)
    assert window(facts, "880100000002").commission_250_fen == 7_00
    roll_windows(facts.branch, calendar.next_trading(T))
    assert window(facts, "880100000002").commission_250_fen == 11_00
    assert ClientDay.objects.filter(day=date(2026, 8, 24), commission_fen=4_00).exists()


def test_a_client_without_open_account_leaves_and_a_new_one_comes(facts: Facts) -> None:
    Account.objects.filter(client__client_no="880100000002").update(closed_on=T, status="closed")
    facts.client("880100000003")
    facts.day("880100000003", T, assets=9_00)
    facts.deliver()
    ledger = roll_windows(facts.branch, T)
    assert (ledger.detail["gone"], ledger.detail["built_singly"]) == (1, 1)
    numbers = ClientWindow.objects.order_by("client__client_no").values_list("client__client_no", flat=True)
    assert list(numbers) == ["880100000001", "880100000003"]
    assert window(facts, "880100000003").first_day == T


def test_a_burst_is_reduced_to_the_clients_usual_day_when_it_is_rolled_in(facts: Facts) -> None:
    facts.day("880100000001", T, assets=1, commission=5_000_00)
    facts.deliver()
    roll_windows(facts.branch, T)
    day = ClientDay.objects.get(client__client_no="880100000001", day=T)
    # 20 times his usual 10 yuan is 200; 5 % of the branch's day of 5,000 is 250, and the larger bound holds.
    assert (day.commission_fen, day.bounded_fen) == (5_000_00, 250_00)
    assert window(facts).one_off_on == T
    assert window(facts).commission_250_fen == 249 * 10_00 + 5_000_00


def test_rows_that_sum_a_year_count_as_commission_but_not_as_a_days_turnover(facts: Facts) -> None:
    facts.day("880100000002", T, commission=50_00, turnover=9_000_00, is_period=True)
    facts.deliver()
    roll_windows(facts.branch, T)
    quiet = window(facts, "880100000002")
    assert (quiet.commission_250_fen, quiet.turnover_250_fen, quiet.turnover_120_fen) == (57_00, 9_000_00, 0)


def test_new_ladders_count_the_days_near_them_anew(facts: Facts) -> None:
    assert window(facts).days_near_silver == 0
    rules = TierRule.objects.filter(weight_set=ensure_weights(facts.branch, T), tier="silver")
    assert rules.count() == 2
    WindowState.objects.all().delete()
    rules.update(min_assets_fen=55_000_00)  # 90 % of it is 49,500
    roll_windows(facts.branch, T)
    assert window(facts).days_near_silver == 19  # T itself has no row
