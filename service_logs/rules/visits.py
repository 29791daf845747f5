"""Return visits as arithmetic: the five topics, what an answer means, whom a sample holds, until when (§2.5)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

MINIMUM_RATIO = 0.10  # of last year's clients; the rule of 2010 (B), the number of its successor is not known (C)
RATIO_CERTAINTY = "B"
RATIO_SOURCE = "2010 年第 11 号公告：不低于上年末客户（不含休眠、中止交易）的 10%；后续细则的比例待核 [C]"
NEW_ACCOUNT_DAYS = 30  # calendar days from the opening
RELATION_DAYS, DEPARTED_DAYS, KEY_DAYS, COMPLAINT_DAYS = 30, 30, 30, 7
LARGE_YUAN = 10_000_000
ELDERLY_FROM = 65
MOST_TRIES = 3  # calls, from which on a visit may end as not reached
KEPT_YEARS = 20
CHECK_WORKING_DAYS, MOST_CHECKED = 10, 200
EXPECTED, CONTRARY, UNCLEAR = "expected", "contrary", "unclear"
CLEAN, DEVIATING, ALARMING, DENIED = "clean", "deviating", "alarming", "denied"


@dataclass(frozen=True)
class Topic:
    """One of the five topics: what is asked, how the two answers are called, whether the second is an alarm."""

    key: str
    label: str
    question: str
    expected: str
    contrary: str
    alarms: bool = True

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The answers as choices of a field."""
        return [(EXPECTED, self.expected), (CONTRARY, self.contrary), (UNCLEAR, "说不清")]


TOPICS = (
    Topic("identity", "身份", "是您本人开立账户、资料真实吗？", "本人开立、资料真实", "不是本人或不知情"),
    Topic("changes", "账户变动", "账户有没有您不知情的变动？", "没有", "有不知情的变动"),
    Topic("private_trading", "代客操作", "有没有工作人员代您操作账户？", "没有", "有人代为操作"),
    Topic("risk", "风险揭示", "是否向您充分说明过投资风险？", "说明过", "没有说明", alarms=False),
    Topic("mandate", "全权委托", "有没有与工作人员约定全权委托？", "没有", "有约定"),
)


def alarms(answers: Mapping[str, str]) -> list[Topic]:
    """Return the topics whose answer points to private trading, full mandate or an account the client did not know."""
    return [topic for topic in TOPICS if topic.alarms and answers.get(topic.key) == CONTRARY]


def outcome(answers: Mapping[str, str], *, denies_relation: bool = False) -> str:
    """Return what a visit came to; an alarm weighs more than a denied relation, that more than a deviation."""
    if alarms(answers):
        return ALARMING
    if denies_relation:
        return DENIED
    return CLEAN if all(answers.get(topic.key) == EXPECTED for topic in TOPICS) else DEVIATING


def unanswered(answers: Mapping[str, str]) -> list[Topic]:
    """Return the topics that were not put to the client."""
    return [topic for topic in TOPICS if answers.get(topic.key) not in (EXPECTED, CONTRARY, UNCLEAR)]


def kept_until(day: date) -> date:
    """Return until when a visit of that day is kept: twenty years."""
    try:
        return day.replace(year=day.year + KEPT_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + KEPT_YEARS, day=28)


@dataclass(frozen=True)
class Member:
    """One client of the base, with what the sample is stratified by."""

    client_id: int
    tier: str
    manager_id: int | None
    is_agents: bool = False
    is_elderly: bool = False


def target(base: int, ratio: float) -> int:
    """Return how many of `base` clients are drawn, rounded up."""
    return min(base, ceil(round(base * ratio, 6)))


def draw(members: Iterable[Member], size: int, seed: int) -> list[Member]:
    """Return `size` of `members`, in proportion to tier, then to age, agents' clients and manager within it.

    The members are put in the order of their strata, shuffled within, and every n-th is taken from a
    random start: each tier gets its share to within one. The same members and seed give the same draw.
    """
    dice = random.Random(seed)
    shuffled = sorted(members, key=lambda one: one.client_id)
    dice.shuffle(shuffled)
    line = sorted(shuffled, key=lambda one: (one.tier, one.is_elderly, one.is_agents, one.manager_id or 0))
    wanted = min(max(size, 0), len(line))
    if not wanted:
        return []
    step, start = len(line) / wanted, dice.random()
    return [line[min(floor((place + start) * step), len(line) - 1)] for place in range(wanted)]


@dataclass(frozen=True)
class Stratum:
    """One part of the base: how many it holds and how many of them were drawn."""

    dimension: str
    key: str
    population: int
    drawn: int


def strata(members: Sequence[Member], drawn: Sequence[Member]) -> list[Stratum]:
    """Return the table of strata: by tier, manager, agents' clients and age."""
    held = _counts(members)
    taken = _counts(drawn)
    return [Stratum(dimension, key, count, taken.get((dimension, key), 0)) for (dimension, key), count in held.items()]


def _counts(members: Sequence[Member]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in sorted(members, key=lambda one: (one.tier, one.manager_id or 0)):
        marks = [("tier", one.tier), ("manager", str(one.manager_id or ""))]
        marks += [("agents", "yes")] if one.is_agents else []
        marks += [("elderly", "yes")] if one.is_elderly else []
        for mark in marks:
            found[mark] = found.get(mark, 0) + 1
    return found


def spread(count: int, first: date, last: date) -> list[date]:
    """Return `count` days from `first` to `last`, evenly laid, the last of them `last`."""
    span = max((last - first).days, 0)
    return [first + timedelta(days=ceil(span * (place + 1) / count)) for place in range(count)]
