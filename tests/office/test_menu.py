"""The main menu: which entry a page belongs to."""

from __future__ import annotations

import pytest

from office.menu import menu_for
from tests.conftest import Cast


@pytest.mark.parametrize(
    ("route", "label"),
    [
        ("complaints:survey_open", "满意度调查"),
        ("complaints:yearly", "台账"),
        ("complaints:limit_edit", "分析"),
        ("tier_moves", "驾驶舱"),
    ],
)
def test_a_page_marks_the_entry_it_belongs_to(cast: Cast, route: str, label: str) -> None:
    entries = menu_for(cast.zhao, route)
    marked = [leaf.label for entry in entries for leaf in entry.children or (entry,) if leaf.is_current]
    assert marked == [label]
