"""Points fade, add up and are capped; bands and value at risk follow: nightly.md §7 by cases and by properties."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.scoring.appraising import Found, Terms, appraise, told
from retention.scoring.churn import bands, latest, lift, points_now, scores, value_at_risk
from retention.scoring.signals import BAND_FACTORS, BAND_LIMITS, BY_CODE, HALF_LIFE_DAYS, HOUSE_POINTS, SIGNS

HOUSE = Terms(HOUSE_POINTS, HALF_LIFE_DAYS, BAND_LIMITS, BAND_FACTORS)
SESSIONS = np.arange("2026-01-01", "2026-12-31", dtype="datetime64[D]")  # every day, so that an age is its days
AS_OF = np.datetime64("2026-08-21")
Sign = tuple[int, str, int]  # client, code, days ago


def found(signs: list[Sign], clients: int = 3, contribution: int = 1_000_00) -> Found:
    epoch = AS_OF.astype("datetime64[D]").astype(np.int64)
    return Found(
        contribution_fen=np.full(clients, contribution),
        place=np.array([client for client, _, _ in signs], np.int64),
        number=np.array([BY_CODE[code].number for _, code, _ in signs], np.int64),
        since=np.array([epoch - ago for _, _, ago in signs], np.int64),
        a=np.zeros(len(signs), np.int64),
        b=np.zeros(len(signs), np.int64),
    )


def score_of(*signs: tuple[str, int]) -> float:
    return float(appraise(found([(0, code, ago) for code, ago in signs]), HOUSE, AS_OF, SESSIONS).score[0])


@pytest.mark.req("RET-02")
def test_the_house_points_are_those_of_the_catalogue() -> None:
    points = [HOUSE_POINTS[sign.code] for sign in SIGNS]
    assert points == [60, 50, 25, 20, 12, 12, 8, 15, 20, 15, 10, 8, 8, 8, 6, 5, 6, 5, 4, 4, 4]
    assert [sign.number for sign in SIGNS] == list(range(1, len(SIGNS) + 1))


@pytest.mark.parametrize(
    ("signs", "score"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([("leaving", 0)], 60, id="a request today"),
        pytest.param([("leaving", 20)], 30, id="a request 20 trading days ago"),
        pytest.param([("leaving", 40)], 15, id="a request 40 trading days ago"),
        pytest.param([("outflow", 10)], 17.7, id="25 × 2^-½, to a tenth"),
        pytest.param([("other_broker", 0), ("manager_changed", 0)], 16, id="points add up"),
        pytest.param([("leaving", 0), ("moved_out", 0)], 100, id="110 are capped at 100"),
        pytest.param([("family", 400)], 0, id="what happened long ago counts no more"),
    ],
)
def test_points_fade_add_up_and_are_capped(signs: list[tuple[str, int]], score: float) -> None:
    assert score_of(*signs) == score


@pytest.mark.parametrize(
    ("score", "band"), [(0, 0), (29.9, 0), (30, 1), (49.9, 1), (50, 2), (69.9, 2), (70, 3), (100, 3)]
)
def test_a_limit_belongs_to_the_band_it_begins(score: float, band: int) -> None:
    assert bands(np.array([score]), BAND_LIMITS).tolist() == [band]


@pytest.mark.parametrize(
    ("contribution", "band", "risk"),
    [(1_000_00, 0, 100_00), (1_000_00, 1, 250_00), (1_000_00, 2, 500_00), (1_000_00, 3, 800_00), (-5_00, 3, 0)],
)
def test_value_at_risk_is_the_contribution_times_the_factor_of_the_band(
    contribution: int, band: int, risk: int
) -> None:
    assert value_at_risk(np.array([contribution]), np.array([band]), BAND_FACTORS).tolist() == [risk]


SIGN = st.tuples(st.integers(0, 2), st.sampled_from(list(BY_CODE)), st.integers(0, 200))


@given(signs=st.lists(SIGN, max_size=40), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_signs_does_not_matter(signs: list[Sign], seed: object) -> None:
    mixed = list(signs)
    seed.shuffle(mixed)  # type: ignore[attr-defined]  # the strategy's own generator
    one, other = (appraise(found(each), HOUSE, AS_OF, SESSIONS) for each in (signs, mixed))
    assert one.score.tolist() == other.score.tolist()
    assert one.tenths.tolist() == other.tenths.tolist()
    assert one.number.tolist() == other.number.tolist()


@given(signs=st.lists(SIGN, max_size=40), more=SIGN)
def test_a_further_sign_never_lowers_a_score_and_touches_nobody_else(signs: list[Sign], more: Sign) -> None:
    before = appraise(found(signs), HOUSE, AS_OF, SESSIONS)
    after = appraise(found([*signs, more]), HOUSE, AS_OF, SESSIONS)
    assert (after.score >= before.score).all()
    assert (after.value_at_risk_fen >= before.value_at_risk_fen).all()
    others = np.arange(3) != more[0]
    assert (after.score[others] == before.score[others]).all()
    assert after.score.max() <= 100


@given(points=st.integers(0, 100), age=st.integers(0, 300), half_life=st.integers(1, 250))
def test_points_halve_with_each_half_life_and_never_grow(points: int, age: int, half_life: int) -> None:
    full = np.array([float(points)])
    now = int(points_now(full, np.array([age]), half_life)[0])
    later = int(points_now(full, np.array([age + half_life]), half_life)[0])
    assert abs(later * 2 - now) <= 2  # tenths, rounded
    assert int(points_now(full, np.array([age + 1]), half_life)[0]) <= now <= points * 10


@given(signs=st.lists(SIGN, min_size=1, max_size=40))
def test_the_reasons_told_add_up_to_the_score(signs: list[Sign]) -> None:
    result = appraise(found(signs), HOUSE, AS_OF, SESSIONS)
    for score, text in zip(result.score.tolist(), told(result, 3).tolist(), strict=True):
        reasons = json.loads(text)
        assert min(round(sum(reason["points"] for reason in reasons), 1), 100) == score
        assert [reason["points"] for reason in reasons] == sorted((r["points"] for r in reasons), reverse=True)
        assert all(date.fromisoformat(reason["since"]) <= date(2026, 8, 21) for reason in reasons)


def test_of_one_sign_told_twice_the_latest_counts() -> None:
    rows = {
        "place": np.array([0, 0, 1, 0]),
        "number": np.array([3, 3, 3, 4]),
        "since": np.array([5, 9, 2, 7]),
        "a": np.array([1, 2, 3, 4]),
    }
    kept = latest(rows, ("place", "number"), "since")
    assert kept["a"].tolist() == [2, 4, 3]


@pytest.mark.parametrize(("left", "clients", "expected"), [(5, 10, 5.0), (1, 10, 1.0), (0, 10, 0.0), (0, 0, None)])
def test_lift_is_the_share_that_left_over_the_share_of_all(left: int, clients: int, expected: float | None) -> None:
    assert lift(left, clients, 10, 100) == expected


def test_no_lift_where_nobody_left() -> None:
    assert lift(0, 10, 0, 100) is None


def test_scores_of_no_signs_are_zero() -> None:
    assert scores(np.zeros(0, np.int64), np.zeros(0, np.int64), 2).tolist() == [0, 0]
