"""Numbers of identity cards (GB 11643) and of residence permits for Hong Kong, Macao and Taiwan."""

from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PROVINCES = frozenset(
    f"{number:02}"
    for number in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
)
PERMITS = frozenset({"810000", "820000", "830000"})  # residence permits: Hong Kong, Macao, Taiwan
FIRST_BIRTH = date(1880, 1, 1)  # nobody older holds a card


@dataclass(frozen=True)
class Identity:
    """A number that holds together: 18 places, upper case, and what it says."""

    number: str
    born_on: date
    is_male: bool
    is_permit: bool


def parse_identity(text: str, on: date) -> Identity:
    """Return what an identity number says; 15 places are completed to 18.

    Raises ValueError with a reason in Chinese for a wrong length, place, date of birth (after `on`
    included) or check digit.
    """
    number = "".join(text.split()).upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        number = f"{number[:6]}19{number[6:]}"
        number += _check_digit(number)
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit():
        raise ValueError("证件号码应为 18 位或 15 位")
    if number[:2] not in PROVINCES and number[:6] not in PERMITS:
        raise ValueError("证件号码的地区代码不存在")
    born_on = _birth(number[6:14], on)
    if number[17] != _check_digit(number):
        raise ValueError("证件号码的校验位不符")
    return Identity(number, born_on, int(number[16]) % 2 == 1, number[:6] in PERMITS)


def _birth(digits: str, on: date) -> date:
    try:
        born_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise ValueError("证件号码中的出生日期不存在") from None
    if not FIRST_BIRTH <= born_on <= on:
        raise ValueError("证件号码中的出生日期不合理")
    return born_on


def _check_digit(number: str) -> str:
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11]
