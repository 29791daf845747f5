"""What must hold of any branch (nightly.md §8, tests 3, 4, 5 and 7), tried on many."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.scoring import core
from segmentation.scoring.appraisal import Appraisal, Before, Rules, Windows, appraise, estimate, raw_measures
from segmentation.scoring.normalising import Measure

LADDER = np.array([[3e5, 1e6, 3e6, 1e7]] * 2)
COMMISSIONS = np.array([[1e3, 5e3, 2e4, 6e4]] * 2)
RULES = Rules((0.40, 0.25, 0.35), "log_cap", LADDER, COMMISSIONS, 800, 850)
GIANT = 10**12

amounts = st.one_of(st.just(0), st.integers(1, 10**6), st.integers(10**6, 10**9))  # fen
client = st.tuples(amounts, amounts, amounts, st.integers(1, 400))
branches = st.lists(client, min_size=2, max_size=40)


def windows(clients: list[tuple[int, int, int, int]]) -> Windows:
    """Return windows of clients given as commission, product fees and assets in fen, and days of history."""
    columns = np.array(clients, np.int64).reshape(-1, 4)
    commission, fees, assets, history = columns.T
    count = len(columns)
    twenty = np.full(count, 20)
    return Windows(
        commission_decayed=commission * 0.6 / 100, purchase_decayed=fees * 0.7 / 100, commission_fen=commission,
        purchase_fen=fees, turnover_fen=commission * 5000, turnover_120_fen=commission * 2000,
        trade_days_20=np.minimum(commission, 20), assets_sum_fen=assets * 20, assets_days=twenty,
        assets_sum_60_fen=assets * 60, assets_days_60=twenty * 3, assets_sum_120_fen=assets * 120,
        assets_days_120=twenty * 6, last_assets_fen=assets, near_days=np.full((count, 4), 20), history=history,
        one_off=np.zeros(count, np.bool_), is_person=np.ones(count, np.bool_),
    )  # fmt: skip


def fresh(count: int) -> Before:
    """Return the state before a first run."""
    zeros, nothing, no = np.zeros(count, np.int64), np.full(count, -1), np.zeros(count, np.bool_)
    return Before(zeros, nothing, nothing, zeros, nothing, zeros, nothing, no, zeros, no)


def night(book: Windows, yardsticks: list[Measure], before: Before | None = None) -> Appraisal:
    """Return one appraisal without overrides."""
    count = len(book.history)
    state = before or fresh(count)
    return appraise(book, state, RULES, yardsticks, np.full(count, -1), is_month_end=False)


@pytest.mark.req("VAL-01", "VAL-04")
@settings(max_examples=150, deadline=None)
@given(branches, st.data())
def test_more_commission_never_lowers_value_or_rank(
    clients: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    who = data.draw(st.integers(0, len(clients) - 1))
    more = data.draw(st.integers(1, 10**9))
    book = windows(clients)
    yardsticks = estimate(raw_measures(book))
    was = night(book, yardsticks).columns
    richer = [*clients]
    richer[who] = (richer[who][0] + more, *richer[who][1:])
    now = night(windows(richer), yardsticks).columns
    assert now["value"][who] >= was["value"][who]
    assert now["rank"][who] <= was["rank"][who]


@settings(max_examples=150, deadline=None)
@given(branches)
def test_ten_times_all_yuan_leaves_values_types_and_core_group(clients: list[tuple[int, int, int, int]]) -> None:
    large = [(c * 10, f * 10, a * 10, h) for c, f, a, h in clients]
    one, ten = windows(clients), windows(large)
    was = night(one, estimate(raw_measures(one))).columns
    now = night(ten, estimate(raw_measures(ten))).columns
    assert now["value"] == pytest.approx(was["value"], abs=1e-9)
    for name in ("type_no", "is_core", "in_base_set"):
        assert now[name].tolist() == was[name].tolist()


@settings(max_examples=150, deadline=None)
@given(branches)
def test_a_giant_who_comes_mid_month_disturbs_nobody(clients: list[tuple[int, int, int, int]]) -> None:
    book = windows(clients)
    yardsticks = estimate(raw_measures(book))
    was = night(book, yardsticks).columns
    now = night(windows([*clients, (GIANT, GIANT, GIANT, 300)]), yardsticks).columns
    assert now["value"][:-1].tolist() == was["value"].tolist()
    assert now["tier_no"][:-1].tolist() == was["tier_no"].tolist()


@pytest.mark.req("VAL-07")
@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-100, 1000), min_size=1, max_size=30), st.sampled_from([500, 800, 950]))
def test_the_base_set_reaches_the_share_and_not_without_its_last_member(contribution: list[int], share: int) -> None:
    fen = np.array(contribution, np.int64)
    inside, _ = core.base_set(fen, share)
    total = int(np.maximum(fen, 0).sum())
    if total == 0:
        assert not inside.any()
        return
    brought = int(fen[inside].sum())
    assert brought * 1000 >= share * total
    assert (brought - int(fen[inside].min())) * 1000 < share * total


@settings(max_examples=60, deadline=None)
@given(branches)
def test_the_same_input_gives_the_same_output_in_any_order_of_ids(clients: list[tuple[int, int, int, int]]) -> None:
    book = windows(clients)
    yardsticks = estimate(raw_measures(book))
    first, second = night(book, yardsticks), night(replace(book), yardsticks)
    assert all((first.columns[name] == second.columns[name]).all() for name in first.columns)
    ranks = sorted(first.columns["rank"].tolist())
    assert ranks == list(range(1, len(clients) + 1))


@settings(max_examples=60, deadline=None)
@given(branches)
def test_every_value_lies_between_0_and_100_and_the_shares_add_up(clients: list[tuple[int, int, int, int]]) -> None:
    book = windows(clients)
    found = night(book, estimate(raw_measures(book)))
    value = found.columns["value"]
    assert value.min() >= 0
    assert value.max() <= 100 + 1e-9
    assert sum(found.effective_weights) == pytest.approx(1)
    if (book.commission_fen + book.purchase_fen).sum() > 0:
        assert found.columns["contribution_share"].sum() == pytest.approx(1)
