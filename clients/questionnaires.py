"""Questionnaires as arithmetic: what is asked, which answers are whole, what they score. No Django, no database.

Every scored question yields 1 to 5, whatever its scale; a sheet scores what its overall question says,
or the mean of its scored questions where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SINGLE, MULTI, SCALE, TEXT = "single", "multi", "scale", "text"
KINDS = (SINGLE, MULTI, SCALE, TEXT)
LOWEST, HIGHEST = 1.0, 5.0
LONGEST_TEXT = 1000
SCALES = (5, 10)  # a scale runs from 1 to one of these

Answer = str | int | list[str]
Answers = Mapping[str, Answer]


@dataclass(frozen=True)
class Option:
    """One choice of a question; `score` is 1 to 5, None if it counts for nothing."""

    code: str
    label: str
    score: float | None = None


@dataclass(frozen=True)
class Ask:
    """One question. With `asked_if` it is asked only if that earlier question was answered with one of `asked_codes`.

    `topic` says what a low answer is about; `is_overall` marks the one whose answer is the score of the sheet.
    """

    number: int
    kind: str
    text: str
    options: tuple[Option, ...] = ()
    required: bool = True
    scale_max: int = 5
    asked_if: int | None = None
    asked_codes: frozenset[str] = frozenset()
    topic: str = ""
    is_overall: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """What it can be answered with, as codes; empty for a free text."""
        if self.kind == SCALE:
            return frozenset(str(step) for step in range(1, self.scale_max + 1))
        return frozenset(option.code for option in self.options)


def is_asked(ask: Ask, answers: Answers) -> bool:
    """Whether the question is put to who gave these answers."""
    if ask.asked_if is None:
        return True
    return bool(_chosen(answers.get(str(ask.asked_if))) & ask.asked_codes)


def clean(asks: Sequence[Ask], answers: Answers) -> dict[str, Answer]:
    """Return the answers to what was asked, in order, without empty ones."""
    kept: dict[str, Answer] = {}
    for ask in asks:
        answer = answers.get(str(ask.number))
        if answer not in (None, "", []) and is_asked(ask, kept):
            kept[str(ask.number)] = answer.strip() if isinstance(answer, str) else answer
    return {number: answer for number, answer in kept.items() if answer != ""}


def mistakes(asks: Sequence[Ask], answers: Answers) -> dict[int, str]:
    """Return what is wrong with the answers, by question; nothing for a whole sheet."""
    kept = clean(asks, answers)
    found = {ask.number: _mistake(ask, kept.get(str(ask.number))) for ask in asks if is_asked(ask, kept)}
    return {number: words for number, words in found.items() if words}


def score(asks: Sequence[Ask], answers: Answers) -> float | None:
    """Return the score of a sheet, 1 to 5, None if nothing of it counts."""
    points = {ask: point for ask in asks if (point := points_of(ask, answers.get(str(ask.number)))) is not None}
    overall = next((point for ask, point in points.items() if ask.is_overall), None)
    if overall is not None:
        return overall
    return round(sum(points.values()) / len(points), 2) if points else None


def topic_scores(asks: Sequence[Ask], answers: Answers) -> dict[str, float]:
    """Return the mean score, 1 to 5, of each topic that was answered."""
    points: dict[str, list[float]] = {}
    for ask in asks:
        point = points_of(ask, answers.get(str(ask.number)))
        if ask.topic and point is not None:
            points.setdefault(ask.topic, []).append(point)
    return {topic: round(sum(each) / len(each), 2) for topic, each in points.items()}


def points_of(ask: Ask, answer: Answer | None) -> float | None:
    """Return what one answer scores, 1 to 5; of several choices their mean; None if it counts for nothing."""
    if answer is None or ask.kind == TEXT:
        return None
    if ask.kind == SCALE:
        step = int(str(answer))
        return round(LOWEST + (HIGHEST - LOWEST) * (step - 1) / (ask.scale_max - 1), 2)
    chosen = _chosen(answer)
    scores = [option.score for option in ask.options if option.code in chosen and option.score is not None]
    return round(sum(scores) / len(scores), 2) if scores else None


def flaws(asks: Sequence[Ask]) -> list[str]:
    """Return what keeps a questionnaire from being put in force, a sentence each."""
    if not asks:
        return ["至少要有一道题"]
    known = {ask.number: ask for ask in asks}
    found = [flaw for ask in asks for flaw in _flaws_of(ask, known)]
    if len(known) != len(asks):
        found.append("题号不能重复")
    if sum(ask.is_overall for ask in asks) > 1:
        found.append("总体满意度只能有一题")
    return found


def _flaws_of(ask: Ask, known: Mapping[int, Ask]) -> list[str]:
    found = []
    if ask.kind in (SINGLE, MULTI) and len(ask.options) < 2:
        found.append(f"第 {ask.number} 题至少要有两个选项")
    if any(option.score is not None and not LOWEST <= option.score <= HIGHEST for option in ask.options):
        found.append(f"第 {ask.number} 题的分值须在 1 至 5 之间")
    if ask.is_overall and (ask.kind == TEXT or ask.asked_if is not None):
        found.append(f"第 {ask.number} 题是总体满意度，须计分且人人都答")
    if ask.asked_if is not None:
        found += _branch_flaws(ask, known.get(ask.asked_if))
    return found


def _branch_flaws(ask: Ask, before: Ask | None) -> list[str]:
    """Return what is wrong with a condition: branching goes back to an earlier question and one level deep."""
    if before is None or before.number >= ask.number:
        return [f"第 {ask.number} 题的条件须指向前面的题"]
    if before.kind == TEXT:
        return [f"第 {ask.number} 题的条件不能指向文字题"]
    if before.asked_if is not None:
        return [f"第 {ask.number} 题的条件指向一道有条件的题，分支只能有一层"]
    if not ask.asked_codes or not ask.asked_codes <= before.codes:
        return [f"第 {ask.number} 题的条件不是第 {before.number} 题的答案"]
    return []


def _mistake(ask: Ask, answer: Answer | None) -> str:
    if answer is None:
        return "请回答这一题" if ask.required else ""
    if ask.kind == TEXT:
        too_long = not isinstance(answer, str) or len(answer) > LONGEST_TEXT
        return f"请写文字，不超过 {LONGEST_TEXT} 字" if too_long else ""
    if (ask.kind == MULTI) != isinstance(answer, list) or not _chosen(answer) <= ask.codes:
        return "请从所给的选项中选择"
    return ""


def _chosen(answer: Answer | None) -> frozenset[str]:
    if answer is None:
        return frozenset()
    return frozenset(map(str, answer)) if isinstance(answer, list) else frozenset([str(answer)])
