"""Money is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.money import from_fen, split_fen, to_fen, to_yuan


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.005", "0.01"),
        ("0.004", "0.00"),
        ("1.125", "1.13"),
        ("-0.005", "-0.01"),
        ("-0.001", "0.00"),
        ("322930000000.005", "322930000000.01"),
        (7, "7.00"),
        (Decimal("2.675"), "2.68"),
    ],
)
def test_yuan_are_rounded_half_up_to_the_fen(value: Decimal | int | str, expected: str) -> None:
    assert str(to_yuan(value)) == expected


@pytest.mark.parametrize("value", [0.1, True, None, [1]])
def test_floats_and_strangers_are_no_money(value: object) -> None:
    with pytest.raises(TypeError):
        to_yuan(value)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("value", ["", "abc", "NaN", "Infinity", "1e400"])
def test_what_is_no_finite_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_yuan(value)


@given(st.integers(-(10**17), 10**17))
def test_fen_survive_the_way_there_and_back(fen: int) -> None:
    assert to_fen(from_fen(fen)) == fen


def test_fen_are_whole() -> None:
    with pytest.raises(TypeError):
        from_fen(Decimal(1))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("total", "shares", "expected"),
    [
        (100, {"agent": 1, "branch": 2}, {"agent": 33, "branch": 67}),
        (-100, {"agent": 1, "branch": 2}, {"agent": -33, "branch": -67}),
        (1, {"agent": 1, "branch": 1}, {"agent": 0, "branch": 1}),
        (0, {"agent": 1, "branch": 2}, {"agent": 0, "branch": 0}),
        (100, {"agent": Decimal("0.35"), "branch": Decimal("0.65")}, {"agent": 35, "branch": 65}),
        (100, {"agent": 0, "branch": 1}, {"agent": 0, "branch": 100}),
    ],
)
def test_the_branch_takes_the_rest(total: int, shares: dict[str, Decimal | int], expected: dict[str, int]) -> None:
    assert split_fen(total, shares, rest="branch") == expected


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
def test_the_parts_add_up(total: int, weights: list[int]) -> None:
    parts = split_fen(total, {str(place): weight for place, weight in enumerate(weights)}, rest="0")
    assert sum(parts.values()) == total


@pytest.mark.parametrize("shares", [{}, {"agent": 1}, {"branch": 0}, {"branch": 2, "agent": -1}])
def test_shares_that_make_no_sense_are_refused(shares: dict[str, Decimal | int]) -> None:
    with pytest.raises(ValueError, match="shares"):
        split_fen(100, shares, rest="branch")
