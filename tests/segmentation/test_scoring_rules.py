"""Each rule of the arithmetic as a table of cases."""

from collections.abc import Sequence

import numpy as np
import pytest

from segmentation.scoring import core, measures, normalising, ranking, tiers, value_types
from segmentation.scoring.normalising import Measure


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def bools(*values: bool) -> np.ndarray:
    return np.array(values, np.bool_)


# --- Measures -------------------------------------------------------------------------------------


def test_a_fact_weighs_half_after_125_trading_days() -> None:
    assert measures.decay(ints(0, 125, 250)).tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("history", "span"), [(1, 20), (20, 20), (21, 21), (59, 59), (60, 250), (400, 250)]
)  # trading days
def test_the_scale_covers_the_days_a_client_was_there(history: int, span: int) -> None:
    expected = 250 / sum(2 ** (-age / 125) for age in range(span))
    assert measures.scale(ints(history))[0] == pytest.approx(expected)
    assert bool(measures.is_new(ints(history))[0]) == (history < 60)


@pytest.mark.parametrize(
    ("amount", "median", "days", "branch_day", "expected"),
    [
        (1000, 10, 5, 100, 200),  # 20 × his median
        (1000, 10, 5, 8000, 400),  # 5 % of the branch's day is more, so it holds
        (1000, 10, 4, 100, 1000),  # too few days to know what is usual
        (150, 10, 5, 100, 150),  # below the bound
        (-50, 10, 9, 100, -50),
    ],
)
def test_a_one_off_is_reduced_to_the_larger_bound(
    amount: float, median: float, days: int, branch_day: float, expected: float
) -> None:
    found = measures.one_off_bound(floats(amount), floats(median), ints(days), floats(branch_day))
    assert found.tolist() == [expected]


@pytest.mark.parametrize(
    ("total", "days", "last", "expected", "stale"),
    [(200, 20, 7, 10, False), (100, 10, 7, 10, False), (90, 9, 7, 7, True), (0, 0, 7, 7, True)],
)
def test_fewer_than_ten_asset_days_carry_the_last_figure(
    total: float, days: int, last: float, expected: float, stale: bool
) -> None:
    average, is_stale = measures.average_assets(floats(total), ints(days), floats(last))
    assert (average[0], is_stale[0]) == (expected, stale)


def test_negative_values_count_as_nothing_and_are_flagged() -> None:
    raw, negative = measures.not_negative(floats(-3, 0, 5))
    assert raw.tolist() == [0, 0, 5]
    assert negative.tolist() == [True, False, False]


# --- Normalising ----------------------------------------------------------------------------------


def test_the_worked_check_of_the_domain() -> None:
    raw = floats(0, 500, 1000, 4000, 20000)
    measure = normalising.estimate(raw)
    assert measure == Measure(2500, 20000)
    assert np.round(normalising.log_cap(raw, measure), 1).tolist() == [0, 8.3, 15.3, 43.5, 100]


def test_the_cap_is_the_99th_percentile_from_thirty_positives_on() -> None:
    assert normalising.estimate(np.arange(30.0)).cap == 29  # 29 positives: the largest
    assert normalising.estimate(np.arange(31.0)).cap == pytest.approx(29.71)
    assert normalising.estimate(floats(0, 0)) == Measure(0, 0)


@pytest.mark.parametrize("method", ["log_cap", "percentile", "minmax"])
def test_nothing_stays_nothing_and_the_top_is_at_most_100(method: str) -> None:
    raw = floats(0, 1, 2, 2, 50)
    points = normalising.normalise(method, raw, Measure(2, 20))
    assert points[0] == 0
    assert (np.diff(points) >= 0).all()
    assert points.max() <= 100
    assert normalising.normalise(method, floats(0, 0), Measure(0, 0)).tolist() == [0, 0]


def test_mid_ranks_count_the_positive_ones_only() -> None:
    assert normalising.mid_rank(floats(0, 1, 2, 2, 9)).tolist() == [0, 12.5, 50, 50, 87.5]


def test_effective_weights_add_to_one() -> None:
    points = np.array([[1.0, 0, 2], [3, 0, 1], [2, 5, 9]])
    found = normalising.effective_weights(points, points.sum(axis=1), (0.4, 0.25, 0.35))
    assert sum(found) == pytest.approx(1)
    assert normalising.effective_weights(np.ones((3, 3)), np.full(3, 3.0), (0.4, 0.25, 0.35)) == (0.4, 0.25, 0.35)


# --- Rank -----------------------------------------------------------------------------------------


def test_ties_of_value_go_by_contribution_and_then_by_client_number() -> None:
    ranks = ranking.rank(floats(5, 7, 7, 7), ints(0, 1, 2, 1))
    assert ranks.tolist() == [4, 2, 1, 3]
    assert ranking.percentile(ranks).tolist() == [0, 50, 75, 25]


def test_the_grid_takes_the_top_fifth_and_the_next_three_tenths() -> None:
    assert ranking.level(np.arange(1, 11)).tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]
    assert ranking.level(ints(1)).tolist() == [0]


