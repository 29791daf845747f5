"""Sentences about a client's value say what the figures say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from segmentation import reasons
from segmentation.reasons import Step, TierFacts
from segmentation.scoring.tiers import ASSETS_UP, COMMISSION_UP, FIRST, KEPT, MONTHS_DOWN, OVERRIDE

STEPS = (Step(1, 300_000, 1_000), Step(2, 1_000_000, 5_000), Step(3, 3_000_000, 20_000), Step(4, 10_000_000, 60_000))
SILVER = TierFacts(1, 1, 1, KEPT, 450_000.0, 1_200.0, 3, 0, is_new=False, is_stale=False, steps=STEPS)
SLOWLY = "20 日中 15 日达到门槛的 90%"


@pytest.mark.parametrize(
    ("cause", "before", "opening"),
    [
        (FIRST, -1, "首次评定为银卡："),
        (KEPT, 1, "维持银卡："),
        (ASSETS_UP, 0, "资产达标，由普通升为银卡："),
        (COMMISSION_UP, 0, "月末佣金达标，由普通升为银卡："),
        (MONTHS_DOWN, 2, "连续 3 个月末低于标准的 90%，由金卡下调一级为银卡："),
        (OVERRIDE, 1, "人工定级为银卡："),
    ],
)
def test_the_rule_that_decided_the_tier_is_named(cause: int, before: int, opening: str) -> None:
    told = reasons.tier_reason(replace(SILVER, cause=cause, previous_no=before))
    assert told.startswith(opening)
    assert "20 日均资产 45.00 万元，12 个月净佣金 1,200 元" in told
    assert "银卡门槛为资产 30.00 万元 或佣金 1,000 元" in told


def test_without_a_tier_the_missing_threshold_is_named() -> None:
    poor = replace(SILVER, tier_no=0, computed_no=0, assets=10_000.0, commission=5.0)
    assert reasons.tier_reason(poor).endswith("未达到银卡的任一门槛")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"computed_no": 2, "days_near": 9}, f"今日数字已达到金卡，升级须 {SLOWLY}（现 9 日），或月末佣金达标"),
        (
            {"computed_no": 0, "months_below": 2},
            "今日数字只到普通；连续 3 个月末低于门槛的 90% 才下调一级，已有 2 个",
        ),
        ({"computed_no": 3, "is_stale": True}, "今日数字已达到白金，升级须有 10 日以上的资产数据"),
        (
            {"tier_no": 2, "computed_no": 4, "is_new": True},
            "今日数字已达到钻石，升级须满 60 个交易日，新客户不自动升到金卡以上",
        ),
        ({"cause": OVERRIDE, "computed_no": 0}, "按今日数字应为普通，人工定级期间不变"),
    ],
)
def test_what_holds_a_tier_is_said(changes: dict[str, Any], told: str) -> None:
    assert reasons.waiting(replace(SILVER, **changes)) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "升为金卡还差：20 日均资产 55.00 万元，或 12 个月净佣金 3,800 元"),
        (
            {"assets": 1_000_000.0, "days_near": 4},
            f"升为金卡：数字已达标，{SLOWLY}（现 4 日），或月末佣金达标",
        ),
        ({"tier_no": 4}, ""),
        ({"steps": ()}, ""),
    ],
)
def test_what_is_missing_for_the_next_tier_is_said(changes: dict[str, Any], told: str) -> None:
    assert reasons.next_tier(replace(SILVER, **changes)) == told


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize(
    ("type_no", "p", "margin", "told"),
    [
        (2, (79.1, 0.0, 98.9), 19.8, "资产在有此项的客户中位于第 98.9 百分位，领先佣金第 79.1 百分位 19.8 点"),
        (
            0,
            (50.0, 62.0, 10.0),
            -12.0,
            "佣金在有此项的客户中位于第 50.0 百分位，现落后购买力第 62.0 百分位 12.0 点，未满足改型条件，保留",
        ),
        (3, (1.0, 0.0, 4.9), 0.0, "三项都没有进入同行的前 95%，待激活"),
    ],
)
def test_the_leading_component_is_named(type_no: int, p: tuple[float, float, float], margin: float, told: str) -> None:
    assert reasons.type_reason(type_no, p, margin) == told


def test_a_rival_is_named_while_it_waits() -> None:
    assert reasons.type_waiting(-1, 0) == ""
    assert reasons.type_waiting(0, 3) == "佣金贡献型已连续 3 次领先 10 点以上，满 5 次后改型"


@pytest.mark.parametrize(
    ("grade", "days", "words"),
    [
        ("vip", 0, "金卡及以上"),
        ("active", 7, "近 20 日有 7 日交易"),
        ("active", 2, "12 倍"),
        ("ordinary", 1, "金卡以下"),
        ("potential", 0, "没有交易"),
    ],
)
def test_the_grade_has_a_reason(grade: str, days: int, words: str) -> None:
    assert words in reasons.grade_reason(grade, 2, days)


@pytest.mark.parametrize(
    ("is_core", "in_base", "words"),
    [
        (True, True, "在贡献前 80% 的名单内"),
        (True, False, "未连续三个月末超出 85%，保留"),
        (False, False, "不在前 80% 的名单内"),
    ],
)
def test_the_place_in_the_core_group_is_said(is_core: bool, in_base: bool, words: str) -> None:
    assert words in reasons.core_reason(is_core, in_base, 0.831, 0.80, 0.85)


@pytest.mark.parametrize(
    ("method", "raw", "s", "cap", "told"),
    [
        ("log_cap", 30_000.0, 2_500.0, 20_000.0, "100 × ln(1 + 20,000.00 ÷ 2,500.00) ÷ ln(1 + 20,000.00 ÷ 2,500.00)"),
        ("log_cap", 500.0, None, None, "本月没有客户有此项，0 分"),
        ("minmax", 500.0, 1.0, 1_000.0, "100 × 500.00 ÷ 1,000.00"),
        ("percentile", 0.0, 1.0, 1.0, "没有数值，0 分"),
    ],
)
def test_a_formula_is_written_with_its_figures(method: str, raw: float, s: float, cap: float, told: str) -> None:
    assert reasons.formula(method, raw, s, cap) == told
