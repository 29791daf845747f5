"""Who the clients of a branch are: what the counter's archive knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from branchcrm.demo.identities import credit_codes, identity_numbers, phone_numbers
from branchcrm.demo.names import institution_names, person_names
from branchcrm.demo.scale import NOT_YET, Bools, Days, Floats, Ints, Texts, Timeline

NEW_SHARE, LEAVING_SHARE = 0.10, 0.055  # of the clients, in the thirteen months; and in them and the quarter after
QUARTER = 60  # trading days
INSTITUTION_SHARE, PRODUCT_SHARE = 0.022, 0.003
ASSESSED_DAYS, VALID_DAYS = 740, 731  # calendar days since the last risk assessment at most; how long one holds
BUSY_YEARS = {2007: 3.0, 2009: 1.6, 2014: 1.3, 2015: 4.0, 2019: 1.4, 2020: 2.4, 2021: 2.0}  # of opening accounts
EXPIRY_OFFSETS = (60, 30, 0, -30, -60, -80)  # days to the end of an identity document on which somebody is reminded
OCCUPATIONS = ("企业职员", "个体经营", "公务员", "教师", "医生", "工程师", "自由职业", "企业主", "金融从业")
RETIRED_AGE, STUDENT_AGE = 60, 23
DEGREES = ("高中", "大专", "本科", "硕士", "博士")
REGIONS = ("滨江区", "望江街道", "临湖新城", "云溪镇", "南屏区", "北辰区", "西泠区", "青枫镇")
LEVELS = ("C1-最低", "C1", "C2", "C3", "C4", "C5")


class Style(IntEnum):
    """What brings a client to the branch."""

    TRADER = 0
    HOLDER = 1
    BUYER = 2
    IDLE = 3


STYLE_SHARES = (0.20, 0.46, 0.15, 0.19)


@dataclass
class People:
    """One value per client, in the order of the client numbers. Day indexes count the sessions of the timeline."""

    numbers: Ints
    kind: Ints  # 0 person, 1 institution, 2 product
    style: Ints
    male: Bools
    births: Days  # NaT for institutions
    opened: Days
    opened_at: Ints  # day index, −1 before the history
    left_at: Ints  # day index of the closing, NOT_YET for those who are there on the last day
    leaves_at: Ints  # the same of those too who will leave in the quarter after it, NOT_YET for those who stay
    wealth: Floats  # yuan brought in at the start
    texts: dict[str, Texts]  # column of the file → values
    dates: dict[str, Days]

    def __len__(self) -> int:
        return len(self.numbers)


def make_people(random: np.random.Generator, numbers: Ints, timeline: Timeline, sessions: Days) -> People:
    """Make the clients with these numbers; `sessions` are all days on which one could ever open an account."""
    count = len(numbers)
    drawn = random.random(count)
    kind = np.where(drawn < INSTITUTION_SHARE, 1, np.where(drawn < INSTITUTION_SHARE + PRODUCT_SHARE, 2, 0))
    style = random.choice(len(STYLE_SHARES), count, p=STYLE_SHARES)
    opened, opened_at = _openings(random, count, timeline, sessions)
    births = _births(random, opened)
    births[kind > 0] = np.datetime64("NaT")
    male = random.random(count) < 0.54
    leaves_at = _leavings(random, opened_at, timeline)
    people = People(
        numbers, kind, style, male, births, opened, opened_at,
        np.where(leaves_at < len(timeline) - 5, leaves_at, NOT_YET), leaves_at, _wealth(random, kind, style), {}, {},
    )  # fmt: skip
    _identify(random, people, timeline.last)
    _describe(random, people, timeline.last)
    _assess(random, people, timeline.last)
    return people


def _openings(random: np.random.Generator, count: int, timeline: Timeline, sessions: Days) -> tuple[Days, Ints]:
    past = sessions[sessions < timeline.sessions[0]]
    years = past.astype("datetime64[Y]").astype(np.int64) + 1970
    weights = np.array([BUSY_YEARS.get(year, 1.0) for year in years.tolist()])
    opened = random.choice(past, count, p=weights / weights.sum())
    is_new = random.random(count) < NEW_SHARE
    opened_at = np.where(is_new, random.integers(0, len(timeline), count), -1)
    return np.where(is_new, timeline.sessions[opened_at], opened), opened_at


def _births(random: np.random.Generator, opened: Days) -> Days:
    """Return dates of birth of people who were 18 to 80 when they opened their account."""
    age = np.clip(random.normal(38, 12, len(opened)), 18.1, 80)
    return np.asarray(opened - np.rint(age * 365.25).astype("timedelta64[D]"))


def _leavings(random: np.random.Generator, opened_at: Ints, timeline: Timeline) -> Ints:
    leaves = (random.random(len(opened_at)) < LEAVING_SHARE) & (opened_at < 0)
    return np.where(leaves, random.integers(10, len(timeline) + QUARTER, len(opened_at)), NOT_YET)


def _wealth(random: np.random.Generator, kind: Ints, style: Ints) -> Floats:
    """Return assets in yuan: log-normal, with a Pareto tail for one in thirty and more for institutions."""
    middle = np.log(np.array([110_000, 130_000, 160_000, 3_500]))[style]
    wealth = np.exp(random.normal(middle, np.array([1.35, 1.5, 1.4, 1.9])[style]))
    tail = random.random(len(kind)) < 1 / 30
    wealth = np.where(tail, 900_000 * (1 + random.pareto(1.25, len(kind))), wealth)
    wealth = np.where(kind > 0, wealth * 12, wealth)
    return np.asarray(np.clip(wealth, 0, 9e8))


def _identify(random: np.random.Generator, people: People, last: np.datetime64) -> None:
    count, persons = len(people), people.kind == 0
    names = person_names(random, people.male)
    names[~persons] = institution_names(random, int((~persons).sum()))
    numbers = np.full(count, "", object)
    numbers[persons] = identity_numbers(random, people.births[persons], people.male[persons])
    numbers[~persons] = credit_codes(random, int((~persons).sum()))
    people.texts |= {
        "client_name": names,
        "id_no": numbers,
        "id_type": np.where(persons, "身份证", "统一社会信用代码").astype(object),
        "phone": phone_numbers(random, count),
        "gender": np.where(persons, np.where(people.male, "M", "F"), "").astype(object),
    }
    age = (last - people.births).astype("timedelta64[D]").astype(np.int64) / 365.25
    valid_to = last + random.integers(-60, 7_300, count).astype("timedelta64[D]")
    due = np.flatnonzero(persons)[: 2 * len(EXPIRY_OFFSETS)]  # somebody for every reminder
    offsets = [offset + later for offset in EXPIRY_OFFSETS for later in (0, 1)]
    valid_to[due] = last + np.array(offsets[: len(due)], "timedelta64[D]")
    long_term = (age > 46) & ~np.isin(np.arange(count), due)
    valid_to[long_term | ~persons] = np.datetime64("NaT")
    people.dates["id_valid_to"] = valid_to


def _describe(random: np.random.Generator, people: People, last: np.datetime64) -> None:
    count, persons = len(people), people.kind == 0
    age = (last - people.births).astype("timedelta64[D]").astype(np.int64) / 365.25
    pick = {"occupation": OCCUPATIONS, "education_level": DEGREES, "region": REGIONS}
    for name, words in pick.items():
        values = random.choice(np.array(words, object), count)
        people.texts[name] = values if name == "region" else np.where(persons, values, "").astype(object)
    people.texts["occupation"][persons & (age >= RETIRED_AGE)] = "退休"
    people.texts["occupation"][persons & (age < STUDENT_AGE)] = "学生"
    mailed = random.random(count) < 0.3
    mails = np.array([f"client{number}@example.com" for number in people.numbers.tolist()], object)
    people.texts["email"] = np.where(mailed, mails, "")
    onsite = random.random(count) < 0.04
    mode = np.where(people.wealth > 3_000_000, "high_end", np.where(onsite, "onsite", "offsite"))
    people.texts["service_mode"] = mode.astype(object)
    earlier = np.where(random.random(count) < 0.2, random.integers(30, 2_000, count), 0).astype("timedelta64[D]")
    people.dates["first_market_entry_on"] = np.maximum(people.opened - earlier, np.datetime64("1991-01-02"))


def _assess(random: np.random.Generator, people: People, last: np.datetime64) -> None:
    """Give persons a risk level, newer than the opening of the account, valid for two years."""
    count, persons = len(people), people.kind == 0
    middle = np.array([4.0, 3.2, 2.4, 2.2])[people.style]
    level = np.clip(np.rint(random.normal(middle, 1.0)), 0, 5).astype(np.int64)
    people.texts["risk_level"] = np.where(persons, np.array(LEVELS, object)[level], "").astype(object)
    days_ago = np.rint(ASSESSED_DAYS * random.random(count) ** 2.2)  # most were assessed lately
    assessed = np.maximum(people.opened, last - days_ago.astype("timedelta64[D]"))
    assessed[~persons] = np.datetime64("NaT")
    people.dates["risk_eval_date"] = assessed
    people.dates["risk_valid_to"] = np.asarray(assessed + np.timedelta64(VALID_DAYS, "D"), "datetime64[D]")
