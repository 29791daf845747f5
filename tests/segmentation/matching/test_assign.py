"""The assignment is the best there is on small problems, keeps every limit, and depends on nothing but the input."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.matching import Assignment, assign

WORK = settings(max_examples=25, deadline=None)


def problem(
    seed: int, clients: int, managers: int, *, tight: float = 0.8, forbidden: float = 0.1
) -> tuple[Any, Any, Any]:
    """Return cost with some NaN, load per pair and capacity of a small random problem."""
    random = np.random.default_rng(seed)
    cost = random.integers(1, 60, (clients, managers)).astype(float)
    cost[random.random(cost.shape) < forbidden] = np.nan
    load = random.integers(1, 9, (clients, managers)).astype(float)
    capacity = np.full(managers, np.floor(tight * load.sum() / managers / managers) + 1)
    return cost, load, capacity


def best_of_all(cost: np.ndarray, load: np.ndarray, capacity: np.ndarray) -> tuple[int, float]:
    """Return the fewest pooled clients any plan has, and the least cost among those, by looking at every plan."""
    clients, managers = cost.shape
    best = (clients + 1, 0.0)
    for plan in itertools.product(range(-1, managers), repeat=clients):
        used, total, pooled = np.zeros(managers), 0.0, 0
        for client, manager in enumerate(plan):
            if manager < 0:
                pooled += 1
                continue
            used[manager] += load[client, manager]
            total += cost[client, manager]
        if not np.isnan(total) and (used <= capacity).all():
            best = min(best, (pooled, total))
    return best


def keeps(made: Assignment, cost: np.ndarray, load: np.ndarray, capacity: np.ndarray) -> bool:
    """Tell whether nobody has a forbidden manager and no manager more than he can carry."""
    served = np.flatnonzero(made.manager >= 0)
    chosen = made.manager[served]
    used = np.bincount(chosen, load[served, chosen], capacity.size)
    return bool((used <= capacity * (1 + 1e-9)).all()) and not np.isnan(cost[served, chosen]).any()


@pytest.mark.req("ALC-01")
@WORK
@given(seed=st.integers(0, 10_000), clients=st.integers(1, 6), managers=st.integers(1, 3), tight=st.floats(0.4, 1.4))
def test_a_small_plan_is_the_best_of_all_plans(seed: int, clients: int, managers: int, tight: float) -> None:
    cost, load, capacity = problem(seed, clients, managers, tight=tight)
    made = assign(cost, load, capacity)
    pooled, least = best_of_all(cost, load, capacity)
    assert keeps(made, cost, load, capacity)
    assert int((made.manager < 0).sum()) == pooled
    assert made.objective == pytest.approx(least)


@WORK
@given(seed=st.integers(0, 10_000), tight=st.floats(0.5, 1.5))
def test_the_lower_bound_is_never_above_the_best_plan(seed: int, tight: float) -> None:
    cost, load, capacity = problem(seed, 6, 3, tight=tight)
    made = assign(cost, load, capacity)
    assert made.lower_bound <= best_of_all(cost, load, capacity)[1] + 1e-6
    assert made.lower_bound <= made.objective


@pytest.mark.parametrize("seed", range(3))
def test_with_unit_loads_it_is_as_good_as_a_minimum_cost_flow(seed: int) -> None:
    random = np.random.default_rng(seed)
    cost = random.integers(0, 1_000, (400, 12)).astype(float)
    capacity = np.full(12, 36.0)
    made = assign(cost, np.ones(400), capacity)
    assert made.objective == pytest.approx(flow_cost(cost, capacity), rel=1e-4)
    assert keeps(made, cost, np.ones((400, 12)), capacity)


def flow_cost(cost: np.ndarray, capacity: np.ndarray) -> float:
    """Return the cost of the best plan with unit loads, by a minimum-cost flow."""
    from ortools.graph.python import min_cost_flow

    clients, managers = cost.shape
    flow = min_cost_flow.SimpleMinCostFlow()
    tail = np.repeat(np.arange(clients), managers)
    head = clients + np.tile(np.arange(managers), clients)
    flow.add_arcs_with_capacity_and_unit_cost(tail, head, np.ones(tail.size, dtype=int), cost.ravel().astype(int))
    sink = clients + managers
    flow.add_arcs_with_capacity_and_unit_cost(
        clients + np.arange(managers), np.full(managers, sink), capacity.astype(int), np.zeros(managers, dtype=int)
    )
    flow.set_nodes_supplies(np.arange(sink + 1), np.array([1] * clients + [0] * managers + [-clients]))
    assert flow.solve() == flow.OPTIMAL
    return float(flow.optimal_cost())


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_columns_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    cost, load = random.random((40, 5)) * 100, random.random((40, 5)) + 0.5
    capacity, current = np.full(5, 9.0), random.integers(-1, 5, 40)
    rows, columns = random.permutation(40), random.permutation(5)
    back = np.argsort(columns)
    one = assign(cost, load, capacity, current=current, move_cost=3.0, max_moves=20)
    turned = np.where(current >= 0, back[current], -1)[rows]
    other = assign(
        cost[rows][:, columns], load[rows][:, columns], capacity[columns], current=turned, move_cost=3.0, max_moves=20
    )
    assert np.array_equal(one.manager[rows], np.where(other.manager >= 0, columns[other.manager], -1))
    assert one.objective == other.objective


def test_the_same_input_gives_the_same_plan() -> None:
    cost, load, capacity = problem(7, 60, 6, tight=0.9)
    one, other = assign(cost, load, capacity), assign(cost, load, capacity)
    assert np.array_equal(one.manager, other.manager)
    assert (one.objective, one.lower_bound) == (other.objective, other.lower_bound)


def test_a_forbidden_place_is_never_taken_even_if_the_client_is_pooled() -> None:
    cost = np.array([[np.nan, np.nan], [1.0, np.nan]])
    made = assign(cost, np.ones(2), np.array([5.0, 5.0]))
    assert made.manager.tolist() == [-1, 0]
    assert made.objective == 1.0


@pytest.mark.req("ALC-09")
def test_who_exceeds_all_capacity_is_pooled_and_nobody_else() -> None:
    made = assign(np.ones((10, 2)), np.ones(10), np.array([4.0, 3.0]))
    assert int((made.manager < 0).sum()) == 3
    assert np.bincount(made.manager[made.manager >= 0]).tolist() == [4, 3]


def test_a_tight_plan_is_found_where_the_first_choice_overfills() -> None:
    made = assign(np.array([[1.0, 9.0], [1.0, 9.0], [5.0, 5.0]]), np.array([3.0, 3.0, 2.0]), np.array([5.0, 3.0]))
    assert (made.manager >= 0).all()
    assert made.objective == 15.0


@pytest.mark.parametrize("limit", [0, 1, 5, 30])
def test_no_more_than_the_allowed_clients_change_hands(limit: int) -> None:
    random = np.random.default_rng(3)
    cost, current = random.random((60, 4)) * 100, random.integers(0, 4, 60)
    made = assign(cost, np.ones(60), np.full(4, 60.0), current=current, max_moves=limit)
    assert made.moves == int((made.manager != current).sum()) <= limit
    gain = np.sort(cost[np.arange(60), current] - cost.min(axis=1))[::-1][:limit].sum()
    assert made.objective == pytest.approx(cost[np.arange(60), current].sum() - gain)


@pytest.mark.parametrize("quick", [True, False])
def test_the_one_allowed_move_is_made_where_two_would_gain_the_same(quick: bool) -> None:
    cost = np.array([[-45.0, -90.0], [-90.0, -45.0]])
    made = assign(cost, np.full(2, 8.0), np.full(2, 1200.0), current=[0, 1], max_moves=1, quick=quick)
    assert (made.objective, made.moves) == (-135.0, 1)


def test_a_quick_plan_of_a_tight_branch_is_within_a_thousandth_and_pools_no_more_than_it_must() -> None:
    random = np.random.default_rng(11)
    minutes = random.choice([0.5, 1, 6, 8, 15], 1500, p=[0.15, 0.65, 0.1, 0.04, 0.06])
    fit, room = np.clip(random.normal(55, 18, (1500, 8)), 0, 100), random.random(8) + 0.2
    for spare, pooled in ((3.0, 0), (-37.5, 3)):
        capacity = room * (minutes.sum() + spare) / room.sum()
        current = random.integers(0, 8, 1500)
        made = assign(-fit, minutes, capacity, current=current, move_cost=10.0, max_moves=1300, quick=True)
        assert int((made.manager < 0).sum()) <= pooled + 1
        assert made.objective - made.lower_bound <= 0.001 * abs(made.lower_bound)


def test_a_move_must_earn_what_it_costs() -> None:
    cost = np.array([[10.0, 4.0], [10.0, 6.0]])
    made = assign(cost, np.ones(2), np.full(2, 5.0), current=[0, 0], move_cost=5.0)
    assert made.manager.tolist() == [1, 0]
    assert (made.objective, made.moves) == (19.0, 1)


def test_a_price_of_moving_may_differ_from_client_to_client() -> None:
    cost = np.array([[10.0, 4.0], [10.0, 4.0]])
    made = assign(cost, np.ones(2), np.full(2, 5.0), current=[0, 0], move_cost=np.array([1.0, 99.0]))
    assert made.manager.tolist() == [1, 0]


def test_a_client_without_a_manager_moves_free_of_charge() -> None:
    made = assign(np.array([[3.0, 7.0]]), np.ones(1), np.ones(2), current=[-1], move_cost=50.0, max_moves=0)
    assert (made.manager.tolist(), made.objective, made.moves) == ([0], 3.0, 0)


@pytest.mark.parametrize(("clients", "managers"), [(0, 0), (0, 3), (4, 0)])
def test_nobody_to_place_or_nowhere_to_place_him(clients: int, managers: int) -> None:
    made = assign(np.ones((clients, managers)), np.ones(clients), np.ones(managers))
    assert made.manager.tolist() == [-1] * clients
    assert made.objective == made.lower_bound == 0.0


@pytest.mark.parametrize(
    ("named", "wrong"),
    [
        ("cost", {"cost": np.ones(3)}),
        ("cost", {"cost": np.full((3, 2), np.inf)}),
        ("load", {"load": np.ones(2)}),
        ("load", {"load": -np.ones(3)}),
        ("load", {"load": np.full(3, np.nan)}),
        ("capacity", {"capacity": np.ones(3)}),
        ("current", {"current": [0, 1, 2]}),
        ("current", {"current": [0, 1, -2]}),
        ("move_cost", {"move_cost": -1.0}),
        ("max_moves", {"max_moves": -1}),
        ("key", {"key": np.ones(2, dtype=int)}),
    ],
)
def test_a_wrong_argument_is_refused_by_name(named: str, wrong: dict[str, Any]) -> None:
    given_: dict[str, Any] = {"cost": np.ones((3, 2)), "load": np.ones(3), "capacity": np.ones(2), **wrong}
    with pytest.raises(ValueError, match=named):
        assign(**given_)
