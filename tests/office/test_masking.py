"""Nothing personal is shown whole before the click."""

import pytest

from office.masking import mask_account, mask_identity, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812346021", "138****6021"),
        ("138 1234 6021", "138****6021"),
        ("0571-87651234", "057*****1234"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_phone(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("11010119900307002x", "1101************2X"), ("E1234", "*****"), ("", "")],
)
def test_identity(number: str, shown: str) -> None:
    assert mask_identity(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("6222021234567890", "************7890"), ("A88010001", "*****0001"), ("12", "**")]
)
def test_account(number: str, shown: str) -> None:
    assert mask_account(number) == shown
