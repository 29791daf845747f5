"""Which manager fits which client, and that nothing but the stated facts decides it."""

import inspect

import numpy as np
import pytest

from office.models import Skill
from segmentation import fit as rules
from segmentation.fit import DEMANDS, NEUTRAL_SKILL, ClientTraits, demand, experience, fit, history, skill_match, traits

SKILLS = [str(skill) for skill in Skill.values]


def one(**changed: object) -> ClientTraits:
    facts: dict[str, object] = {
        "value_type": "unclassified",
        "grade": "ordinary",
        "tier": "general",
        "risk_level": "C3",
        "age_years": 40.0,
        "years_since_opening": 5.0,
        "is_institution": False,
        "has_margin": False,
        **changed,
    }
    return ClientTraits(**{name: np.array([value]) for name, value in facts.items()})


def levels(**skill: int) -> np.ndarray:
    row = np.zeros((1, len(SKILLS)))
    for name, level in skill.items():
        row[0, SKILLS.index(name)] = level
    return row


@pytest.mark.parametrize(
    ("client", "trait"),
    [
        pytest.param({"value_type": "commission"}, "trading", marks=pytest.mark.req("ALC-02")),
        pytest.param({"grade": "active"}, "trading", marks=pytest.mark.req("ALC-02")),
        pytest.param({"tier": "platinum"}, "large", marks=pytest.mark.req("ALC-03")),
        pytest.param({"risk_level": "C1"}, "gentle", marks=pytest.mark.req("ALC-04")),
        pytest.param({"age_years": 60.0}, "gentle", marks=pytest.mark.req("ALC-04")),
        ({"value_type": "product"}, "product"),
        ({"is_institution": True}, "institution"),
        ({"has_margin": True}, "margin"),
        ({"years_since_opening": 0.9}, "newcomer"),
    ],
)
def test_a_fact_of_the_client_makes_the_trait(client: dict[str, object], trait: str) -> None:
    assert [name for name, has in traits(one(**client)).items() if has[0]] == [trait]


def test_an_unknown_age_makes_nobody_old() -> None:
    assert not traits(one(age_years=np.nan))["gentle"][0]


@pytest.mark.parametrize("trait", sorted(DEMANDS))
def test_who_has_every_skill_a_trait_demands_matches_it_fully(trait: str) -> None:
    wanted = np.zeros((1, len(SKILLS)))
    for skill, weight in DEMANDS[trait].items():
        wanted[0, SKILLS.index(skill)] = weight
    assert skill_match(wanted, levels(**dict.fromkeys(DEMANDS[trait], 5)))[0, 0] == pytest.approx(100)
    assert skill_match(wanted, levels())[0, 0] == 0


@pytest.mark.req("ALC-02")
def test_a_trading_client_is_matched_with_the_better_analyst() -> None:
    both = np.vstack([levels(single_stock=5), levels(patience=5, affinity=5)])
    met = skill_match(demand(one(value_type="commission"), SKILLS), both)[0]
    assert met[0] > met[1]


@pytest.mark.req("ALC-04")
def test_an_older_client_is_matched_with_the_patient_manager() -> None:
    both = np.vstack([levels(single_stock=5), levels(patience=5, affinity=5)])
    met = skill_match(demand(one(age_years=72.0), SKILLS), both)[0]
    assert met[1] > met[0]


@pytest.mark.req("DNI-04")
def test_sex_is_no_input() -> None:
    source = inspect.getsource(rules)
    assert "sex" in (rules.__doc__ or "")
    assert not {"sex", "gender"} & set(ClientTraits.__dataclass_fields__)
    assert "gender" not in source


def test_a_client_without_demands_is_worth_the_same_to_all() -> None:
    met = skill_match(demand(one(), SKILLS), np.vstack([levels(margin=5), levels()]))
    assert met.tolist() == [[NEUTRAL_SKILL, NEUTRAL_SKILL]]


def test_experience_is_measured_by_the_share_of_a_book() -> None:
    book = np.array([[5.0, 5.0], [1.0, 9.0]])
    points = experience(np.array([0, 1]), book)
    assert points[0].tolist() == [100.0, pytest.approx(20.0)]
    assert points[1].tolist() == [pytest.approx(100 * 0.5 / 0.9), 100.0]


@pytest.mark.parametrize(
    ("reached", "current", "points"), [(0, False, 0), (0, True, 40), (3, True, 70), (7, True, 100), (12, False, 100)]
)
def test_history_counts_contacts_and_the_present_manager(reached: float, current: bool, points: float) -> None:
    assert history(np.array([[reached]], dtype=float), np.array([[current]]))[0, 0] == points


def test_the_fit_stays_between_0_and_100() -> None:
    full = np.full((1, 1), 100.0)
    assert fit(full, full, full)[0, 0] == pytest.approx(100)
    assert fit(full * 0, full * 0, full * 0)[0, 0] == 0
