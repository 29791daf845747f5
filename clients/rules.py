"""Small facts that follow from a client's dates."""

from datetime import date, timedelta

NEWCOMER_YEARS, VETERAN_YEARS = 1, 5  # Source: domain.md §3, history class


def age_on(birth_date: date, on: date) -> int:
    """Return the age in whole years; who was born on 29 February has the birthday on 1 March of short years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def coming_days(start: date, days: int) -> list[int]:
    """Return the coming `days` as month·100 + day; 29 February counts on the 28th of a short year."""
    wanted = [start + timedelta(days=offset) for offset in range(days)]
    numbers = [day.month * 100 + day.day for day in wanted]
    return [*numbers, 229] if 228 in numbers and 229 not in numbers else numbers


def history_class(entered_on: date | None, on: date) -> str:
    """Return the market experience: new (< 1 year), experienced (1 to 5), veteran (> 5), "" if unknown (SEG-07)."""
    if entered_on is None:
        return ""
    years = (on - entered_on).days / 365.25
    if years < NEWCOMER_YEARS:
        return "new"
    return "experienced" if years <= VETERAN_YEARS else "veteran"


HISTORY_HINTS = {
    "": "",
    "new": "入市不足一年，宜以专业标准给予引导和建议",
    "experienced": "入市一至五年，关注其操作习惯的形成",
    "veteran": "入市五年以上，经验丰富，对信息质量要求高",
}


def entry_hint(entered_on: date | None, on: date) -> str:
    """Return how to serve a client of this market experience, "" if it is unknown."""
    return HISTORY_HINTS[history_class(entered_on, on)]
