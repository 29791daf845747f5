"""Why a task is owed, in words."""

import pytest

from service_logs.rules.wording import worded


@pytest.mark.parametrize(
    ("template", "facts", "said"),
    [
        ("转出 {amount_fen}，占资产 {part_share}", {"amount_fen": 35_000_000, "part_share": 0.2236},
         "转出 350,000.00 元，占资产 22.4%"),
        ("{valid_to_on} 到期", {"valid_to_on": "2026-09-08"}, "2026年9月8日 到期"),
        ("「{security}」占持仓 {weight_share}", {"security": "云岭精工"}, "「云岭精工」占持仓 —"),
        ("最近交易{traded_on:尚无}", {"traded_on": None}, "最近交易尚无"),
        ("最近交易{traded_on:尚无}", {"traded_on": "2026-06-30"}, "最近交易2026年6月30日"),
        ("没有占位", {}, "没有占位"),
        ("", {"x": 1}, ""),
    ],
)  # fmt: skip
def test_a_template_is_filled_with_amounts_days_and_shares(template: str, facts: dict[str, object], said: str) -> None:
    assert worded(template, facts) == said
