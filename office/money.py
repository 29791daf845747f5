"""Money in 元 and 分: exact, rounded once, never a float."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN_PER_YUAN = 100
FEN = Decimal("0.01")


def to_yuan(value: Decimal | int | str) -> Decimal:
    """Return `value` in 元, rounded half up to the fen.

    Raises TypeError for a float (0.1 has no exact binary form) and ValueError for anything that is
    not a finite number.
    """
    if isinstance(value, float | bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is not made of {type(value).__name__}")
    try:
        yuan = Decimal(value).quantize(FEN, rounding=ROUND_HALF_UP) + 0  # + 0: no −0.00
    except InvalidOperation:
        raise ValueError(f"not an amount of money: {value!r}") from None
    if not yuan.is_finite():
        raise ValueError(f"not an amount of money: {value!r}")
    return yuan


def to_fen(yuan: Decimal | int | str) -> int:
    """Return an amount of 元 as whole 分, rounded half up. Raises as `to_yuan` does."""
    return int(to_yuan(yuan) * FEN_PER_YUAN)


def from_fen(fen: int) -> Decimal:
    """Return whole 分 as 元. Raises TypeError for anything but an int."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError(f"分 are whole numbers, not {type(fen).__name__}")
    return to_yuan(Decimal(fen) / FEN_PER_YUAN)


def split_fen(total: int, shares: Mapping[str, Decimal | int], *, rest: str) -> dict[str, int]:
    """Return `total` 分 divided in the ratio of `shares`; each part is cut to whole 分 and `rest` gets the remainder.

    The parts add up to `total`. Raises ValueError for a negative share, shares that sum to 0, or a
    `rest` that has no share.
    """
    whole = sum(shares.values(), Decimal(0))
    if rest not in shares or whole <= 0 or min(shares.values()) < 0:
        raise ValueError("shares must be positive and include the part that takes the rest")
    parts = {name: int(total * Decimal(share) / whole) for name, share in shares.items()}
    parts[rest] += total - sum(parts.values())
    return parts
