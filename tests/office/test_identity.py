"""Identity numbers: invented ones that hold together, and ones that do not."""

from datetime import date

import pytest

from office.identity import parse_identity

ON = date(2026, 8, 24)


@pytest.mark.parametrize(
    ("text", "number", "born_on", "is_male", "is_permit"),
    [
        ("11010119900307002X", "11010119900307002X", date(1990, 3, 7), False, False),
        ("11010119900307002x", "11010119900307002X", date(1990, 3, 7), False, False),
        (" 110101 19900307 8515 ", "110101199003078515", date(1990, 3, 7), True, False),
        ("110101900307002", "11010119900307002X", date(1990, 3, 7), False, False),  # 15 places
    ],
)
def test_a_number_says_who(text: str, number: str, born_on: date, is_male: bool, is_permit: bool) -> None:
    found = parse_identity(text, ON)
    assert (found.number, found.born_on, found.is_male, found.is_permit) == (number, born_on, is_male, is_permit)


@pytest.mark.parametrize("place", ["810000", "820000", "830000"])
def test_residence_permits_count(place: str) -> None:
    body = f"{place}19900307002"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    assert parse_identity(body + check, ON).is_permit


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "18 位"),
        ("1101011990030700", "18 位"),
        ("11010119900307ABCD", "18 位"),
        ("１１０１０１１９９００３０７００２X", "18 位"),  # full-width digits
        ("990101199003070020", "地区"),
        ("811101199003070020", "地区"),
        ("110101199002300027", "不存在"),
        ("110101202703070020", "不合理"),
        ("110101187003070020", "不合理"),
        ("110101199003070021", "校验位"),
    ],
)
def test_a_wrong_number_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_identity(text, ON)