def test_rank_correlation_looks_at_clients_known_before() -> None:
    assert ranking.rank_correlation(ints(1, 2, 3, 4), ints(1, 2, 3, 0)) == pytest.approx(1)
    assert ranking.rank_correlation(ints(1, 2, 3), ints(9, 5, 2)) == pytest.approx(-1)
    assert ranking.rank_correlation(ints(1, 2), ints(0, 1)) is None


# --- Types ----------------------------------------------------------------------------------------


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ((60, 40, 20), value_types.COMMISSION),
        ((40, 40, 40), value_types.COMMISSION),  # ties: commission, product, asset
        ((10, 40, 40), value_types.PRODUCT),
        ((0, 0, 5), value_types.ASSET),
        ((4.9, 0, 4.9), value_types.UNCLASSIFIED),
    ],
)
def test_a_client_is_typed_by_where_he_leads(p: tuple[float, float, float], expected: int) -> None:
    assert value_types.leader(np.array([p], np.float64)).tolist() == [expected]


def nights(days: Sequence[tuple[float, float, float]], start: int) -> list[int]:
    """Return the type after each of the nights."""
    state, rival, runs, seen = ints(start), ints(-1), ints(0), []
    for p in days:
        found = value_types.settle(np.array([p], np.float64), state, rival, runs)
        state, rival, runs = found.type, found.rival, found.rival_runs
        seen.append(int(state[0]))
    return seen


C, P, A, U = value_types.COMMISSION, value_types.PRODUCT, value_types.ASSET, value_types.UNCLASSIFIED


@pytest.mark.req("VAL-03")
def test_a_type_changes_after_five_runs_ten_points_ahead() -> None:
    assert nights([(50, 0, 61)] * 6, C) == [C, C, C, C, A, A]
    assert nights([(50, 0, 59)] * 9, C) == [C] * 9  # 9 points are not enough
    assert nights([(50, 0, 61)] * 4 + [(50, 0, 55)] + [(50, 0, 61)] * 4, C) == [C] * 9  # broken off
    assert nights([(50, 0, 61)] * 4 + [(50, 70, 61)] + [(50, 0, 61)] * 4, C) == [C] * 9  # another rival
    assert nights([(0, 0, 6)], C) == [A]  # nothing is left of the present one
    assert nights([(4, 1, 2)], C) == [U]
    assert nights([(6, 1, 2)], U) == [C]


def test_the_margin_says_how_far_a_type_leads_or_lags() -> None:
    found = value_types.settle(
        np.array([[50.0, 0, 61], [50, 30, 10], [1, 1, 1]]), ints(C, C, U), ints(-1, -1, -1), ints(0, 0, 0)
    )
    assert found.margin.tolist() == [-11, 20, 0]
    assert found.rival.tolist() == [A, -1, -1]


# --- Tiers ----------------------------------------------------------------------------------------

ASSETS = np.array([[3e5, 1e6, 3e6, 1e7]])
COMMISSION = np.array([[1e3, 5e3, 2e4, 6e4]])


def climb(
    held: int,
    *,
    assets: float = 0,
    near: tuple[int, int, int, int] = (0, 0, 0, 0),
    assets_60: float = 0,
    commission: float = 0,
    months: int = 0,
    month_end: bool = False,
    new: bool = False,
    stale: bool = False,
    by_hand: int = -1,
    was_by_hand: bool = False,
) -> tuple[int, int, int]:
    """Return tier, cause and months below of one client after one night."""
    night = tiers.Night(
        floats(assets),
        floats(assets_60),
        floats(commission),
        np.array([near]),
        ASSETS,
        COMMISSION,
        bools(new),
        bools(stale),
    )
    found = tiers.climb(
        night, ints(held), ints(months), ints(by_hand), is_month_end=month_end, was_overridden=bools(was_by_hand)
    )
    return int(found.tier[0]), int(found.cause[0]), int(found.months_below[0])


G, S, GO, PL, DI = range(5)


@pytest.mark.req("SEG-01", "SEG-02")
@pytest.mark.parametrize(
    ("assets", "commission", "expected"),
    [(299_999, 999, G), (300_000, 0, S), (0, 5_000, GO), (3e6, 60_000, DI), (1e7, 0, DI)],
)
def test_a_first_run_places_by_assets_or_commission(assets: float, commission: float, expected: int) -> None:
    assert climb(-1, assets=assets, commission=commission) == (expected, tiers.FIRST, 0)


def test_a_client_rises_when_average_and_fifteen_days_carry_it() -> None:
    assert climb(S, assets=1e6, near=(20, 15, 0, 0)) == (GO, tiers.ASSETS_UP, 0)
    assert climb(S, assets=1e6, near=(20, 14, 0, 0))[0] == S
    assert climb(S, assets=999_999, near=(20, 20, 0, 0))[0] == S
    assert climb(S, assets=4e6, near=(20, 20, 20, 0), stale=True)[0] == S


