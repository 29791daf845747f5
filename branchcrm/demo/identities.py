"""Numbers that look like those of documents and phones and belong to nobody."""

import numpy as np

from branchcrm.demo.scale import Bools, Days, Ints, Texts
from office.identity import CHECK_DIGITS, PROVINCES, WEIGHTS

TEST_PLACE = 9999  # after the province: no county has this number
TEST_PHONES = "154"  # no operator gives out numbers that begin so
CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100, unified social credit codes
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def identity_numbers(random: np.random.Generator, births: Days, male: Bools) -> Texts:
    """Return a number with the right check digit for each person, of a county that does not exist."""
    provinces = np.array(sorted(int(code) for code in PROVINCES if code != "71"), np.int64)
    days = births.astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    order = random.integers(0, 500, len(days)) * 2 + male
    head = random.choice(provinces, len(days)) * 10_000 + TEST_PLACE
    number = ((head * 10_000 + years) * 10_000 + months * 100 + of_month) * 1_000 + order
    digits = number[:, None] // 10 ** np.arange(16, -1, -1) % 10
    check = np.array(list(CHECK_DIGITS), object)[digits @ np.array(WEIGHTS) % 11]
    return np.asarray(number.astype(str).astype(object) + check)


def credit_codes(random: np.random.Generator, count: int) -> Texts:
    """Return a unified social credit code with the right check digit for each institution."""
    places = random.integers(0, 10, (count, 17))
    places[:, 0], places[:, 1] = 9, 1
    places[:, 4:8] = 9  # no county
    check = (31 - places @ np.array(CODE_WEIGHTS) % 31) % 31
    letters = np.array(list(CODE_LETTERS), object)
    return np.array(["".join(row) for row in letters[np.column_stack([places, check])]], object)


def phone_numbers(random: np.random.Generator, count: int) -> Texts:
    """Return mobile numbers of a range that is not in use."""
    tails = random.integers(0, 10**8, count)
    return np.array([f"{TEST_PHONES}{tail:08d}" for tail in tails.tolist()], object)


def sequence(code: str, numbers: Ints, kind: str = "") -> Texts:
    """Return client (no `kind`) or account numbers: the branch, the kind, eight digits."""
    return np.array([f"{code}{kind}{number:08d}" for number in numbers.tolist()], object)
