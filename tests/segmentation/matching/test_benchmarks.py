"""Published benchmarks of the generalised assignment problem, and the branch's own form at its full size."""

import csv
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from segmentation.matching import assign

GAP = Path(settings.BASE_DIR).parent / "shared" / "gap"
FAMILIES = [f"gap{number}-{copy}" for number in range(1, 13) for copy in range(0, 5, 2 if number < 7 else 4)]


def known() -> dict[str, float]:
    """Return the proven optimum of every published instance."""
    with (GAP / "known.csv").open() as lines:
        return {row["instance"]: float(row["optimum"]) for row in csv.DictReader(lines)}


def read(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cost and load (jobs × agents) and capacity of a published instance."""
    numbers = np.array((GAP / "cattrysse1994" / name).read_text().split(), dtype=float)
    agents, jobs = int(numbers[0]), int(numbers[1])
    cells = agents * jobs
    cost, load = numbers[2 : 2 + cells], numbers[2 + cells : 2 + 2 * cells]
    return cost.reshape(agents, jobs).T, load.reshape(agents, jobs).T, numbers[2 + 2 * cells :]


@pytest.mark.skipif(not GAP.exists(), reason="the published benchmarks are not on this machine")
@pytest.mark.parametrize("name", FAMILIES)
def test_a_published_instance_is_solved_to_its_optimum(name: str) -> None:
    cost, load, capacity = read(name)
    made = assign(cost, load, capacity)
    assert (made.manager >= 0).all()
    assert made.objective <= known()[name] * 1.005
    assert made.lower_bound <= known()[name]


def made_up(kind: str, agents: int, jobs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an instance of the published types c, d or e (Chu and Beasley 1997; Laguna and others 1995)."""
    random = np.random.default_rng(1)
    shape = (jobs, agents)
    if kind == "c":
        load, cost = random.integers(5, 26, shape), random.integers(10, 51, shape)
    elif kind == "d":
        load = random.integers(1, 101, shape)
        cost = 111 - load + random.integers(-10, 11, shape)
    else:
        load = np.floor(1 - 10 * np.log(1 - random.random(shape)))
        cost = np.floor(1000 / load - 10 * random.random(shape))
    return cost.astype(float), load.astype(float), np.floor(0.8 * load.sum(axis=0) / agents)


@pytest.mark.parametrize(("kind", "gap"), [("c", 0.006), ("d", 0.006), ("e", 0.006)])
def test_a_large_hard_instance_stays_feasible_and_near_its_bound(kind: str, gap: float) -> None:
    cost, load, capacity = made_up(kind, 80, 1600)
    made = assign(cost, load, capacity)
    used = np.bincount(made.manager, load[np.arange(1600), made.manager], 80)
    assert (made.manager >= 0).all()
    assert (used <= capacity).all()
    assert made.objective <= made.lower_bound * (1 + gap)


def test_a_branch_of_50000_clients_is_within_a_thousandth_of_its_bound() -> None:
    random = np.random.default_rng(5)
    value = np.minimum(100, random.lognormal(2, 1, 50_000))
    fit = np.clip(random.normal(55, 18, (50_000, 20)), 0, 100)
    minutes = random.choice([0.5, 1, 6, 8, 15], 50_000, p=[0.45, 0.35, 0.12, 0.06, 0.02])
    room = random.random(20) + 0.6
    room *= minutes.sum() / room.sum() / 0.97
    made = assign(
        -fit * (1 + value[:, None] / 100), minutes, room, current=random.integers(0, 20, 50_000), move_cost=25.0
    )
    assert (made.manager >= 0).all()
    assert (np.bincount(made.manager, minutes, 20) <= room * (1 + 1e-9)).all()
    assert made.objective - made.lower_bound <= 0.001 * abs(made.lower_bound)