def test_a_deposit_of_three_days_lifts_nobody() -> None:
    # 20 × 300,000 for 3 of 20 days: the plain average of 1.16 m would make him gold.
    assert climb(S, assets=(17 * 3e5 + 3 * 6e6) / 20, near=(20, 3, 3, 0))[0] == S


def test_commission_lifts_at_month_ends_only() -> None:
    assert climb(G, commission=6_000)[0] == G
    assert climb(G, commission=6_000, month_end=True) == (GO, tiers.COMMISSION_UP, 0)


def test_a_new_client_rises_to_gold_and_no_further() -> None:
    assert climb(S, assets=2e7, near=(20, 20, 20, 20), new=True)[0] == GO
    assert climb(PL, assets=2e7, near=(20, 20, 20, 20), new=True)[0] == PL


def test_three_month_ends_below_take_one_step_down() -> None:
    poor = 8e5  # below 90 % of gold's million
    assert climb(GO, assets=poor, assets_60=poor, months=2) == (GO, tiers.KEPT, 2)
    assert climb(GO, assets=poor, assets_60=poor, month_end=True) == (GO, tiers.KEPT, 1)
    assert climb(GO, assets=poor, assets_60=poor, months=2, month_end=True) == (S, tiers.MONTHS_DOWN, 0)
    assert climb(DI, assets_60=0, months=2, month_end=True)[0] == PL
    assert climb(GO, assets_60=9e5, months=2, month_end=True) == (GO, tiers.KEPT, 0)
    assert climb(GO, assets=poor, assets_60=poor, commission=5_000, months=2, month_end=True) == (GO, tiers.KEPT, 0)
    assert climb(G, months=2, month_end=True) == (G, tiers.KEPT, 0)


def test_a_tier_set_by_hand_holds_until_it_ends() -> None:
    assert climb(G, by_hand=DI) == (DI, tiers.OVERRIDE, 0)
    assert climb(DI, assets=4e5, was_by_hand=True) == (S, tiers.FIRST, 0)


@pytest.mark.req("SEG-01", "SEG-03", "SEG-04")
@pytest.mark.parametrize(
    ("tier", "days", "turnover", "assets", "business", "expected"),
    [
        (GO, 0, 0, 1e6, False, tiers.VIP),
        (S, 5, 0, 1e4, True, tiers.ACTIVE),
        (G, 0, 120_000, 1e4, True, tiers.ACTIVE),  # 12 times his assets in six months
        (G, 4, 119_999, 1e4, True, tiers.ORDINARY),
        (S, 0, 0, 4e5, False, tiers.ORDINARY),
        (G, 0, 0, 1e4, False, tiers.POTENTIAL),
        (G, 0, 0, 0, False, tiers.POTENTIAL),
    ],
)
def test_the_grade_follows_tier_and_trading(
    tier: int, days: int, turnover: float, assets: float, business: bool, expected: int
) -> None:
    found = tiers.grade(ints(tier), ints(days), floats(turnover), floats(assets), bools(business))
    assert found.tolist() == [expected]


# --- Core group -----------------------------------------------------------------------------------


@pytest.mark.req("VAL-06", "VAL-07")
@pytest.mark.parametrize(
    ("contribution", "share", "expected"),
    [
        ([50, 30, 15, 5], 800, [True, True, False, False]),
        ([50, 29, 16, 5], 800, [True, True, True, False]),  # the one that crosses is in
        ([5, 15, 30, 50], 800, [False, False, True, True]),
        ([40, 40, 40, 0, -30], 800, [True, True, True, False, False]),
        ([40, 40, 40], 300, [True, False, False]),  # ties by client number
        ([0, -5], 800, [False, False]),
        ([], 800, []),
    ],
)
def test_the_base_set_brings_the_share_with_as_few_as_possible(
    contribution: list[int], share: int, expected: list[bool]
) -> None:
    assert core.base_set(np.array(contribution, np.int64), share)[0].tolist() == expected


def test_a_member_leaves_after_three_month_ends_beyond_the_exit_share() -> None:
    contribution, member, months = ints(85, 14, 1), bools(True, True, False), ints(0, 0, 0)
    seen = []
    for _ in range(3):
        found = core.settle(
            contribution, member, months, bools(False, False, False),
            share_permille=800, exit_permille=850, is_month_end=True,
        )  # fmt: skip
        member, months = found.is_core, found.months_beyond
        seen.append((member.tolist(), months.tolist()))
    assert [members for members, _ in seen] == [[True, True, False], [True, True, False], [True, False, False]]
    assert [count for _, count in seen] == [[0, 1, 0], [0, 2, 0], [0, 0, 0]]


def test_a_new_clients_months_do_not_count_for_leaving() -> None:
    found = core.settle(
        ints(85, 15), bools(True, True), ints(0, 2), bools(False, True),
        share_permille=800, exit_permille=850, is_month_end=True,
    )  # fmt: skip
    assert found.is_core.tolist() == [True, True]
