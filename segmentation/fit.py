"""How well a manager fits a client, 0 to 100, with the part each reason has in it (nightly.md §5.2).

Whole branches at once: clients are rows, managers or skills are columns. The sex of a client or a
manager is no input (DNI-04).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.str_]

SKILL_SHARE, EXPERIENCE_SHARE, HISTORY_SHARE, SUGGESTION_SHARE = 0.35, 0.20, 0.20, 0.05
# Reachable hours and service place (together 0.20) have no facts in the feed yet, and most managers
# suggest nothing about most clients: the known parts are scaled up to the whole.
KNOWN_SHARE = SKILL_SHARE + EXPERIENCE_SHARE + HISTORY_SHARE
TOP_LEVEL = 5  # of a skill
NEUTRAL_SKILL = 50.0  # points where a client demands nothing in particular
SENIOR_AGE = 60  # years: from here on patience counts (ALC-04)
NEWCOMER_YEARS = 1  # since the account was opened
LARGE_TIERS = ("platinum", "diamond")
CAUTIOUS_LEVELS = ("C1-最低", "C1", "C2")

# What a client demands of a manager, by the trait that demands it: skill → weight.
DEMANDS: dict[str, dict[str, float]] = {
    "trading": {"single_stock": 1.0, "digital_tools": 0.3},  # ALC-02
    "large": {"asset_allocation": 1.0, "bonds": 0.3},  # ALC-03
    "gentle": {"patience": 1.0, "affinity": 1.0},  # ALC-04
    "product": {"fund_products": 1.0},
    "institution": {"institution": 1.5},
    "margin": {"margin": 1.0},
    "newcomer": {"new_investor": 0.7},
}
TRAIT_LABELS = {
    "trading": "交易型客户",
    "large": "大资产客户",
    "gentle": "稳健或年长客户",
    "product": "产品型客户",
    "institution": "机构客户",
    "margin": "两融客户",
    "newcomer": "新开户客户",
}


@dataclass(frozen=True)
class ClientTraits:
    """One value per client: what decides which skills he demands."""

    value_type: Strings
    grade: Strings
    tier: Strings
    risk_level: Strings
    age_years: Floats  # NaN where the birth date is unknown
    years_since_opening: Floats  # NaN where unknown
    is_institution: Bools
    has_margin: Bools


def traits(clients: ClientTraits) -> dict[str, Bools]:
    """Return for each trait of DEMANDS which clients have it."""
    with np.errstate(invalid="ignore"):
        return {
            "trading": (clients.value_type == "commission") | (clients.grade == "active"),
            "large": np.isin(clients.tier, LARGE_TIERS),
            "gentle": np.isin(clients.risk_level, CAUTIOUS_LEVELS) | (clients.age_years >= SENIOR_AGE),
            "product": clients.value_type == "product",
            "institution": clients.is_institution,
            "margin": clients.has_margin,
            "newcomer": clients.years_since_opening < NEWCOMER_YEARS,
        }


def demand(clients: ClientTraits, skills: list[str]) -> Floats:
    """Return what each client demands (clients × skills); a row of zeros demands nothing in particular."""
    wanted = np.zeros((len(clients.tier), len(skills)))
    column = {skill: index for index, skill in enumerate(skills)}
    for trait, has in traits(clients).items():
        for skill, weight in DEMANDS[trait].items():
            if skill in column:
                wanted[has, column[skill]] += weight
    return wanted


def skill_match(wanted: Floats, levels: Floats) -> Floats:
    """Return how far each manager's skills meet each demand, 0 to 100 (clients × managers).

    `levels` (managers × skills) runs from 0 to 5. A client without demands is worth NEUTRAL_SKILL
    to everybody.
    """
    total = wanted.sum(axis=1, keepdims=True)
    met = 100.0 * (wanted @ levels.T) / (TOP_LEVEL * np.where(total > 0, total, 1.0))
    return np.where(total > 0, met, NEUTRAL_SKILL)


def experience(kind_of_client: npt.NDArray[np.int64], book: Floats) -> Floats:
    """Return how used each manager is to clients of each one's kind, 0 to 100 (clients × managers).

    `kind_of_client` indexes the kinds; `book` (managers × kinds) counts present clients. The manager
    with the largest share of a kind in his book counts 100, the others in proportion.
    """
    share = book / np.maximum(book.sum(axis=1, keepdims=True), 1.0)
    best = np.maximum(share.max(axis=0, keepdims=True), 1e-12)
    return np.asarray(100.0 * (share / best).T[kind_of_client])


def history(reached: Floats, is_current: Bools) -> Floats:
    """Return what a manager and a client have behind them, 0 to 100 (clients × managers).

    Being the present manager is worth 40, each contact reached in the last 12 months 10, up to 100.
    """
    return np.asarray(np.minimum(100.0, 40.0 * is_current + 10.0 * reached))


def fit(skill: Floats, experienced: Floats, known: Floats, suggested: Floats | None = None) -> Floats:
    """Return the fit, 0 to 100, of three parts of the same shape and range, and of the manager's own suggestion.

    `suggested` is NaN where he suggested nothing; there the three parts alone make the fit.
    """
    total = SKILL_SHARE * skill + EXPERIENCE_SHARE * experienced + HISTORY_SHARE * known
    alone = total / KNOWN_SHARE
    if suggested is None:
        return np.asarray(alone)
    with_it = (total + SUGGESTION_SHARE * suggested) / (KNOWN_SHARE + SUGGESTION_SHARE)
    return np.where(np.isnan(suggested), alone, with_it)
