"""What changes slowly, against the rule told one client and one night at a time: tiers, types, the core group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.scoring import core, tiers, value_types

ASSETS = (3e5, 1e6, 3e6, 1e7)  # silver to diamond
COMMISSION = (1e3, 5e3, 2e4, 6e4)
# Figures on both sides of each threshold and of 90 % of it.
yuan = st.sampled_from([0.0, *(line * share for line in ASSETS for share in (0.5, 0.8999, 0.9, 0.9999, 1.0, 1.5))])
fees = st.sampled_from([0.0, *(line * share for line in COMMISSION for share in (0.8999, 0.9, 0.9999, 1.0, 1.5))])


@dataclass(frozen=True)
class OneNight:
    """What one night finds of one client."""

    assets: float
    assets_60: float
    commission: float
    near: tuple[int, int, int, int]
    is_new: bool
    is_stale: bool
    is_month_end: bool
    by_hand: int


a_night = st.builds(
    OneNight,
    assets=yuan,
    assets_60=yuan,
    commission=fees,
    near=st.tuples(*[st.sampled_from([0, 14, 15, 20])] * 4).map(lambda days: tuple(sorted(days, reverse=True))),
    is_new=st.booleans(),
    is_stale=st.booleans(),
    is_month_end=st.booleans(),
    by_hand=st.sampled_from([-1, -1, -1, -1, 0, 2, 4]),
)


def tier_by_the_text(night: OneNight, held: int, months: int, was_by_hand: bool) -> tuple[int, int]:
    """Return tier and months below as nightly.md §4 says them, step by step."""
    if night.by_hand >= 0:
        return night.by_hand, 0
    if held < 0 or was_by_hand:
        met = [night.assets >= ASSETS[step] or night.commission >= COMMISSION[step] for step in range(4)]
        return max((step + 1 for step in range(4) if met[step]), default=0), 0
    reach = [held]
    for step in range(4):
        if not night.is_stale and night.assets >= ASSETS[step] and night.near[step] >= 15:
            reach.append(step + 1)
        if night.is_month_end and night.commission >= COMMISSION[step]:
            reach.append(step + 1)
    if night.is_new:
        reach = [min(step, max(held, 2)) for step in reach]  # no automatic rise above gold
    if max(reach) > held:
        return max(reach), 0
    if not night.is_month_end:
        return held, months
    line = held - 1
    is_below = held > 0 and night.assets_60 < 0.9 * ASSETS[line] and night.commission < 0.9 * COMMISSION[line]
    months = months + 1 if is_below else 0
    return (held - 1, 0) if months >= 3 else (held, months)


@pytest.mark.req("SEG-01", "SEG-06")
@settings(max_examples=300, deadline=None)
@given(st.lists(a_night, min_size=1, max_size=14))
def test_a_client_goes_up_and_down_the_ladder_as_the_text_says(nights: list[OneNight]) -> None:
    held, months, was_by_hand = tiers.NONE_BEFORE, 0, False
    for night in nights:
        found = tiers.climb(
            tiers.Night(
                np.array([night.assets]), np.array([night.assets_60]), np.array([night.commission]),
                np.array([night.near]), np.array([ASSETS]), np.array([COMMISSION]),
                np.array([night.is_new]), np.array([night.is_stale]),
            ),
            np.array([held]), np.array([months]), np.array([night.by_hand]),
            is_month_end=night.is_month_end, was_overridden=np.array([was_by_hand]),
        )  # fmt: skip
        expected = tier_by_the_text(night, held, months, was_by_hand)
        held, months, was_by_hand = int(found.tier[0]), int(found.months_below[0]), night.by_hand >= 0
        assert (held, months) == expected


@pytest.mark.req("SEG-06")
def test_a_diamond_who_empties_his_account_takes_twelve_month_ends_to_the_bottom() -> None:
    nothing = OneNight(0, 0, 0, (0, 0, 0, 0), False, False, True, -1)
    held, months, seen = tiers.DIAMOND, 0, []
    for _ in range(13):
        held, months = _after(nothing, held, months)
        seen.append(held)
    assert seen == [4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0]


def _after(night: OneNight, held: int, months: int) -> tuple[int, int]:
    found = tiers.climb(
        tiers.Night(
            np.array([night.assets]), np.array([night.assets_60]), np.array([night.commission]), np.array([night.near]),
            np.array([ASSETS]), np.array([COMMISSION]), np.array([night.is_new]), np.array([night.is_stale]),
        ),
        np.array([held]), np.array([months]), np.array([night.by_hand]),
        is_month_end=night.is_month_end, was_overridden=np.array([False]),
    )  # fmt: skip
    return int(found.tier[0]), int(found.months_below[0])


# --- Types ----------------------------------------------------------------------------------------

points = st.tuples(*[st.sampled_from([0.0, 4.9, 5.0, 30.0, 39.5, 40.0, 49.5, 50.0, 60.0])] * 3)


def type_by_the_text(p: tuple[float, float, float], held: int, rival: int, runs: int) -> tuple[int, int, int]:
    """Return type, rival and its runs as nightly.md §3.5 says them."""
    leads = value_types.UNCLASSIFIED if max(p) < 5 else p.index(max(p))
    if held in (value_types.NONE_BEFORE, value_types.UNCLASSIFIED) or leads == value_types.UNCLASSIFIED:
        return leads, -1, 0
    if p[held] == 0:
        return leads, -1, 0
    if leads == held or p[leads] - p[held] < 10:
        return held, -1, 0
    runs = runs + 1 if rival == leads else 1
    return (leads, -1, 0) if runs == 5 else (held, leads, runs)


@pytest.mark.req("VAL-03")
@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(points, st.integers(1, 5)), min_size=1, max_size=8))
def test_a_type_changes_as_the_text_says(stretches: list[tuple[tuple[float, float, float], int]]) -> None:
    held, rival, runs = value_types.NONE_BEFORE, -1, 0
    for p in [p for p, count in stretches for _ in range(count)]:
        found = value_types.settle(np.array([p]), np.array([held]), np.array([rival]), np.array([runs]))
        expected = type_by_the_text(p, held, rival, runs)
        held, rival, runs = int(found.type[0]), int(found.rival[0]), int(found.rival_runs[0])
        assert (held, rival, runs) == expected


# --- Core group -----------------------------------------------------------------------------------


def stays(nights: list[tuple[int, bool]], *, is_new: bool = False) -> list[bool]:
    """Return whether a member stays, night by night; each is what he brings of 100, and whether a month ends."""
    is_core, months, seen = True, 0, []
    for mine, is_month_end in nights:
        found = core.settle(
            np.array([100 - mine, mine]), np.array([True, is_core]), np.array([0, months]), np.array([False, is_new]),
            share_permille=800, exit_permille=850, is_month_end=is_month_end,
        )  # fmt: skip
        is_core, months = bool(found.is_core[1]), int(found.months_beyond[1])
        seen.append(is_core)
    return seen


BEYOND, BASE = 10, 30  # of 100: beyond the exit share; in the base set


@pytest.mark.req("VAL-07")
@pytest.mark.parametrize(
    ("nights", "expected"),
    [
        ([(BEYOND, True)] * 3, [True, True, False]),
        ([(BEYOND, False)] * 9, [True] * 9),  # only month-ends count
        ([(BEYOND, True)] * 2 + [(BASE, True)] + [(BEYOND, True)] * 2, [True] * 5),  # broken off at a month-end
        ([(BEYOND, True)] * 2 + [(BASE, False), (BEYOND, True)], [True, True, True, False]),  # a day between is none
        ([(BEYOND, True)] * 3 + [(BASE, False), (BEYOND, True)], [True, True, False, True, True]),  # anew from 0
    ],
)
def test_a_member_leaves_by_month_ends_alone(nights: list[tuple[int, bool]], expected: list[bool]) -> None:
    assert stays(nights) == expected


@pytest.mark.req("VAL-07")
def test_the_exit_share_itself_is_not_beyond_it() -> None:
    found = core.settle(
        np.array([80, 5, 5, 5, 5]), np.ones(5, np.bool_), np.array([0, 2, 2, 2, 2]), np.zeros(5, np.bool_),
        share_permille=800, exit_permille=850, is_month_end=True,
    )  # fmt: skip
    assert found.is_core.tolist() == [True, True, False, False, False]


def test_a_provisional_member_is_never_counted_out() -> None:
    assert stays([(BEYOND, True)] * 5, is_new=True) == [True] * 5
