"""Questionnaires as arithmetic: what is asked, what is whole, what it scores, what may go into force."""

from __future__ import annotations

from typing import Any

import pytest

from clients.house_questionnaires import HOUSE, SATISFACTION
from clients.questionnaires import MULTI, SCALE, SINGLE, TEXT, Ask, Option, clean, flaws, mistakes, score, topic_scores

YES_NO = (Option("a", "是", 5.0), Option("b", "否", 1.0))
GRADED = (Option("a", "快", 5.0), Option("b", "中", 3.0), Option("c", "不知道"))
OVERALL = Ask(1, SINGLE, "满意吗", YES_NO, is_overall=True)
WHY = Ask(2, TEXT, "为什么", asked_if=1, asked_codes=frozenset("b"))
SPEED = Ask(3, MULTI, "快吗", GRADED, required=False, topic="speed")
STEP = Ask(4, SCALE, "推荐吗", scale_max=10, required=False, topic="other")
ASKS = (OVERALL, WHY, SPEED, STEP)


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, [1]),
        ({"1": "a"}, []),
        ({"1": "b"}, [2]),  # who is unhappy is asked why
        ({"1": "b", "2": "  "}, [2]),
        ({"1": "b", "2": "太慢"}, []),
        ({"1": "z"}, [1]),
        ({"1": ["a"]}, [1]),
        ({"1": "a", "3": "a"}, [3]),  # several choices come as a list
        ({"1": "a", "3": ["a", "x"]}, [3]),
        ({"1": "a", "4": 11}, [4]),
        ({"1": "a", "4": 0}, [4]),
        ({"1": "a", "4": "10"}, []),
        ({"1": "b", "2": "长" * 1001}, [2]),
        ({"1": "a", "2": "长" * 1001}, []),  # not put to who is content, so not looked at
    ],
)
def test_a_sheet_is_whole_or_says_where_it_is_not(answers: dict[str, Any], wrong: list[int]) -> None:
    assert sorted(mistakes(ASKS, answers)) == wrong


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"1": "a"}, 5.0),
        ({"1": "b", "2": "太慢", "3": ["a"]}, 1.0),  # the overall question decides
        ({"3": ["a", "b"]}, 4.0),  # several choices: their mean
        ({"3": ["c"]}, None),  # a choice without score counts for nothing
        ({"4": 10}, 5.0),
        ({"4": 1}, 1.0),
        ({"3": ["b"], "4": 10}, 4.0),  # without an overall answer: the mean
        ({}, None),
    ],
)
def test_a_sheet_scores_one_to_five(answers: dict[str, Any], wanted: float | None) -> None:
    assert score(ASKS, answers) == wanted


def test_answers_to_what_was_not_asked_are_left_out() -> None:
    assert clean(ASKS, {"1": "a", "2": "没问到", "9": "?", "3": []}) == {"1": "a"}


def test_topics_are_scored_apart() -> None:
    assert topic_scores(ASKS, {"1": "a", "3": ["b"], "4": 10}) == {"speed": 3.0, "other": 5.0}


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ([], "至少要有一道题"),
        ([OVERALL, Ask(1, TEXT, "又是一题")], "题号不能重复"),
        ([Ask(1, SINGLE, "一个选项", YES_NO[:1])], "至少要有两个选项"),
        ([Ask(1, SINGLE, "分太高", (Option("a", "是", 6.0), Option("b", "否")))], "1 至 5"),
        ([OVERALL, Ask(2, SINGLE, "再来", YES_NO, is_overall=True)], "只能有一题"),
        ([Ask(1, TEXT, "写", is_overall=True)], "须计分"),
        ([Ask(1, TEXT, "早", asked_if=2, asked_codes=frozenset("a")), Ask(2, SINGLE, "晚", YES_NO)], "指向前面的题"),
        ([OVERALL, WHY, Ask(3, TEXT, "再问", asked_if=2, asked_codes=frozenset("b"))], "不能指向文字题"),
        (
            [OVERALL, Ask(2, SINGLE, "二", YES_NO, asked_if=1, asked_codes=frozenset("b")),
             Ask(3, TEXT, "三", asked_if=2, asked_codes=frozenset("b"))],
            "分支只能有一层",
        ),
        ([OVERALL, Ask(2, TEXT, "二", asked_if=1, asked_codes=frozenset("z"))], "不是第 1 题的答案"),
        ([OVERALL, Ask(2, TEXT, "二", asked_if=1)], "不是第 1 题的答案"),
    ],
)  # fmt: skip
def test_a_flawed_questionnaire_says_what_is_wrong(asks: list[Ask], said: str) -> None:
    assert said in "；".join(flaws(asks))


def test_the_house_questionnaires_have_no_flaws() -> None:
    assert [flaws(asks) for _, _, asks in HOUSE] == [[], []]
    content: dict[str, Any] = {"1": "a", "3": "a", "4": "b", "5": "c", "6": "b"}
    assert mistakes(SATISFACTION, content) == {}
    assert score(SATISFACTION, content) == 5.0
